// The stream: what changes, as it changes, into what the page has read. Where there is no stream,
// what is shown is read again every few seconds.
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Overview, Pipeline, Prediction, TierList } from "./client";
import {
  PERIOD_MS,
  overviewQuery,
  patchCustomer,
  patchCustomers,
  patchNewest,
  pipelineQuery,
  sampled,
  tiersQuery,
} from "./queries";

export type Connection = "connecting" | "live" | "polling" | "away";

interface Change {
  reset?: boolean;
  predictions?: Prediction[];
  topics?: string[];
  overview?: Overview;
  tiers?: TierList;
  pipeline?: Pipeline;
}

// Figures come every 5 s even when nothing happens: a stream silent for this long is none.
const SILENT_MS = 16_000;
const BACK_MS = 3_000;
const HIDDEN_MS = 60_000; // a page nobody sees lets its stream go
const AGAIN_MS = 4_000; // a list is not read again more often than this
const SLOW_ROUNDS = 6; // of polling: what is costly to read

// What a topic means for what the page has read.
const TOPICS: Record<string, readonly string[]> = {
  customers: ["customers", "newest", "customer"],
  dead_letters: ["deadletters", "deadletter"],
  models: ["models", "evaluation", "pack", "drivers"],
  actions: ["actions", "action", "customer-actions", "customer", "effect"],
  alerts: ["alerts"],
  views: ["views"],
  tiers: ["pack", "tiers"],
};
const LISTS = new Set(["customers", "newest", "customer", "deadletters", "actions", "action"]);
// Of one customer: computed when asked, so read again when that customer changed.
const OF_CUSTOMER = ["features", "drivers", "history", "events", "change"];
const SLOW = new Set(["drivers", "history", "evaluation", "portfolio", "change", "effect"]);
// Kept up by the stream, or read again by polling. Other queries look after themselves.
const KEPT_UP = new Set([
  "overview",
  "tiers",
  "pipeline",
  ...Object.values(TOPICS).flat(),
  ...OF_CUSTOMER,
  "portfolio",
]);

let connection: Connection = "connecting";
const watchers = new Set<() => void>();
function become(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const watcher of watchers) watcher();
}
export function useConnection(): Connection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connection,
  );
}

const kindOf = (key: QueryKey) => String(key[0]);

// Reads lists again, each at most once in AGAIN_MS and never lost: a later wish waits.
class Again {
  private readonly last = new Map<string, number>();
  private readonly waiting = new Set<string>();
  constructor(private readonly client: QueryClient) {}

  ask(queryKey: QueryKey): void {
    const name = JSON.stringify(queryKey);
    if (this.waiting.has(name)) return;
    const wait = (this.last.get(name) ?? 0) + AGAIN_MS - Date.now();
    if (wait <= 0) return this.read(name, queryKey);
    this.waiting.add(name);
    setTimeout(() => this.read(name, queryKey), wait);
  }
  private read(name: string, queryKey: QueryKey): void {
    this.waiting.delete(name);
    if (this.last.size > 500) this.last.clear();
    this.last.set(name, Date.now());
    void this.client.invalidateQueries({ queryKey });
  }
}

function apply(client: QueryClient, again: Again, change: Change): void {
  if (change.reset) {
    void client.invalidateQueries({ predicate: ({ queryKey }) => KEPT_UP.has(kindOf(queryKey)) });
  }
  if (change.overview) client.setQueryData(overviewQuery.queryKey, change.overview);
  if (change.tiers) client.setQueryData(tiersQuery.queryKey, change.tiers);
  if (change.pipeline) client.setQueryData(pipelineQuery.queryKey, sampled(change.pipeline));
  if (change.predictions) {
    patchCustomers(client, change.predictions);
    patchNewest(client, change.predictions);
    for (const row of change.predictions) {
      if (!patchCustomer(client, row)) continue;
      for (const kind of ["customer", ...OF_CUSTOMER]) again.ask([kind, row.customer_id]);
    }
  }
  for (const topic of change.topics ?? []) {
    for (const kind of TOPICS[topic] ?? [topic]) again.ask([kind]);
  }
  markCurrent(client);
}

