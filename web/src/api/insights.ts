// The calls around money, retention, success and pilots.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { components } from "#schema";
import { client, told } from "./client";

type Schemas = components["schemas"];
export type Money = Schemas["Money"];
export type MoneyInput = Money["inputs"][number];
export type MoneyFigure = Money["figures"][number];
export type Retention = Schemas["Retention"];
export type Month = Retention["months"][number];
export type SuccessMetric = Schemas["SuccessMetrics"]["data"][number];
export type Pilot = Schemas["Pilot"];
export type PilotWithReport = Schemas["PilotWithReport"];
export type PilotReport = PilotWithReport["report"];
export type Exposure = Schemas["ExposureList"]["data"][number];
export type PilotDraft = Schemas["PilotDraft"];
export type PilotStep = "start" | "widen" | "stop";
export interface SizeAsked {
  outcome: "retained" | "amount";
  baseline?: number;
  change: number;
  deviation?: number;
  power: number;
  treated_share?: number;
}

const one = (id: string) => ({ params: { path: { id } } });

export const insights = {
  money: () => told(client.GET("/api/v1/money")),
  calculate: (body: Schemas["MoneyInputs"]) => told(client.POST("/api/v1/money", { body })),
  retention: () => told(client.GET("/api/v1/retention", { params: { query: { days: 90 } } })),
  success: () => told(client.GET("/api/v1/success")),
  pilots: () => told(client.GET("/api/v1/pilots")),
  pilot: (id: string) => told(client.GET("/api/v1/pilots/{id}", one(id))),
  createPilot: (body: PilotDraft) => told(client.POST("/api/v1/pilots", { body })),
  step: (id: string, step: PilotStep) => {
    if (step === "start") return told(client.POST("/api/v1/pilots/{id}/start", one(id)));
    if (step === "widen") return told(client.POST("/api/v1/pilots/{id}/widen", one(id)));
    return told(client.POST("/api/v1/pilots/{id}/stop", one(id)));
  },
  exposures: async (id: string, cursor?: string) => {
    const log = await told(
      client.GET("/api/v1/pilots/{id}/exposures", {
        params: { path: { id }, query: { limit: 50, cursor } },
      }),
    );
    return log as Schemas["ExposureList"]; // asked for as JSON, not as CSV
  },
  size: (query: SizeAsked) => told(client.GET("/api/v1/sample-size", { params: { query } })),
};

// These figures change with the day, not with the second.
const slow = { refetchInterval: 60_000, staleTime: 30_000 };
export const moneyQuery = queryOptions({
  queryKey: ["money"],
  queryFn: insights.money,
  staleTime: 300_000,
});
export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: insights.retention,
  refetchInterval: 600_000,
  staleTime: 600_000,
});
export const successQuery = queryOptions({
  queryKey: ["success"],
  queryFn: insights.success,
  refetchInterval: 600_000,
  staleTime: 300_000,
});
export const pilotsQuery = queryOptions({
  queryKey: ["pilots"],
  queryFn: insights.pilots,
  ...slow,
});
export const pilotQuery = (id: string) =>
  queryOptions({
    queryKey: ["pilot", id],
    queryFn: () => insights.pilot(id),
    enabled: id !== "",
    ...slow,
  });
export const exposuresQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["exposures", id],
    queryFn: ({ pageParam }) => insights.exposures(id, pageParam || undefined),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
export const sizeQuery = (asked: SizeAsked, known: boolean) =>
  queryOptions({
    queryKey: ["sample-size", asked],
    queryFn: () => insights.size(asked),
    enabled: known,
    staleTime: Infinity,
    retry: false,
  });
