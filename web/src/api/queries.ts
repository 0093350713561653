// What the screens read, and how changed predictions reach it. It is kept up by stream.ts.
import {
  type QueryClient,
  MutationCache,
  QueryCache,
  QueryClient as Client,
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
} from "@tanstack/react-query";
import {
  type DeadLetterSearch,
  type CustomerPage,
  type Pipeline,
  type Prediction,
  Problem,
  api,
} from "./client";

export const PERIOD_MS = 5_000;
export const STALE_MS = 15_000; // three readings missed, or a silent stream: a figure looks stale
const SAMPLES_MAX = 720; // an hour

// `signedOut` is told the code of each 401: whoever looked is not signed in any more.
export function makeClient(signedOut: (code: string) => void): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof Problem && error.status === 401) signedOut(error.code);
  };
  return new Client({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        networkMode: "always",
        retryDelay: 700,
        retry: (failures, error) =>
          failures < 1 && error instanceof Problem && (error.status === 0 || error.status >= 500),
      },
      mutations: { networkMode: "always" },
    },
  });
}

export const packQuery = queryOptions({
  queryKey: ["pack"],
  queryFn: api.pack,
  staleTime: Infinity,
  refetchInterval: (query) => (query.state.status === "error" ? PERIOD_MS : false),
});
export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => api.overview(signal),
});
export const tiersQuery = queryOptions({
  queryKey: ["tiers"],
  queryFn: ({ signal }) => api.tiers(signal),
});
export const pipelineQuery = queryOptions({
  queryKey: ["pipeline"],
  queryFn: async ({ signal }) => sampled(await api.pipeline(signal)),
});
export const newestQuery = queryOptions({
  queryKey: ["newest"],
  queryFn: ({ signal }) => api.newest(100, signal),
});
export const alertsQuery = queryOptions({
  queryKey: ["alerts"],
  queryFn: ({ signal }) => api.alerts(signal),
});
export const receiversQuery = queryOptions({
  queryKey: ["receivers"],
  queryFn: ({ signal }) => api.receivers(signal),
  refetchInterval: PERIOD_MS,
});
export const deliveriesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["deliveries", id],
    queryFn: ({ pageParam, signal }) => api.deliveries(id, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: PERIOD_MS,
  });
export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => api.models(signal),
});
export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: ({ signal }) => api.rules(signal),
  refetchInterval: PERIOD_MS,
});
export const ruleVersionsQuery = infiniteQueryOptions({
  queryKey: ["rule-versions"],
  queryFn: ({ pageParam, signal }) => api.ruleVersions(pageParam || undefined, signal),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});
export const ruleVersionQuery = (version: number) =>
  queryOptions({
    queryKey: ["rule-version", version],
    queryFn: ({ signal }) => api.ruleVersion(version, signal),
    staleTime: Infinity,
  });
export const changeQuery = (id: string, from: string, to: string | undefined) =>
  queryOptions({
    queryKey: ["change", id, from, to],
    queryFn: ({ signal }) => api.change(id, from, to, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
export const evaluationQuery = (id: string) =>
  queryOptions({
    queryKey: ["evaluation", id],
    queryFn: ({ signal }) => api.evaluation(id, signal),
  });
export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ["customer", id],
    queryFn: ({ signal }) => api.customer(id, signal),
    });
export const featuresQuery = (id: string) =>
  queryOptions({
    queryKey: ["features", id],
    queryFn: ({ signal }) => api.features(id, signal),
    });
export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ["history", id],
    queryFn: ({ signal }) => api.history(id, signal),
  });
export const driversQuery = (id: string, task: string | undefined) =>
  queryOptions({
    queryKey: ["drivers", id, task],
    queryFn: ({ signal }) => api.drivers(id, task, signal),
    placeholderData: keepPreviousData,
  });
