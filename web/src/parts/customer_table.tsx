// The list of customers: only the rows in view are in the document, the next page is read ahead.
import {
  type ColumnDef,
  type Row,
  flexRender,
  getCoreRowModel,
  useReactTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useNavigate } from "@tanstack/react-router";
import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import type { Pack, Prediction } from "../api/client";
import { useKeys } from "../keys";
import { reasonWords, shortTaskLabel } from "../words";
import { Chip, Figure, TierMark } from "./controls";
import { Icon } from "./icons";
import { Ago } from "./live";

const ROW_PX = 36;
const AHEAD_ROWS = 400; // the next page is asked for this far before the end

interface TableProps {
  rows: Prediction[];
  pack: Pack;
  sort: string;
  hidden: string;
  setSort: (sort: string | undefined) => void;
  more: boolean;
  total: number | null;
  busy: boolean;
  fetchMore: () => void;
}

type Column = ColumnDef<Prediction> & { id: string };

function columnsOf(pack: Pack): Column[] {
  return [
    {
      id: "customer_id",
      header: "Customer",
      cell: ({ row: { original: row } }) => (
        <span dir="auto" className="name block font-medium" title={row.customer_id}>
          {row.customer_id}
        </span>
      ),
    },
    {
      id: "tier",
      header: "Tier",
      cell: ({ row: { original: row } }) => (
        <span className="flex items-center gap-2">
          {row.tier ? (
            <TierMark tier={row.tier} />
          ) : (
            <Chip>{reasonWords(row.reason ?? row.status, pack)}</Chip>
          )}
          {row.tier && row.lapsed && <Chip>Lapsed</Chip>}
          {row.status === "stale" && <Chip tone="warn">Stale</Chip>}
        </span>
      ),
    },
    ...pack.tasks.map((task): Column => ({
      id: task.task,
      header: shortTaskLabel(task.task),
      meta: { number: true },
      cell: ({ row: { original: row } }) => <Figure task={task} value={row.figures[task.task]} />,
    })),
    {
      id: "scored",
      header: "Scored",
      meta: { number: true },
      cell: ({ row: { original: row } }) => (
        <span className="text-faint">
          <Ago time={row.timestamp} />
        </span>
      ),
    },
  ];
}

const isNumber = (column: { meta?: unknown }) =>
  Boolean((column.meta as { number?: boolean } | undefined)?.number);

// Wide enough for the column's head, in rem: letters of 12 px, the mark of the order, the margins.
const widthOf = (label: string) => Math.max(6, 0.37 * label.length + 1.75);

