// What can be done with the customers that are chosen.
import { type ReactNode, useState } from "react";
import { customerIds, customersCsv } from "../api/client";
import { csvOf, saveBlob } from "../csv";
import { count } from "../numbers";
import { Button } from "./controls";
import { copyText } from "./copy_curl";
import type { Column } from "./customer_columns";
import { Icon } from "./icons";
import type { Selection } from "./selection";
import { say } from "./undo";

export interface BulkWork {
  selection: Selection;
  // The filters of the list, for all that fit.
  asked: Record<string, string>;
  total: number | null;
  columns: readonly Column[];
  // More to do with them; it is handed a function that reads the ids.
  more?: (ids: () => Promise<string[]>) => ReactNode;
}

export function BulkBar(work: BulkWork) {
  const { selection, asked, total, columns } = work;
  const [busy, setBusy] = useState("");
  const chosen = selection.all ? total : selection.rows.size;
  if (!selection.all && selection.rows.size === 0) return null;
  const ids = async () =>
    selection.all ? customerIds(asked) : [...selection.rows.keys()];
  const doing = (name: string, run: () => Promise<unknown>) => () => {
    setBusy(name);
    run()
      .catch((error: Error) => say({ text: error.message, tone: "bad" }))
      .finally(() => setBusy(""));
  };
  const copy = doing("copy", async () => {
    const all = await ids();
    if (await copyText(all.join("\n"))) say({ text: `${count(all.length)} ids copied.` });
  });
  const save = doing("csv", async () => saveBlob(await csvOfChosen(work), "customers-chosen.csv"));
  return (
    <div
      role="group"
      aria-label="Chosen customers"
      className="flex flex-wrap items-center gap-2 border-t border-line bg-accent-wash px-4 py-1.5"
    >
      <span role="status" className="font-medium">
        {chosen === null ? "All" : count(chosen)} chosen
      </span>
      {!selection.all && total !== null && total > selection.rows.size && (
        <Button quiet onClick={selection.chooseAll}>
          Choose all {count(total)}
        </Button>
      )}
      <span className="ml-auto flex flex-wrap gap-2">
        {work.more?.(ids)}
        <Button disabled={busy !== ""} onClick={copy}>
          {busy === "copy" ? "Copying…" : "Copy ids"}
        </Button>
        <Button disabled={busy !== "" || columns.length === 0} onClick={save}>
          <Icon name="download" />
          {busy === "csv" ? "Reading…" : "Export CSV"}
        </Button>
        <Button quiet onClick={selection.clear}>
          Clear
        </Button>
      </span>
    </div>
  );
}

async function csvOfChosen({ selection, asked, columns }: BulkWork): Promise<Blob> {
  const fields = columns.map((column) => column.field);
  if (selection.all) return customersCsv(asked, fields);
  return csvOf(
    fields,
    [...selection.rows.values()].map((row) => columns.map((column) => column.value(row))),
  );
}
