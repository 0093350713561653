// The one place that calls the API, typed from its OpenAPI document.
import createClient from "openapi-fetch";
import type { components, paths } from "#schema";
import type { Book } from "../rules";

type Schemas = components["schemas"];
export type Overview = Schemas["Overview"];
export type TierList = Omit<Schemas["TierList"], "next_cursor">;
export type Pack = Schemas["Pack"];
export type Customer = Schemas["Customer"];
export type StoredEvent = Schemas["EventList"]["data"][number];
export type DeadLetter = Schemas["DeadLetter"];
export type Model = Schemas["Model"];
export type ModelEvaluation = Schemas["ModelEvaluation"];
export type Action = Schemas["Action"];
export type ActionPage = Schemas["ActionList"];
export type Override = Schemas["Override"];
export type Effect = Schemas["Effect"];
export type EffectReport = Schemas["EffectReport"];
export type TierFlow = Schemas["TierFlow"];
export type Totals = Schemas["Totals"];
export type RulePreview = Schemas["RulePreview"];
export type Change = Schemas["Change"];
export type ModelRoles = Schemas["ModelRoles"];
// A book that the program gives holds all its members, also those that a caller may leave out.
export type Rules = Omit<Schemas["Rules"], "book"> & { book: Book };
export type RuleVersion = Omit<Schemas["RuleVersion"], "book"> & { book: Book };
export type AlertList = Schemas["AlertList"];
export type Receiver = Schemas["Receiver"];
export type ReceiverWish = Schemas["NewReceiver"];
export type Delivery = Schemas["Delivery"];

// What the document leaves open: its figures are those of the pack that it was made from.
export type Figures = Record<string, number | null | undefined>;
export interface Prediction {
  customer_id: string;
  timestamp: string;
  tier: string | null;
  status: "scored" | "unscored" | "stale";
  reason: string | null;
  model_version: string | null;
  features_as_of: string;
  coverage: number;
  lapsed: boolean;
  override: Override | null; // the tier that somebody set by hand, beside `tier`
  figures: Figures;
}

interface Fill {
  bytes: number;
  bytes_max: number;
}
export interface Pipeline extends Omit<Schemas["Pipeline"], "rates" | "queues" | "door"> {
  rates: {
    over_s: number;
    stored_per_s: number;
    applied_per_s: number;
    events_per_commit: number | null;
    utilisation: number;
    headroom_per_s: number | null;
  } | null;
  queues: {
    shard_events: number;
    shard_events_fullest: number;
    shard_events_max: number;
    log?: (Fill & { syncs: number; longest_sync_s: number }) | null;
    ingest?: (Fill & { requests: number }) | null;
  };
  door: {
    connections: number;
    connections_max: number;
    slow_connections: number;
    held_bytes: number;
    held_bytes_max: number;
  } | null;
}

export type Search = Record<string, string>;
export type View = Schemas["ViewList"]["data"][number];

export interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

// Why a call failed: the API's problem document, or that nobody answered (status 0).
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId: string | null,
  ) {
    super(detail);
  }
}

function query(parameters: Record<string, unknown>): string {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}

export const client = createClient<paths>({ baseUrl: "", querySerializer: query });

export async function told<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>) {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "Tideline does not answer.", null);
  }
  if (answer.response.ok && answer.data !== undefined) return answer.data;
  const problem = (answer.error ?? {}) as { code?: string; detail?: string; title?: string };
  const detail = problem.detail ?? problem.title ?? `answered ${answer.response.status}`;
  throw new Problem(
    answer.response.status,
    problem.code ?? "unknown",
    detail,
    answer.response.headers.get("X-Request-Id"),
  );
}

// Definitions repeat in every row; the pack has them once.
function prediction(row: Schemas["Prediction"]): Prediction {
  const {
    customer_id,
    timestamp,
    tier,
    status,
    reason,
    model_version,
    features_as_of,
    coverage,
    lapsed,
    override,
    definition,
  } = row;
  const all = row as unknown as Figures;
  const figures = Object.fromEntries(Object.keys(definition).map((task) => [task, all[task]]));
  return {
    customer_id,
    timestamp,
    tier,
    status,
    reason,
    model_version,
    features_as_of,
    coverage,
    lapsed,
    override: override ?? null,
    figures,
  };
}

function predictions(list: Schemas["PredictionList"]): Page<Prediction> {
  return { data: list.data.map(prediction), next_cursor: list.next_cursor };
}

// A page of the list of customers, and how many fit in all, where that is known.
export interface CustomerPage extends Page<Prediction> {
  total: number | null;
}

export interface DeadLetterSearch {
  status?: DeadLetter["status"];
  code?: string;
}
export type CustomerQuery = Record<string, string | undefined>;
type OverrideAsked = Pick<Override, "tier" | "reason" | "expires">;