export const eventsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["events", id],
    queryFn: ({ pageParam, signal }) => api.events(id, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
export const actionsQuery = (search: Record<string, string>) =>
  infiniteQueryOptions({
    queryKey: ["actions", search],
    queryFn: ({ pageParam, signal }) => api.actions(search, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
export const actionQuery = (id: string) =>
  queryOptions({
    queryKey: ["action", id],
    queryFn: ({ signal }) => api.action(id, signal),
    enabled: id !== "",
  });
export const customerActionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["customer-actions", id],
    queryFn: ({ signal }) => api.customerActions(id, signal),
  });
export const effectQuery = queryOptions({
  queryKey: ["effect"],
  queryFn: ({ signal }) => api.effect(signal),
});
export const flowQuery = (by: "day" | "hour") =>
  queryOptions({
    queryKey: ["flow", by],
    queryFn: ({ signal }) => api.flow(by, signal),
    refetchInterval: PERIOD_MS,
  });
// A window of the list: rows WINDOW_ROWS x index and on.
export const WINDOW_ROWS = 200;
export const customersWindow = (search: Record<string, string>, index: number) =>
  queryOptions({
    queryKey: ["customers", search, index],
    queryFn: ({ signal }) =>
      api.customers({ ...search, skip: String(index * WINDOW_ROWS) }, WINDOW_ROWS, signal),
    staleTime: 30_000,
    gcTime: 60_000, // of 100,000 rows only those near the view stay
    refetchOnWindowFocus: false,
  });
export const portfolioQuery = queryOptions({
  queryKey: ["portfolio"],
  queryFn: ({ signal }) => api.portfolio(signal),
  staleTime: 60_000,
});
export const viewsQuery = queryOptions({
  queryKey: ["views"],
  queryFn: ({ signal }) => api.views(signal),
});
export const deadLettersQuery = (search: DeadLetterSearch) =>
  infiniteQueryOptions({
    queryKey: ["deadletters", search],
    queryFn: ({ pageParam, signal }) => api.deadLetters(search, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

// ---- The pipeline over time, as far as this page has watched it

export interface Sample {
  at_s: number;
  applied_per_s: number;
  stored_per_s: number;
  lag: number;
  utilisation: number;
}
let samples: readonly Sample[] = [];
const watchers = new Set<() => void>();

export function sampled(pipeline: Pipeline): Pipeline {
  if (pipeline.rates) {
    const { applied_per_s, stored_per_s, utilisation } = pipeline.rates;
    const sample = {
      at_s: Date.now() / 1000,
      applied_per_s,
      stored_per_s,
      utilisation,
      lag: pipeline.lag,
    };
    samples = [...samples.slice(1 - SAMPLES_MAX), sample];
    for (const watcher of watchers) watcher();
  }
  return pipeline;
}
export const pipelineSamples = {
  subscribe(watcher: () => void) {
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  },
  read: () => samples,
};

// ---- Changed predictions into what was read, in place: order and scroll stay

const newer = (a: Prediction, b: Prediction) => Date.parse(a.timestamp) > Date.parse(b.timestamp);

export function patchCustomers(client: QueryClient, changed: readonly Prediction[]): void {
  const byId = new Map(changed.map((row) => [row.customer_id, row]));
  client.setQueriesData<CustomerPage>({ queryKey: ["customers"] }, (known) => {
    if (!known?.data.some((row) => byId.has(row.customer_id))) return known;
    const data = known.data.map((row) => {
      const now = byId.get(row.customer_id);
      return now && newer(now, row) ? now : row;
    });
    return { ...known, data };
  });
}

const NEWEST_ROWS = 100;
export function patchNewest(client: QueryClient, changed: readonly Prediction[]): void {
  client.setQueryData(newestQuery.queryKey, (known) => {
    if (!known) return known;
    const byId = new Map([...known.data, ...changed].map((row) => [row.customer_id, row]));
    const data = [...byId.values()].sort((a, b) => b.timestamp.localeCompare(a.timestamp));
    return { ...known, data: data.slice(0, NEWEST_ROWS) };
  });
}

// Whether the page has read this customer.
export function patchCustomer(client: QueryClient, row: Prediction): boolean {
  const key = customerQuery(row.customer_id).queryKey;
  const known = client.getQueryData(key);
  if (known) client.setQueryData(key, { ...known, prediction: row });
  return known !== undefined;
}
