// The columns of the list of customers, made from the pack's tasks.
import type { ReactNode } from "react";
import type { Pack, Prediction } from "../api/client";
import { reasonWords, shortTaskLabel, taskLabel } from "../words";
import { Chip, Figure, TierMark } from "./controls";
import { Ago } from "./live";

export interface Column {
  id: string;
  // Its name in a CSV, and in the API's order.
  field: string;
  head: string;
  title?: string;
  number?: boolean;
  sortable?: boolean;
  width: string;
  cell: (row: Prediction) => ReactNode;
  // What stands in the cell, for a CSV; null: nothing is known.
  value: (row: Prediction) => string | number | null;
}

// Wide enough for the column's head, in rem: letters of 12 px, the mark of the order, the margins.
const widthOf = (label: string) => `minmax(${Math.max(6, 0.37 * label.length + 1.75)}rem,1fr)`;

function tierCell(row: Prediction, pack: Pack): ReactNode {
  return (
    <span className="flex items-center gap-2">
      {row.tier ? (
        <TierMark tier={row.tier} />
      ) : (
        <Chip>{reasonWords(row.reason ?? row.status, pack)}</Chip>
      )}
      {row.tier && row.lapsed && <Chip>Lapsed</Chip>}
      {row.status === "stale" && <Chip tone="warn">Stale</Chip>}
    </span>
  );
}

export function columnsOf(pack: Pack): Column[] {
  return [
    {
      id: "customer_id",
      field: "customer_id",
      head: "Customer",
      sortable: true,
      width: "minmax(8rem,1.6fr)",
      cell: (row) => (
        <span dir="auto" className="name block font-medium" title={row.customer_id}>
          {row.customer_id}
        </span>
      ),
      value: (row) => row.customer_id,
    },
    {
      id: "tier",
      field: "tier",
      head: "Tier",
      width: "minmax(8.5rem,1.2fr)",
      cell: (row) => tierCell(row, pack),
      value: (row) => row.tier,
    },
    ...pack.tasks.map((task): Column => ({
      id: task.task,
      field: task.task,
      head: shortTaskLabel(task.task),
      title: task.definition,
      number: true,
      sortable: true,
      width: widthOf(shortTaskLabel(task.task)),
      cell: (row) => <Figure task={task} value={row.figures[task.task]} />,
      value: (row) => row.figures[task.task] ?? null,
    })),
    {
      id: "scored",
      field: "timestamp",
      head: "Scored",
      number: true,
      width: widthOf("Scored"),
      cell: (row) => (
        <span className="text-soft">
          <Ago time={row.timestamp} />
        </span>
      ),
      value: (row) => row.timestamp,
    },
  ];
}

// What may be hidden, for a menu.
export function optionalColumns(pack: Pack | undefined): { id: string; label: string }[] {
  return [
    ...(pack?.tasks.map(({ task }) => ({ id: task, label: taskLabel(task) })) ?? []),
    { id: "scored", label: "Scored" },
  ];
}

export function shownColumns(pack: Pack, hidden: string): Column[] {
  const gone = hidden.split(",");
  return columnsOf(pack).filter((column) => !gone.includes(column.id));
}
