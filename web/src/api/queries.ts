// What the screens read, how often it is read again, and how newest predictions reach the lists.
import {
  type InfiniteData,
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
  type Page,
  type Pipeline,
  type Prediction,
  Problem,
  api,
} from "./client";

export const PERIOD_MS = 5_000;
export const STALE_MS = 15_000; // three readings missed: a figure looks stale
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

const live = { refetchInterval: PERIOD_MS } as const;

export const packQuery = queryOptions({
  queryKey: ["pack"],
  queryFn: api.pack,
  staleTime: Infinity,
  refetchInterval: (query) => (query.state.status === "error" ? PERIOD_MS : false),
});
export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => api.overview(signal),
  ...live,
});
export const tiersQuery = queryOptions({
  queryKey: ["tiers"],
  queryFn: ({ signal }) => api.tiers(signal),
  ...live,
});
export const pipelineQuery = queryOptions({
  queryKey: ["pipeline"],
  queryFn: async ({ signal }) => sampled(await api.pipeline(signal)),
  ...live,
});
export const newestQuery = queryOptions({
  queryKey: ["newest"],
  queryFn: ({ signal }) => api.newest(100, signal),
  ...live,
});
export const alertsQuery = queryOptions({
  queryKey: ["alerts"],
  queryFn: ({ signal }) => api.alerts(signal),
  ...live,
});
export const receiversQuery = queryOptions({
  queryKey: ["receivers"],
  queryFn: ({ signal }) => api.receivers(signal),
  ...live,
});
export const deliveriesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["deliveries", id],
    queryFn: ({ pageParam, signal }) => api.deliveries(id, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    ...live,
  });
export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => api.models(signal),
  ...live,
});
export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: ({ signal }) => api.rules(signal),
  ...live,
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
    refetchInterval: 6 * PERIOD_MS,
  });
export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ["customer", id],
    queryFn: ({ signal }) => api.customer(id, signal),
    ...live,
  });
export const featuresQuery = (id: string) =>
  queryOptions({
    queryKey: ["features", id],
    queryFn: ({ signal }) => api.features(id, signal),
    ...live,
  });
export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ["history", id],
    queryFn: ({ signal }) => api.history(id, signal),
    refetchInterval: 2 * PERIOD_MS,
  });
export const driversQuery = (id: string, task: string | undefined) =>
  queryOptions({
    queryKey: ["drivers", id, task],
    queryFn: ({ signal }) => api.drivers(id, task, signal),
    refetchInterval: 6 * PERIOD_MS,
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
    refetchInterval: PERIOD_MS,
    placeholderData: keepPreviousData,
  });
export const actionQuery = (id: string) =>
  queryOptions({
    queryKey: ["action", id],
    queryFn: ({ signal }) => api.action(id, signal),
    enabled: id !== "",
    ...live,
  });
export const customerActionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["customer-actions", id],
    queryFn: ({ signal }) => api.customerActions(id, signal),
    ...live,
  });
export const effectQuery = queryOptions({
  queryKey: ["effect"],
  queryFn: ({ signal }) => api.effect(signal),
  refetchInterval: 12 * PERIOD_MS,
  staleTime: 6 * PERIOD_MS,
});
export const flowQuery = (by: "day" | "hour") =>
  queryOptions({
    queryKey: ["flow", by],
    queryFn: ({ signal }) => api.flow(by, signal),
    ...live,
  });
export const customersQuery = (search: Record<string, string>, limit = 500) =>
  infiniteQueryOptions({
    queryKey: ["customers", search, limit],
    queryFn: ({ pageParam, signal }) =>
      api.customers(search, limit, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
export const deadLettersQuery = (search: DeadLetterSearch) =>
  infiniteQueryOptions({
    queryKey: ["deadletters", search],
    queryFn: ({ pageParam, signal }) => api.deadLetters(search, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: PERIOD_MS,
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

function sampled(pipeline: Pipeline): Pipeline {
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

// ---- Newest predictions into the lists of customers, in place: order and scroll stay

type CustomerPages = InfiniteData<Page<Prediction>>;

export function patchCustomers(client: QueryClient, newest: readonly Prediction[]): void {
  const byId = new Map(newest.map((row) => [row.customer_id, row]));
  client.setQueriesData<CustomerPages>({ queryKey: ["customers"] }, (known) => {
    if (!known) return known;
    let changed = false;
    const pages = known.pages.map((page) => {
      const data = page.data.map((row) => {
        const newer = byId.get(row.customer_id);
        if (!newer || Date.parse(newer.timestamp) <= Date.parse(row.timestamp)) return row;
        changed = true;
        return newer;
      });
      return changed ? { ...page, data } : page;
    });
    return changed ? { ...known, pages } : known;
  });
}
