// The head and one row of the list of customers.
import { useNavigate } from "@tanstack/react-router";
import type { Prediction } from "../api/client";
import type { Column } from "./customer_columns";
import { Icon } from "./icons";
import { Skeleton } from "./states";

const CELL = "min-w-0 px-3 last:pr-4";

function nextSort(id: string, current: string): string | undefined {
  if (current === "ascending") return `-${id}`;
  if (id === "customer_id") return undefined;
  return current === "descending" ? id : `-${id}`;
}

function orderOf(id: string, sort: string): "ascending" | "descending" | "none" {
  if (sort === id || (id === "customer_id" && sort === "")) return "ascending";
  return sort === `-${id}` ? "descending" : "none";
}

export function HeadCell({
  column,
  sort,
  setSort,
}: {
  column: Column;
  sort: string;
  setSort: (sort: string | undefined) => void;
}) {
  const { id, head, title, number, sortable } = column;
  const align = number ? "justify-end" : "";
  if (!sortable) {
    return (
      <div role="columnheader" className={`label flex items-center ${CELL} ${align}`}>
        {head}
      </div>
    );
  }
  const order = orderOf(id, sort);
  return (
    <div role="columnheader" aria-sort={order} title={title} className={`flex ${CELL} ${align}`}>
      <button
        type="button"
        onClick={() => setSort(nextSort(id, order))}
        className={`label flex items-center gap-0.5 whitespace-nowrap hover:text-ink
        ${order === "none" ? "" : "font-medium text-ink"}`}
      >
        {head}
        {order !== "none" && (
          <Icon name={order === "ascending" ? "up" : "down"} className="-mr-1" />
        )}
      </button>
    </div>
  );
}

interface RowProps {
  row: Prediction | undefined;
  index: number;
  start: number;
  columns: readonly Column[];
  marked: boolean; // by j and k
  chosen: boolean;
  choose: (row: Prediction, index: number, upTo: boolean) => void;
}

const ROW = `absolute inset-x-0 grid h-9 grid-cols-(--columns) items-center border-b border-line`;

export function TableRow({ row, index, start, columns, marked, chosen, choose }: RowProps) {
  const navigate = useNavigate();
  const style = { transform: `translateY(${start}px)` };
  if (!row) return <WaitingRow columns={columns} index={index} style={style} />;
  const id = row.customer_id;
  return (
    <div
      role="row"
      data-marked={marked || undefined}
      aria-selected={chosen}
      onClick={() => void navigate({ to: "/customers/$id", params: { id } })}
      aria-rowindex={index + 2}
      className={`${ROW} hover:bg-hover aria-selected:bg-accent-wash data-marked:inset-ring-2
        data-marked:inset-ring-accent`}
      style={style}
    >
      <div
        role="cell"
        className="grid h-full place-items-center"
        onClick={(event) => event.stopPropagation()}
      >
        <input
          type="checkbox"
          tabIndex={-1}
          checked={chosen}
          aria-label={`Choose ${id}`}
          onChange={(event) =>
            choose(row, index, (event.nativeEvent as unknown as MouseEvent).shiftKey)
          }
          className="size-3.5 accent-(--accent)"
        />
      </div>
      {columns.map((column) => (
        <div
          key={column.id}
          role="cell"
          className={`${CELL} ${column.number ? "text-right" : ""}`}
        >
          {column.id === "customer_id" ? <RowLink row={row} column={column} /> : column.cell(row)}
        </div>
      ))}
    </div>
  );
}

// Opens in another tab as links do; the row itself opens it here.
function RowLink({ row, column }: { row: Prediction; column: Column }) {
  return (
    <a
      href={`/customers/${encodeURIComponent(row.customer_id)}`}
      tabIndex={-1}
      onClick={(event) => {
        if (!event.ctrlKey && !event.metaKey) event.preventDefault();
        else event.stopPropagation();
      }}
    >
      {column.cell(row)}
    </a>
  );
}

function WaitingRow({
  columns,
  index,
  style,
}: {
  columns: readonly Column[];
  index: number;
  style: React.CSSProperties;
}) {
  return (
    <div role="row" aria-rowindex={index + 2} data-waiting className={ROW} style={style}>
      <div role="cell" />
      {columns.map((column) => (
        <div key={column.id} role="cell" className={CELL}>
          <Skeleton className={`h-3 ${column.number ? "ml-auto w-10" : "w-24"}`} />
        </div>
      ))}
    </div>
  );
}
