// Customers: every one of them, filtered, sorted and searched by the API; the URL holds it all.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { customersCsv } from "../api/client";
import { customersQuery, packQuery, tiersQuery } from "../api/queries";
import { count } from "../numbers";
import { Button } from "../parts/controls";
import { CustomerTable } from "../parts/customer_table";
import { ColumnsMenu, FigureFilters, TierFilter } from "../parts/customer_filters";
import { Icon } from "../parts/icons";
import { Freshness } from "../parts/live";
import { Screen } from "../parts/panels";
import { Empty, Failure, FirstEvent, SkeletonRows } from "../parts/states";
import type { Search } from "../routes";
import { useUrlSearch } from "../url_search";

const SEARCH_PAUSE_MS = 150;

// The part of the URL that the API understands.
function apiSearch(search: Search): Record<string, string> {
  const asked = Object.entries(search).filter(
    ([key, value]) =>
      value !== "" && (/^(tier|q|sort)$/.test(key) || /\[(gte|lte|gt|lt)\]$/.test(key)),
  );
  return Object.fromEntries(asked);
}

export function CustomersScreen() {
  const { search, change } = useUrlSearch();
  const asked = useMemo(() => apiSearch(search), [search]);
  const list = useInfiniteQuery(customersQuery(asked));
  const tiers = useQuery(tiersQuery);
  const { data: pack } = useQuery(packQuery);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  const filtered = Object.keys(asked).some((key) => key !== "sort");
  const known = total(asked, tiers.data, rows.length, list.hasNextPage);
  const clear = () =>
    change(Object.fromEntries(Object.keys(asked).map((key) => [key, undefined])));
  return (
    <Screen fill title="Customers" aside={<Freshness of={list} />}>
      <div className="flex flex-wrap items-center gap-2">
        <SearchField value={search.q ?? ""} change={(q) => change({ q })} />
        <TierFilter tiers={tiers.data} chosen={search.tier} choose={(tier) => change({ tier })} />
        <span className="ml-auto flex flex-wrap gap-2">
          <FigureFilters pack={pack} search={search} change={change} />
          <ColumnsMenu
            pack={pack}
            hidden={search.hide ?? ""}
            change={(hide) => change({ hide })}
          />
          <CsvButton asked={asked} />
        </span>
      </div>
      <section
        aria-label="Customers"
        className="panel flex min-h-0 flex-1 flex-col overflow-hidden"
      >
        {list.isPending && <SkeletonRows rows={16} />}
        {list.isError && !list.data && <Failure error={list.error} retry={list.refetch} />}
        {list.data &&
          rows.length === 0 &&
          (filtered ? (
            <Empty title="Nobody fits these filters">
              <Button className="mt-3" onClick={clear}>
                Clear filters
              </Button>
            </Empty>
          ) : (
            <Empty title="No customers yet">
              <FirstEvent />
            </Empty>
          ))}
        {rows.length > 0 && pack && (
          <CustomerTable
            rows={rows}
            pack={pack}
            sort={search.sort ?? ""}
            hidden={search.hide ?? ""}
            setSort={(sort) => change({ sort })}
            more={list.hasNextPage}
            total={known}
            busy={list.isPlaceholderData}
            fetchMore={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        )}
        {rows.length > 0 && (
          <p className="border-t border-line px-4 py-2 text-xs text-faint" role="status">
            {known === null
              ? `${count(rows.length)} loaded, more follow`
              : `${count(known)} customers`}
            {list.isFetchingNextPage && " · loading"}
          </p>
        )}
      </section>
    </Screen>
  );
}

// How many rows there are in all, where that is known without reading them.
function total(
  asked: Record<string, string>,
  tiers: { customers: number; data: readonly { tier: string; customers: number }[] } | undefined,
  loaded: number,
  more: boolean,
): number | null {
  if (!more) return loaded;
  const filters = Object.keys(asked).filter((key) => key !== "sort");
  if (filters.length === 0) return Math.max(loaded, tiers?.customers ?? 0);
  return null;
}

function SearchField({
  value,
  change,
}: {
  value: string;
  change: (q: string | undefined) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => change(text || undefined), SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label
      className="flex h-8 w-full items-center gap-2 rounded-md border border-line-strong bg-panel
      px-2.5 text-faint focus-within:border-accent sm:w-56 2xl:w-64"
    >
      <Icon name="search" />
      <input
        data-search
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
        placeholder="Search by id"
        aria-label="Search customers"
        dir="auto"
        className="min-w-0 flex-1 bg-transparent text-ink outline-none"
      />
      <kbd className="key">/</kbd>
    </label>
  );
}

function CsvButton({ asked }: { asked: Record<string, string> }) {
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const save = async () => {
    setState("busy");
    try {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await customersCsv(asked));
      link.download = "customers.csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  return (
    <Button className="h-8" disabled={state === "busy"} onClick={() => void save()}>
      <Icon name="download" />
      {state === "failed" ? "CSV failed, again?" : "CSV"}
    </Button>
  );
}
