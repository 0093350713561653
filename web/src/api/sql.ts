// SQL over the lake: queries, files of their answers, and queries that people keep.
import { writeFields } from "./access";
import { Problem } from "./client";

export type Value = string | number | boolean | null;
export interface SqlColumn {
  name: string;
  type: string;
}
export interface SqlResult {
  columns: SqlColumn[];
  rows: Value[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
  as_of: string;
}
export interface SqlTable {
  name: string;
  columns: SqlColumn[];
}
export interface SavedQuery {
  id: string;
  name: string;
  query: string;
  changed: string;
}

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  let answer;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "Tideline does not answer.", null);
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  const detail = problem.detail ?? `answered ${answer.status}`;
  throw new Problem(
    answer.status,
    problem.code ?? "unknown",
    detail,
    answer.headers.get("X-Request-Id"),
  );
}

const json = (body: object, method = "POST"): RequestInit => ({
  method,
  headers: { "Content-Type": "application/json", ...writeFields() },
  body: JSON.stringify(body),
});

export const sql = {
  run: async (query: string, id: string, signal: AbortSignal) =>
    (await (
      await call("/api/v1/sql", { ...json({ query, id, limit: 50_000 }), signal })
    ).json()) as SqlResult,
  // Ends it in the server too; that nothing runs any more is no trouble.
  cancel: (id: string) =>
    call(`/api/v1/sql/${encodeURIComponent(id)}`, {
      method: "DELETE",
      headers: writeFields(),
    }).catch(() => null),
  file: async (query: string, format: "csv" | "parquet") =>
    (await call("/api/v1/sql", json({ query, format }))).blob(),
  tables: async (signal?: AbortSignal) =>
    ((await (await call("/api/v1/sql/tables", { signal })).json()) as { data: SqlTable[] }).data,
  queries: async (signal?: AbortSignal) =>
    ((await (await call("/api/v1/queries", { signal })).json()) as { data: SavedQuery[] }).data,
  save: async (name: string, query: string) =>
    (await (await call("/api/v1/queries", json({ name, query }))).json()) as SavedQuery,
  remove: (id: string) =>
    call(`/api/v1/queries/${encodeURIComponent(id)}`, {
      method: "DELETE",
      headers: writeFields(),
    }).then(() => undefined),
};

// Where DuckDB found the error: "... (line 1, column 8)".
export function errorPlace(detail: string): { line: number; column: number } | null {
  const found = /\(line (\d+), column (\d+)\)$/.exec(detail);
  return found ? { line: Number(found[1]), column: Number(found[2]) } : null;
}