export const api = {
  pack: () => told(client.GET("/api/v1/pack")),
  overview: (signal?: AbortSignal) => told(client.GET("/api/v1/overview", { signal })),
  tiers: (signal?: AbortSignal) => told(client.GET("/api/v1/tiers", { signal })),
  pipeline: async (signal?: AbortSignal) =>
    (await told(client.GET("/api/v1/pipeline", { signal }))) as unknown as Pipeline,
  newest: async (limit: number, signal?: AbortSignal) =>
    predictions(
      await told(client.GET("/api/v1/predictions", { params: { query: { limit } }, signal })),
    ),
  customers: async (
    search: CustomerQuery,
    limit: number,
    signal?: AbortSignal,
  ): Promise<CustomerPage> => {
    // Bounds are named after the pack's tasks, which the document cannot know.
    const query = { ...search, limit } as object;
    const list = await told(client.GET("/api/v1/customers", { params: { query }, signal }));
    const { data, next_cursor, total } = list as Schemas["CustomerList"];
    return { data: data.map(prediction), next_cursor, total };
  },
  customer: async (id: string, signal?: AbortSignal) => {
    const found = await told(
      client.GET("/api/v1/customers/{id}", { params: { path: { id } }, signal }),
    );
    return { ...found, prediction: found.prediction ? prediction(found.prediction) : null };
  },
  features: (id: string, signal?: AbortSignal) =>
    told(client.GET("/api/v1/customers/{id}/features", { params: { path: { id } }, signal })),
  drivers: (id: string, task?: string, signal?: AbortSignal) =>
    told(
      client.GET("/api/v1/customers/{id}/drivers", {
        params: { path: { id }, query: { task } },
        signal,
      }),
    ),
  history: async (id: string, signal?: AbortSignal) =>
    predictions(
      await told(
        client.GET("/api/v1/customers/{id}/predictions", {
          params: { path: { id }, query: { limit: 400 } },
          signal,
        }),
      ),
    ),
  events: (id: string, cursor?: string, signal?: AbortSignal) =>
    told(
      client.GET("/api/v1/customers/{id}/events", {
        params: { path: { id }, query: { limit: 25, cursor } },
        signal,
      }),
    ),
  deadLetters: (search: DeadLetterSearch, cursor?: string, signal?: AbortSignal) =>
    told(
      client.GET("/api/v1/deadletters", {
        params: { query: { ...search, limit: 100, cursor } },
        signal,
      }),
    ),
  deadLetter: (id: string) =>
    told(client.GET("/api/v1/deadletters/{id}", { params: { path: { id } } })),
  retry: (id: string, payload?: string) =>
    told(
      client.POST("/api/v1/deadletters/{id}/retry", {
        params: { path: { id } },
        ...(payload === undefined ? {} : { body: { payload } as never }),
      }),
    ),
  drop: (id: string) =>
    told(client.POST("/api/v1/deadletters/{id}/drop", { params: { path: { id } } })),
  actions: async (search: CustomerQuery, cursor?: string, signal?: AbortSignal) => {
    const query = { ...search, limit: 100, cursor } as object;
    const list = await told(client.GET("/api/v1/actions", { params: { query }, signal }));
    return list as ActionPage;
  },
  action: (id: string, signal?: AbortSignal) =>
    told(client.GET("/api/v1/actions/{id}", { params: { path: { id } }, signal })),
  customerActions: (id: string, signal?: AbortSignal) =>
    told(client.GET("/api/v1/customers/{id}/actions", { params: { path: { id } }, signal })),
  changeActions: (body: Schemas["ActionBulk"]) =>
    told(client.POST("/api/v1/actions/bulk", { body })),
  effect: (signal?: AbortSignal) => told(client.GET("/api/v1/effect", { signal })),
  flow: (by: "day" | "hour", signal?: AbortSignal) =>
    told(
      client.GET("/api/v1/tiers/flow", {
        params: { query: { by, days: by === "day" ? 60 : 3 } },
        signal,
      }),
    ),
  setOverride: (id: string, { tier, reason, expires }: OverrideAsked) =>
    told(
      client.POST("/api/v1/customers/{id}/override", {
        params: { path: { id } },
        body: { tier, reason, expires },
      }),
    ),
  endOverride: (id: string) =>
    told(client.DELETE("/api/v1/customers/{id}/override", { params: { path: { id } } })),
  portfolio: (signal?: AbortSignal) => told(client.GET("/api/v1/features", { signal })),
  views: (signal?: AbortSignal) => told(client.GET("/api/v1/views", { signal })),
  saveView: (view: { name: string; screen: string; search: Search; shared: boolean }) =>
    told(client.POST("/api/v1/views", { body: view as never })),
  deleteView: (id: string) =>
    told(client.DELETE("/api/v1/views/{id}", { params: { path: { id } } })),
  alerts: (signal?: AbortSignal) =>
    told(client.GET("/api/v1/alerts", { params: { query: { limit: 20 } }, signal })),
  receivers: (signal?: AbortSignal) => told(client.GET("/api/v1/webhooks", { signal })),
  createReceiver: (body: ReceiverWish) => told(client.POST("/api/v1/webhooks", { body })),
  changeReceiver: (id: string, body: Schemas["ReceiverChange"]) =>
    told(client.PATCH("/api/v1/webhooks/{id}", { params: { path: { id } }, body })),
  removeReceiver: (id: string) =>
    told(client.DELETE("/api/v1/webhooks/{id}", { params: { path: { id } } })),
  rotateSecret: (id: string) =>
    told(client.POST("/api/v1/webhooks/{id}/rotate", { params: { path: { id } }, body: {} })),
  testReceiver: (id: string) =>
    told(client.POST("/api/v1/webhooks/{id}/test", { params: { path: { id } } })),
  deliveries: (id: string, cursor?: string, signal?: AbortSignal) =>
    told(
      client.GET("/api/v1/webhooks/{id}/deliveries", {
        params: { path: { id }, query: { limit: 25, cursor } },
        signal,
      }),
    ),
  resend: (id: string, delivery: string) =>
    told(
      client.POST("/api/v1/webhooks/{id}/deliveries/{delivery}/resend", {
        params: { path: { id, delivery } },
      }),
    ),
  models: (signal?: AbortSignal) => told(client.GET("/api/v1/models", { signal })),
  change: (id: string, from: string, to: string | undefined, signal?: AbortSignal) =>
    told(
      client.GET("/api/v1/customers/{id}/change", {
        params: { path: { id }, query: { from, to } },
        signal,
      }),
    ),
  rules: async (signal?: AbortSignal) =>
    (await told(client.GET("/api/v1/rules", { signal }))) as Rules,
  previewRules: (book: Book, of: "tiers" | "plays", signal?: AbortSignal) =>
    told(client.POST("/api/v1/rules/preview", { body: { book, of: [of] }, signal })),
  saveRules: (book: Book, note: string, basedOn: number) =>
    told(client.POST("/api/v1/rules", { body: { book, note, based_on: basedOn } })),
  ruleVersions: (cursor?: string, signal?: AbortSignal) =>
    told(
      client.GET("/api/v1/rules/versions", {
        params: { query: { limit: 50, cursor } },
        signal,
      }),
    ),
  ruleVersion: async (version: number, signal?: AbortSignal) =>
    (await told(
      client.GET("/api/v1/rules/versions/{version}", {
        params: { path: { version: String(version) } },
        signal,
      }),
    )) as RuleVersion,
  restoreRules: (version: number, basedOn: number) =>
    told(
      client.POST("/api/v1/rules/versions/{version}/restore", {
        params: { path: { version: String(version) } },
        body: { note: `Version ${version} restored`, based_on: basedOn },
      }),
    ),
  promote: (id: string, body: { shadow?: boolean; based_on?: string | null }) =>
    told(client.POST("/api/v1/models/{id}/promote", { params: { path: { id } }, body })),
  rollBack: (body: { shadow?: boolean; based_on?: string | null }) =>
    told(client.POST("/api/v1/models/rollback", { body })),
  evaluation: (id: string, signal?: AbortSignal) =>
    told(client.GET("/api/v1/models/{id}/evaluation", { params: { path: { id } }, signal })),
};

