// The assistant: a question in plain words, and its answer with the query that gave it.
import { writeFields } from "./access";
import { Problem } from "./client";
import type { SqlResult, Value } from "./sql";

export interface AnswerColumn {
  name: string;
  label: string;
  form: "text" | "tier" | "whole" | "number" | "share" | "money" | "date" | "time" | "signed";
  unit: string | null;
}
export interface Suggestion {
  question: string;
  about: string;
  example: string;
}
interface Without {
  kind: "ask_back" | "decline";
  sentence: string;
  suggestions: Suggestion[];
  respelt: { written: string; taken: string }[];
}
export interface Answer extends Omit<Without, "kind"> {
  kind: "answer";
  question: string;
  about: string;
  wording: string | null;
  chosen_by: "grammar" | "model" | "caller";
  period: string | null;
  population: string;
  as_of: string;
  query: { text: string; sql: string | null; path: string | null } | null;
  columns: AnswerColumn[];
  rows: Value[][];
  cells: string[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
  chart: "none" | "bars" | "line";
  context: object;
}
export type Reply = Answer | Without;

export async function ask(question: string, context: object | null): Promise<Reply> {
  let answer;
  try {
    answer = await fetch("/api/v1/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...writeFields() },
      body: JSON.stringify({ question, context }),
    });
  } catch {
    throw new Problem(0, "unreachable", "Tideline does not answer.", null);
  }
  const body = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (answer.ok) return body as unknown as Reply;
  const detail = body.detail ?? `answered ${answer.status}`;
  throw new Problem(answer.status, body.code ?? "unknown", detail, null);
}

const NUMBERS = new Set(["whole", "number", "share", "money", "signed"]);
export const isNumber = (column: AnswerColumn) => NUMBERS.has(column.form);

// The rows in the shape of a query's result, for the chart.
export function asResult(answer: Answer): SqlResult {
  const type = (column: AnswerColumn) =>
    isNumber(column) ? "DOUBLE" : column.form === "date" ? "DATE" : "VARCHAR";
  return {
    columns: answer.columns.map((column) => ({ name: column.label, type: type(column) })),
    rows: answer.rows,
    row_count: answer.row_count,
    truncated: answer.truncated,
    elapsed_ms: answer.elapsed_ms,
    as_of: answer.as_of,
  };
}
