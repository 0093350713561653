// Customers: every one of them, filtered, sorted and searched by the API; the URL holds it all.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { customersCsv, customersPath } from "../api/client";
import { packQuery, tiersQuery } from "../api/queries";
import { saveBlob } from "../csv";
import { count } from "../numbers";
import { BulkBar } from "../parts/bulk_bar";
import { Button } from "../parts/controls";
import { CopyCurl } from "../parts/copy_curl";
import { type Column, shownColumns } from "../parts/customer_columns";
import { CustomerTable } from "../parts/customer_table";
import { ColumnsMenu, FigureFilters, TierFilter } from "../parts/customer_filters";
import { type CustomerRows, useCustomerRows } from "../parts/customer_windows";
import { Icon } from "../parts/icons";
import { Freshness } from "../parts/live";
import { Screen } from "../parts/panels";
import { SavedViews } from "../parts/saved_views";
import { type Selection, useSelection } from "../parts/selection";
import { Empty, Failure, FirstEvent, SkeletonRows } from "../parts/states";
import { say } from "../parts/undo";
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
  const { search, change, replace } = useUrlSearch();
  const asked = useMemo(() => apiSearch(search), [search]);
  const name = JSON.stringify(asked);
  const rows = useCustomerRows(asked);
  const selection = useSelection(name, rows.at);
  const { data: pack } = useQuery(packQuery);
  const hidden = search.hide ?? "";
  const columns = useMemo(() => (pack ? shownColumns(pack, hidden) : []), [pack, hidden]);
  const reading = { dataUpdatedAt: rows.updatedAt, isError: Boolean(rows.error) };
  return (
    <Screen
      fill
      title="Customers"
      aside={
        <span className="flex items-center gap-3">
          <Freshness of={reading} />
          <CopyCurl path={customersPath(asked)} />
        </span>
      }
    >
      <Tools search={search} asked={asked} columns={columns} change={change} replace={replace} />
      <section
        aria-label="Customers"
        className="panel flex min-h-0 flex-1 flex-col overflow-hidden"
      >
        <List
          rows={rows}
          columns={columns}
          asked={asked}
          selection={selection}
          name={name}
          change={change}
        />
        <BulkBar selection={selection} asked={asked} total={rows.total} columns={columns} />
        {rows.count > 0 && (
          <p className="border-t border-line px-4 py-2 text-xs text-faint" role="status">
            {rows.total === null
              ? `${count(rows.count)} and more`
              : `${count(rows.total)} ${rows.total === 1 ? "customer" : "customers"}`}
          </p>
        )}
      </section>
    </Screen>
  );
}

type Change = (changes: Record<string, string | undefined>) => void;

function Tools({
  search,
  asked,
  columns,
  change,
  replace,
}: {
  search: Search;
  asked: Record<string, string>;
  columns: readonly Column[];
  change: Change;
  replace: (search: Search) => void;
}) {
  const tiers = useQuery(tiersQuery);
  const { data: pack } = useQuery(packQuery);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchField value={search.q ?? ""} change={(q) => change({ q })} />
      <TierFilter tiers={tiers.data} chosen={search.tier} choose={(tier) => change({ tier })} />
      <span className="ml-auto flex flex-wrap gap-2">
        <FigureFilters pack={pack} search={search} change={change} />
        <SavedViews search={search} open={replace} />
        <ColumnsMenu
          pack={pack}
          hidden={search.hide ?? ""}
          change={(hide) => change({ hide })}
        />
        <CsvButton asked={asked} columns={columns} />
      </span>
    </div>
  );
}

function List({
  rows,
  columns,
  asked,
  selection,
  name,
  change,
}: {
  rows: CustomerRows;
  columns: readonly Column[];
  asked: Record<string, string>;
  selection: Selection;
  name: string;
  change: Change;
}) {
  if (rows.error) return <Failure error={rows.error} retry={rows.retry} />;
  if (rows.pending || columns.length === 0) return <SkeletonRows rows={16} />;
  if (rows.count === 0) return <Nobody asked={asked} change={change} />;
  return (
    <CustomerTable
      rows={rows}
      columns={columns}
      selection={selection}
      name={name}
      sort={asked.sort ?? ""}
      setSort={(sort) => change({ sort })}
    />
  );
}

function Nobody({ asked, change }: { asked: Record<string, string>; change: Change }) {
  const filtered = Object.keys(asked).some((key) => key !== "sort");
  if (!filtered) {
    return (
      <Empty title="No customers yet">
        Customers appear here with their first event.
        <FirstEvent />
      </Empty>
    );
  }
  const clear = () =>
    change(Object.fromEntries(Object.keys(asked).map((key) => [key, undefined])));
  return (
    <Empty title="Nobody fits these filters">
      <Button className="mt-2" onClick={clear}>
        Clear filters
      </Button>
    </Empty>
  );
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

function CsvButton({
  asked,
  columns,
}: {
  asked: Record<string, string>;
  columns: readonly Column[];
}) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const fields = columns.map((column) => column.field);
      saveBlob(await customersCsv(asked, fields), "customers.csv");
    } catch (error) {
      say({ text: `No CSV: ${(error as Error).message}`, tone: "bad" });
    }
    setBusy(false);
  };
  return (
    <Button className="h-8" disabled={busy || columns.length === 0} onClick={() => void save()}>
      <Icon name="download" />
      {busy ? "Reading…" : "CSV"}
    </Button>
  );
}