export function CustomerTable(props: TableProps) {
  const { rows, pack, hidden, more, fetchMore } = props;
  const columns = useMemo(() => columnsOf(pack), [pack]);
  const columnVisibility = useMemo(
    () =>
      Object.fromEntries(
        hidden
          .split(",")
          .filter(Boolean)
          .map((name) => [name, false]),
      ),
    [hidden],
  );
  const table = useReactTable({
    data: rows,
    columns,
    state: { columnVisibility },
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    getRowId: (row) => row.customer_id,
  });
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (more && last > rows.length - AHEAD_ROWS) fetchMore();
  }, [more, last, rows.length]);
  const chosen = useChosenRow(rows, (index) => virtual.scrollToIndex(index));
  const shown = table.getVisibleLeafColumns();
  const template = shown
    .map((column) =>
      column.id === "customer_id"
        ? "minmax(8rem,1.6fr)"
        : column.id === "tier"
          ? "minmax(8.5rem,1.2fr)"
          : `minmax(${widthOf(String(column.columnDef.header))}rem,1fr)`,
    )
    .join(" ");
  const style = { "--columns": template } as CSSProperties;
  return (
    <div
      ref={place}
      tabIndex={0}
      role="region"
      aria-label="List of customers"
      className={`min-h-80 flex-1 overflow-auto max-md:h-[calc(100dvh-23rem)] max-md:flex-none
        outline-none transition-opacity
        focus-visible:outline-2 ${props.busy ? "opacity-60" : ""}`}
    >
      <div
        role="table"
        aria-label="Customers"
        aria-rowcount={props.total ?? -1}
        style={style}
        className="min-w-max sm:min-w-full"
      >
        <div role="rowgroup" className="sticky top-0 z-10 bg-panel">
          <div role="row" className="grid h-9 grid-cols-(--columns) border-b border-line">
            {shown.map(({ id, columnDef }) => (
              <HeadCell
                key={id}
                id={id}
                label={String(columnDef.header)}
                sort={props.sort}
                number={isNumber(columnDef)}
                setSort={props.setSort}
                definition={pack.tasks.find((task) => task.task === id)?.definition}
              />
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => (
            <TableRow
              key={rows[index]!.customer_id}
              row={table.getRowModel().rows[index]!}
              start={start}
              chosen={index === chosen}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function HeadCell({
  id,
  label,
  sort,
  number,
  setSort,
  definition,
}: {
  id: string;
  label: string;
  sort: string;
  number: boolean;
  setSort: (sort: string | undefined) => void;
  definition?: string;
}) {
  const align = number ? "justify-end" : "";
  const sortable = id !== "tier" && id !== "scored";
  const current =
    sort === id || (id === "customer_id" && sort === "")
      ? "ascending"
      : sort === `-${id}`
        ? "descending"
        : "none";
  if (!sortable) {
    return (
      <div
        role="columnheader"
        className={`label flex items-center px-3 first:pl-4 last:pr-4 ${align}`}
      >
        {label}
      </div>
    );
  }
  const next =
    current === "ascending"
      ? `-${id}`
      : id === "customer_id"
        ? undefined
        : current === "descending"
          ? id
          : `-${id}`;
  return (
    <div
      role="columnheader"
      aria-sort={current}
      title={definition}
      className={`flex px-3 first:pl-4 last:pr-4 ${align}`}
    >
      <button
        type="button"
        onClick={() => setSort(next)}
        className={`label flex items-center gap-0.5
        whitespace-nowrap hover:text-ink
        ${current === "none" ? "" : "font-medium text-ink"}`}
      >
        {label}
        {current !== "none" && (
          <Icon name={current === "ascending" ? "up" : "down"} className="-mr-1" />
        )}
      </button>
    </div>
  );
}

function TableRow({
  row,
  start,
  chosen,
}: {
  row: Row<Prediction>;
  start: number;
  chosen: boolean;
}) {
  const navigate = useNavigate();
  const { customer_id: id, timestamp } = row.original;
  const open = () => void navigate({ to: "/customers/$id", params: { id } });
  return (
    <div
      role="row"
      data-chosen={chosen || undefined}
      onClick={open}
      aria-rowindex={row.index + 2}
      className="absolute inset-x-0 grid h-9 grid-cols-(--columns) items-center border-b
        border-line
      hover:bg-hover data-chosen:bg-accent-wash"
      style={{ transform: `translateY(${start}px)` }}
    >
      {row.getVisibleCells().map((cell) => (
        <div
          key={cell.id}
          role="cell"
          className={`min-w-0 px-3 first:pl-4 last:pr-4 ${
            isNumber(cell.column.columnDef) ? "text-right" : ""
          }`}
        >
          {cell.column.id === "customer_id" ? (
            <a
              href={`/customers/${encodeURIComponent(id)}`}
              tabIndex={-1}
              key={timestamp}
              onClick={(event) => {
                if (!event.ctrlKey && !event.metaKey) event.preventDefault();
                else event.stopPropagation();
              }}
            >
              {flexRender(cell.column.columnDef.cell, cell.getContext())}
            </a>
          ) : (
            flexRender(cell.column.columnDef.cell, cell.getContext())
          )}
        </div>
      ))}
    </div>
  );
}

// j and k walk, Enter opens. The row keeps its mark while the list changes beneath it.
function useChosenRow(rows: Prediction[], show: (index: number) => void): number {
  const navigate = useNavigate();
  const [chosen, setChosen] = useState(-1);
  const walk = (step: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, chosen + step));
    setChosen(next);
    show(next);
  };
  useKeys({
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    ...(chosen >= 0 && rows[chosen]
      ? {
          Enter: (event) => {
            if (
              event.target instanceof HTMLButtonElement ||
              event.target instanceof HTMLAnchorElement
            ) {
              event.target.click();
            } else {
              void navigate({ to: "/customers/$id", params: { id: rows[chosen]!.customer_id } });
            }
          },
        }
      : {}),
  });
  return chosen;
}
