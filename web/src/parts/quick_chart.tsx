// A picture of an answer: lines over its first time, or bars of its first text and first number.
import type { SqlResult, Value } from "../api/sql";
import { LazyPlot } from "./lazy_plot";
import { isNumber } from "./sql_result";

const BARS_MAX = 30;
const LINES_MAX = 4;
const TONES = ["--accent", "--warn", "--calm", "--bad"];
const rounded = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const words = (value: number | null) => (value === null ? "–" : rounded.format(value));
const numberOf = (value: Value) => (value === null || value === "" ? null : Number(value));

// Which columns are drawn; null where nothing can be.
export function chartOf(result: SqlResult) {
  const numbers = result.columns.flatMap((column, i) => (isNumber(column) ? [i] : []));
  const time = result.columns.findIndex((column) => /^(TIMESTAMP|DATE)/.test(column.type));
  if (numbers.length === 0 || result.rows.length < 2) return null;
  if (time >= 0) return { kind: "lines" as const, time, numbers: numbers.slice(0, LINES_MAX) };
  const label = result.columns.findIndex((_, i) => i !== numbers[0] || numbers.length > 1);
  const value = numbers.find((i) => i !== label);
  return label < 0 || value === undefined ? null : { kind: "bars" as const, label, value };
}

export function QuickChart({ result }: { result: SqlResult }) {
  const chart = chartOf(result);
  if (!chart) return <p className="px-4 py-8 text-center text-soft">Nothing here can be drawn.</p>;
  if (chart.kind === "bars") return <Bars result={result} {...chart} />;
  const rows = result.rows
    .filter((row) => row[chart.time] !== null)
    .map((row) => ({ at: Date.parse(String(row[chart.time])) / 1000, row }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at);
  return (
    <LazyPlot
      rangeKey="chart"
      title="Chart of the result"
      times_s={rows.map(({ at }) => at)}
      lines={chart.numbers.map((column, i) => ({
        label: result.columns[column]!.name,
        tone: TONES[i]!,
        format: words,
      }))}
      values={chart.numbers.map((column) => rows.map(({ row }) => numberOf(row[column]!)))}
      height={260}
    />
  );
}

function Bars({ result, label, value }: { result: SqlResult; label: number; value: number }) {
  const rows = result.rows.slice(0, BARS_MAX);
  const most = Math.max(...rows.map((row) => Math.abs(numberOf(row[value]!) ?? 0)), 1e-300);
  return (
    <ul className="flex flex-col gap-1.5 px-4 py-4" aria-label="Chart of the result">
      {rows.map((row, i) => {
        const number = numberOf(row[value]!);
        const negative = (number ?? 0) < 0;
        return (
          <li key={i} className="grid grid-cols-[minmax(6rem,14rem)_1fr_6rem] items-center gap-3">
            <span dir="auto" className="name text-right text-xs text-soft">
              {row[label] === null ? "NULL" : String(row[label])}
            </span>
            <span
              aria-hidden
              className="h-3.5 rounded-[3px]"
              style={{
                width: `${Math.max(0.3, (100 * Math.abs(number ?? 0)) / most)}%`,
                background: negative ? "var(--bad)" : "var(--accent)",
              }}
            />
            <span className="text-right text-xs tabular-nums">{words(number)}</span>
          </li>
        );
      })}
      {result.rows.length > BARS_MAX && (
        <li className="label">The first {BARS_MAX} rows are drawn.</li>
      )}
    </ul>
  );
}