// Whatever had changed would have come by the stream: what is shown is as new as its last message.
function markCurrent(client: QueryClient): void {
  const now = Date.now();
  for (const query of client.getQueryCache().findAll({ type: "active" })) {
    const { status, isInvalidated, fetchStatus, dataUpdatedAt } = query.state;
    if (!KEPT_UP.has(kindOf(query.queryKey)) || now - dataUpdatedAt < 1000) continue;
    if (status !== "success" || isInvalidated || fetchStatus !== "idle") continue;
    client.setQueryData(query.queryKey, (known: unknown) => known);
  }
}

// Reads what is shown again: all of it where there is no stream, else what failed.
function poll(client: QueryClient, round: number): void {
  if (document.hidden) return;
  const live = connection === "live";
  void client.refetchQueries({
    type: "active",
    predicate: ({ queryKey, state }) => {
      const kind = kindOf(queryKey);
      if (state.fetchStatus !== "idle") return false;
      if (state.status === "error") return true;
      if (live || !KEPT_UP.has(kind)) return false;
      return !SLOW.has(kind) || round % SLOW_ROUNDS === 0;
    },
  });
}

// One page's stream, from its start on. Comes back by itself, behind the last message it had.
class LiveStream {
  private source: EventSource | null = null;
  private lastId = "";
  private heardAt = Date.now();
  private openedAt = 0;
  private failures = 0;
  private readonly again: Again;

  constructor(private readonly client: QueryClient) {
    this.again = new Again(client);
  }

  open(): void {
    this.close();
    const from = this.lastId && `?last_event_id=${encodeURIComponent(this.lastId)}`;
    const source = new EventSource(`/api/v1/stream${from}`);
    this.source = source;
    this.openedAt = this.heardAt = Date.now();
    source.addEventListener("change", (event) => this.heard(event));
    source.onerror = () => {
      if (connection === "connecting") become("polling");
      // It may be back within a moment: a stream ends now and then to be asked for again.
      setTimeout(() => {
        if (Date.now() - this.heardAt >= BACK_MS && connection === "live") become("polling");
      }, BACK_MS);
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      this.source = null; // refused: the browser does not come back by itself
      this.failures += 1;
      become("polling");
    };
  }

  close(): void {
    this.source?.close();
    this.source = null;
  }

  private heard(event: MessageEvent<string>): void {
    // What was read before the stream stood may lack what changed between the two.
    if (this.lastId === "") this.readAgain();
    this.lastId = event.lastEventId;
    this.heardAt = Date.now();
    this.failures = 0;
    become("live");
    apply(this.client, this.again, JSON.parse(event.data) as Change);
  }

  private readAgain(): void {
    void this.client.invalidateQueries({
      predicate: ({ queryKey, state }) =>
        LISTS.has(kindOf(queryKey)) && state.dataUpdatedAt > 0,
    });
  }

  // Every PERIOD_MS.
  look(hiddenFor: number): void {
    if (hiddenFor > HIDDEN_MS) return this.close();
    if (document.hidden) return;
    const silent = Date.now() - this.heardAt > SILENT_MS;
    if (this.source && !silent) return;
    if (silent) become("polling");
    // Refused again and again: not every 5 s.
    if (this.failures > 3 && Date.now() - this.openedAt < 6 * PERIOD_MS) return;
    this.open();
  }
}

// Once, when the page starts.
export function startLive(client: QueryClient): void {
  const stream = new LiveStream(client);
  let round = 0;
  let hiddenAt = 0;
  stream.open();
  setInterval(() => {
    stream.look(hiddenAt ? Date.now() - hiddenAt : 0);
    round += 1;
    poll(client, round);
  }, PERIOD_MS);
  document.addEventListener("visibilitychange", () => {
    hiddenAt = document.hidden ? Date.now() : 0;
    if (!document.hidden) stream.look(0);
  });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) stream.open();
  });
}

// Whether the server answers at all, as far as the last readings tell.
export function watchReachable(client: QueryClient): void {
  client.getQueryCache().subscribe(({ query, type }) => {
    if (type !== "updated" || connection === "live") return;
    const { status, error, fetchFailureReason } = query.state;
    const reason = (error ?? fetchFailureReason) as { status?: number } | null;
    if (reason?.status === 0) become("away");
    else if (status === "success" && query.state.fetchStatus === "idle" && connection === "away")
      become("polling");
  });
}
