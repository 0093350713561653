// What can stand at the cursor of the SQL editor: names of the lake, SQL's words and functions.
import type { SqlTable } from "../api/sql";

const KEYWORDS =
  "SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT JOIN LEFT USING ON DISTINCT AS AND OR NOT " +
  "NULL IS IN LIKE ILIKE BETWEEN CASE WHEN THEN ELSE END WITH UNION ALL INTERVAL DESC ASC CAST " +
  "QUALIFY OVER PARTITION DESCRIBE SUMMARIZE EXPLAIN";
const FUNCTIONS =
  "count sum avg min max median quantile_cont stddev any_value arg_max arg_min list " +
  "string_agg date_trunc date_part date_diff now strftime epoch coalesce nullif round floor " +
  "ceil abs greatest least lower upper length substring replace split_part regexp_extract " +
  "regexp_matches concat row_number rank lag lead first_value last_value json_extract " +
  "json_extract_string unnest range generate_series approx_count_distinct histogram";

export interface Suggestion {
  text: string;
  kind: "view" | "column" | "word" | "function";
  note: string;
}

// The word before the cursor and where it begins.
export function wordBefore(text: string, cursor: number): { word: string; from: number } {
  const word = /[A-Za-z_][A-Za-z0-9_]*$/.exec(text.slice(0, cursor))?.[0] ?? "";
  return { word, from: cursor - word.length };
}

export function suggestions(tables: readonly SqlTable[], text: string, cursor: number) {
  const { word } = wordBefore(text, cursor);
  if (word.length === 0) return [];
  const begun = word.toLowerCase();
  const found = new Map<string, Suggestion>();
  const add = (suggestion: Suggestion) => {
    const name = suggestion.text.toLowerCase();
    if (name.startsWith(begun) && name !== begun && !found.has(name)) found.set(name, suggestion);
  };
  // Columns of the views that the query names come before those of others.
  const named = tables.filter((table) => new RegExp(`\\b${table.name}\\b`, "i").test(text));
  for (const table of tables) add({ text: table.name, kind: "view", note: "view" });
  for (const table of [...named, ...tables]) {
    for (const column of table.columns) {
      const note = `${table.name}, ${column.type.toLowerCase()}`;
      add({ text: column.name, kind: "column", note });
    }
  }
  for (const name of FUNCTIONS.split(" ")) add({ text: name, kind: "function", note: "function" });
  for (const name of KEYWORDS.split(" ")) add({ text: name, kind: "word", note: "SQL" });
  return [...found.values()].slice(0, 8);
}
