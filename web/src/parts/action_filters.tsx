// Filters of the inbox; all of them live in the URL.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ActionPage } from "../api/client";
import { packQuery } from "../api/queries";
import { count } from "../numbers";
import type { Search } from "../routes";
import { sentence } from "../words";
import { Button } from "./controls";

const STATUSES = ["open", "snoozed", "done", "dismissed", "withdrawn"] as const;
const PRIORITIES = ["high", "medium", "low"] as const;
const FIELD = "h-8 rounded-md border border-line-strong bg-panel px-2";

export function ActionFilters({
  search,
  change,
  counts,
  plays,
  aside,
}: {
  search: Search;
  change: (changes: Record<string, string | undefined>) => void;
  counts: ActionPage["counts"] | undefined;
  plays: readonly string[]; // of the rows at hand
  aside: ReactNode;
}) {
  const { data: pack } = useQuery(packQuery);
  const status = search.status ?? "open";
  const known = [...new Set([...plays, search.play ?? ""])].filter(Boolean).sort();
  const total = (name: string) =>
    Object.values(counts?.[name] ?? {}).reduce((sum, n) => sum + n, 0);
  const choice = (label: string, key: string, options: readonly (readonly [string, string])[]) => (
    <select
      aria-label={label}
      className={FIELD}
      value={search[key] ?? ""}
      onChange={(event) => change({ [key]: event.target.value || undefined, open: undefined })}
    >
      {options.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div
        role="group"
        aria-label="Status"
        className="flex max-w-full divide-x divide-line overflow-x-auto rounded-md border
        border-line-strong bg-panel"
      >
        {STATUSES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={status === name}
            className="flex h-8 items-center gap-1.5 px-2.5 whitespace-nowrap text-soft
            hover:bg-hover aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() =>
              change({ status: name === "open" ? undefined : name, open: undefined })
            }
          >
            {sentence(name)}
            <span className="text-faint">{counts && count(total(name))}</span>
          </button>
        ))}
      </div>
      {choice("Priority", "priority", [
        ["", "Every priority"],
        ...PRIORITIES.map((name) => [name, sentence(name)] as const),
      ])}
      {choice("Play", "play", [
        ["", "Every play"],
        ...known.map((play) => [play, sentence(play)] as const),
      ])}
      {choice("Tier", "tier", [
        ["", "Every tier"],
        ...(pack?.tiers ?? []).map(({ tier }) => [tier, sentence(tier)] as const),
      ])}
      {choice("Order", "sort", [
        ["", "Newest first"],
        ["created", "Oldest first"],
      ])}
      <Button
        className="h-8 aria-pressed:bg-pressed"
        aria-pressed={search.owner === "none"}
        onClick={() => change({ owner: search.owner === "none" ? undefined : "none" })}
      >
        Nobody’s
      </Button>
      <input
        data-search
        type="search"
        aria-label="Search customers"
        placeholder="Customer"
        className={`${FIELD} w-40`}
        value={search.q ?? ""}
        onChange={(event) => change({ q: event.target.value || undefined, open: undefined })}
      />
      <span className="ml-auto">{aside}</span>
    </div>
  );
}
