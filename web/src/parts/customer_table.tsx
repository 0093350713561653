// The list of customers: only rows in view are in the document, those around it are read ahead.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useNavigate } from "@tanstack/react-router";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useKeys } from "../keys";
import type { Column } from "./customer_columns";
import { HeadCell, TableRow } from "./customer_row";
import type { CustomerRows } from "./customer_windows";
import type { Selection } from "./selection";

const ROW_PX = 36;
const OVERSCAN = 20;
// Browsers lay out boxes up to some 33 million px.
const ROWS_MAX = 900_000;

interface TableProps {
  rows: CustomerRows;
  columns: readonly Column[];
  selection: Selection;
  sort: string;
  setSort: (sort: string | undefined) => void;
  // Changes with the filters and the order: another list begins at its top.
  name: string;
}

export function CustomerTable({ rows, columns, selection, sort, setSort, name }: TableProps) {
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: Math.min(rows.count, ROWS_MAX),
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => rows.show(first, last), [first, last, rows.count]);
  useEffect(() => {
    // In braces: some browsers answer with a promise.
    void place.current?.scrollTo({ top: 0 });
  }, [name]);
  const marked = useMarkedRow(rows, selection, name, (index) => virtual.scrollToIndex(index));
  const template = `2.5rem ${columns.map((column) => column.width).join(" ")}`;
  return (
    <div
      ref={place}
      tabIndex={0}
      role="region"
      aria-label="List of customers"
      className={`min-h-80 flex-1 overflow-auto outline-none transition-opacity
        focus-visible:outline-2 max-md:h-[calc(100dvh-23rem)] max-md:flex-none
        ${rows.busy ? "opacity-60" : ""}`}
    >
      <div
        role="table"
        aria-label="Customers"
        aria-rowcount={rows.total ?? -1}
        style={{ "--columns": template } as CSSProperties}
        className="min-w-max sm:min-w-full"
      >
        <div role="rowgroup" className="sticky top-0 z-10 bg-panel">
          <div role="row" className="grid h-9 grid-cols-(--columns) border-b border-line">
            <div role="columnheader">
              <span className="sr-only">Chosen</span>
            </div>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sort={sort} setSort={setSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows.at(index);
            return (
              <TableRow
                key={index}
                row={row}
                index={index}
                start={start}
                columns={columns}
                marked={index === marked}
                chosen={row !== undefined && selection.has(row.customer_id)}
                choose={selection.toggle}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

// j and k walk, x chooses, Enter opens.
function useMarkedRow(
  rows: CustomerRows,
  selection: Selection,
  name: string,
  show: (index: number) => void,
): number {
  const navigate = useNavigate();
  const [marked, setMarked] = useState(-1);
  useEffect(() => setMarked(-1), [name]);
  const walk = (step: number) => {
    const next = Math.min(rows.count - 1, Math.max(0, marked + step));
    setMarked(next);
    show(next);
  };
  const row = marked >= 0 ? rows.at(marked) : undefined;
  const openRow = (event: KeyboardEvent) => {
    const { target } = event;
    if (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement) target.click();
    else if (row) void navigate({ to: "/customers/$id", params: { id: row.customer_id } });
  };
  useKeys({
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    ...(row
      ? {
          Enter: openRow,
          x: (event: KeyboardEvent) => selection.toggle(row, marked, event.shiftKey),
        }
      : {}),
  });
  return marked;
}