// The path of a read, as the API is asked for it.
export const customersPath = (search: CustomerQuery) => {
  const text = query(search);
  return `/api/v1/customers${text && `?${text}`}`;
};

// The list exactly as it is filtered and sorted, in those columns, as CSV.
export const customersCsv = (search: CustomerQuery, columns: readonly string[]) =>
  csvOf("/api/v1/customers", { ...search, columns: columns.join() });
export const actionsCsv = (search: CustomerQuery) => csvOf("/api/v1/actions", search);

// Every page of a list, one after the other.
async function csvOf(list: string, search: CustomerQuery): Promise<Blob> {
  const pages: string[] = [];
  let path: string | undefined = `${list}?${query({ ...search, limit: "1000" })}`;
  while (path) {
    const answer: Response = await fetch(path, { headers: { Accept: "text/csv" } });
    if (!answer.ok) throw new Problem(answer.status, "unknown", "the CSV could not be read", null);
    const text = await answer.text();
    pages.push(pages.length === 0 ? text : text.slice(text.indexOf("\n") + 1));
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get("Link") ?? "")?.[1];
  }
  return new Blob(pages, { type: "text/csv" });
}

// The ids of everybody who fits, in order.
export async function customerIds(search: CustomerQuery): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = "";
  do {
    const asked: CustomerQuery = { ...search, cursor: cursor || undefined };
    const page = await api.customers(asked, 1000);
    ids.push(...page.data.map((row) => row.customer_id));
    cursor = page.next_cursor;
  } while (cursor);
  return ids;
}
