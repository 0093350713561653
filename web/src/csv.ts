// CSV of rows that this page holds, as safe for a spreadsheet as the API's (src/api/csv.cc).
const NUMBER = /^[+-]?[.\d][\d.]*(e[+-]?\d+)?$/i;

// A text that begins like a formula gets an apostrophe before it, unless it is a plain number.
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const begun = value.replace(/^[ \t]+/, "");
  const formula =
    value.startsWith("\t") ||
    /^[\r\n\uff1d\uff0b\uff0d\uff20]/.test(begun) ||
    (/^[=+\-@]/.test(begun) && !NUMBER.test(begun));
  const plain = value !== "" && !formula && !/[,;\t"\r\n]/.test(value) && value.trim() === value;
  return plain ? value : `"${formula ? "'" : ""}${value.replaceAll('"', '""')}"`;
}

export function csvOf(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): Blob {
  const lines = [head, ...rows].map((row) => `${row.map(csvCell).join()}\r\n`);
  return new Blob(lines, { type: "text/csv" });
}

export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
