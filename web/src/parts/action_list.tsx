// The inbox: rows to go through with the keyboard, to choose several of, and to open.
import { useEffect, useRef } from "react";
import type { Action } from "../api/client";
import { percent } from "../numbers";
import { sentence } from "../words";
import { PriorityChip } from "./action_card";
import { TierMark } from "./controls";
import { Ago } from "./live";

export function ActionList({
  rows,
  opened,
  chosen,
  open,
  choose,
}: {
  rows: readonly Action[];
  opened: string | undefined;
  chosen: ReadonlySet<string>;
  open: (id: string) => void;
  choose: (id: string) => void;
}) {
  return (
    <ul aria-label="Actions">
      {rows.map((row) => (
        <ActionRow
          key={row.id}
          row={row}
          isOpen={row.id === opened}
          isChosen={chosen.has(row.id)}
          open={open}
          choose={choose}
        />
      ))}
    </ul>
  );
}

function ActionRow({
  row,
  isOpen,
  isChosen,
  open,
  choose,
}: {
  row: Action;
  isOpen: boolean;
  isChosen: boolean;
  open: (id: string) => void;
  choose: (id: string) => void;
}) {
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) place.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  return (
    <li
      ref={place}
      data-open={isOpen || undefined}
      className={`flex items-start gap-3 border-b border-line px-4 py-2.5 last:border-b-0
      hover:bg-hover ${isOpen ? "bg-pressed" : isChosen ? "bg-accent-wash" : ""}`}
    >
      <input
        type="checkbox"
        checked={isChosen}
        aria-label={`Select ${sentence(row.play)} for ${row.customer_id}`}
        className="mt-1 size-3.5 shrink-0 accent-(--accent)"
        onChange={() => choose(row.id)}
      />
      <button
        type="button"
        aria-current={isOpen || undefined}
        className="min-w-0 flex-1 text-left"
        onClick={() => open(row.id)}
      >
        <span className="flex items-center gap-2">
          <PriorityChip priority={row.priority} />
          <bdi className="name max-w-48 font-medium">{row.customer_id}</bdi>
          {row.tier && (
            <span className="text-xs text-soft">
              <TierMark tier={row.tier} />
            </span>
          )}
          {row.risk !== null && (
            <span className="text-xs text-soft max-sm:hidden">{percent(row.risk)} risk</span>
          )}
          <span className="ml-auto shrink-0 text-xs text-faint">
            <Ago time={row.created} />
          </span>
        </span>
        <span className="mt-1 line-clamp-2 block text-soft" dir="auto">
          {row.sentence}
        </span>
        {(row.owner || row.status !== "open") && (
          <span className="mt-0.5 block text-xs text-faint">
            {[row.status !== "open" && sentence(row.status), row.owner && `with ${row.owner}`]
              .filter(Boolean)
              .join(" · ")}
          </span>
        )}
      </button>
    </li>
  );
}
