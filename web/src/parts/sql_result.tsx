// The answer to a query: a table of which only the rows in view are in the document.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useMemo, useRef } from "react";
import type { SqlColumn, SqlResult, Value } from "../api/sql";

const ROW_PX = 30;
const SAMPLE_ROWS = 200; // from which a column's width is taken

export const isNumber = (column: SqlColumn) =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL)/.test(column.type);

const shown = (value: Value) => (value === null ? "NULL" : String(value));

function templateOf(result: SqlResult): string {
  return result.columns
    .map((column, i) => {
      const widths = result.rows.slice(0, SAMPLE_ROWS).map((row) => shown(row[i]!).length);
      const longest = Math.max(column.name.length, column.type.length, ...widths);
      return `minmax(${Math.min(40, Math.max(8, longest + 3))}ch, 1fr)`;
    })
    .join(" ");
}

export function SqlResultTable({ result }: { result: SqlResult }) {
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: result.rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  const template = useMemo(() => templateOf(result), [result]);
  const grid: CSSProperties = { gridTemplateColumns: template };
  return (
    <div
      ref={place}
      role="table"
      aria-label="Result"
      aria-rowcount={result.rows.length + 1}
      aria-colcount={result.columns.length}
      tabIndex={0}
      className="max-h-[60vh] overflow-auto outline-offset-[-2px]"
    >
      <div role="rowgroup" className="sticky top-0 z-10 min-w-max bg-panel">
        <div role="row" className="grid border-b border-line" style={grid}>
          {result.columns.map((column, i) => (
            <div
              key={i}
              role="columnheader"
              className={`px-3 py-1.5 ${isNumber(column) ? "text-right" : ""}`}
            >
              <span className="block truncate font-medium">{column.name}</span>
              <span className="block truncate text-2xs text-faint">
                {column.type.toLowerCase()}
              </span>
            </div>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className="relative min-w-max"
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            role="row"
            aria-rowindex={index + 2}
            className="absolute inset-x-0 grid border-b border-line hover:bg-hover"
            style={{ ...grid, height: ROW_PX, transform: `translateY(${start}px)` }}
          >
            {result.columns.map((column, i) => (
              <Cell key={i} value={result.rows[index]![i]!} number={isNumber(column)} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Cell({ value, number }: { value: Value; number: boolean }) {
  const text = shown(value);
  return (
    <div
      role="cell"
      dir="auto"
      title={text.length > 24 ? text : undefined}
      className={`truncate px-3 py-1 font-mono text-xs leading-5 ${number ? "text-right" : ""}
      ${value === null ? "text-faint" : ""}`}
    >
      {text}
    </div>
  );
}
