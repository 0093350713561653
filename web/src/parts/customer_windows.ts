// The rows of the list of customers near what is in view: windows are fetched ahead of the scroll,
// and what was shown stays until the answer to another question is there.
import { useQueries } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { CustomerPage, Prediction } from "../api/client";
import { WINDOW_ROWS, customersWindow } from "../api/queries";

const AHEAD = 3; // windows, in the direction of the scroll
const BEHIND = 1;

export interface CustomerRows {
  // Nothing: not read yet.
  at: (index: number) => Prediction | undefined;
  count: number;
  // How many fit the filters; null where only the API could count them.
  total: number | null;
  // An older answer is shown until the wanted one is there.
  busy: boolean;
  pending: boolean;
  error: unknown;
  updatedAt: number;
  retry: () => void;
  show: (first: number, last: number) => void;
}

interface Range {
  from: number;
  to: number;
}

function wantedRange(first: number, last: number, before: Range, count: number): Range {
  const top = Math.floor(first / WINDOW_ROWS);
  const bottom = Math.floor(last / WINDOW_ROWS);
  const down = top >= before.from + BEHIND;
  const most = Math.max(0, Math.ceil(count / WINDOW_ROWS) - 1);
  return {
    from: Math.max(0, top - (down ? BEHIND : AHEAD)),
    to: Math.min(most, bottom + (down ? AHEAD : BEHIND)),
  };
}

export function useCustomerRows(search: Record<string, string>): CustomerRows {
  const name = JSON.stringify(search);
  const [range, setRange] = useState<Range>({ from: 0, to: 0 });
  useEffect(() => setRange({ from: 0, to: 0 }), [name]);
  const indexes = Array.from({ length: range.to - range.from + 1 }, (_, i) => range.from + i);
  const queries = useQueries({ queries: indexes.map((index) => customersWindow(search, index)) });
  const pages = new Map<number, CustomerPage>();
  queries.forEach((query, i) => {
    if (query.data) pages.set(indexes[i]!, query.data);
  });
  const newest = queries.reduce((a, b) => (b.dataUpdatedAt > a.dataUpdatedAt ? b : a));
  const failed = queries.find((query) => query.isError);
  // What was shown last, for the time until the first window of another search has come.
  const kept = useRef<{ pages: Map<number, CustomerPage>; count: number } | null>(null);
  const ready = pages.size > 0;
  const count = newest.data ? countOf(newest.data, indexes, pages) : 0;
  if (ready) kept.current = { pages, count };
  const shown = kept.current;
  return {
    at: (index) => shown?.pages.get(Math.floor(index / WINDOW_ROWS))?.data[index % WINDOW_ROWS],
    count: shown?.count ?? 0,
    total: ready ? (newest.data?.total ?? null) : null,
    busy: !ready && shown !== null,
    pending: shown === null && !failed,
    error: ready || shown ? null : (failed?.error ?? null),
    updatedAt: newest.dataUpdatedAt,
    retry: () => queries.forEach((query) => void query.refetch()),
    show: (first, last) =>
      setRange((before) => {
        const next = wantedRange(first, last, before, shown?.count ?? 0);
        return next.from === before.from && next.to === before.to ? before : next;
      }),
  };
}

// Where the API did not count, as far as its pages go, and one row more while they go on.
function countOf(
  newest: CustomerPage,
  indexes: readonly number[],
  pages: ReadonlyMap<number, CustomerPage>,
): number {
  if (newest.total !== null) return newest.total;
  const last = indexes.findLast((index) => pages.has(index)) ?? 0;
  const page = pages.get(last);
  return last * WINDOW_ROWS + (page?.data.length ?? 0) + (page?.next_cursor ? 1 : 0);
}
