// Reports: which there are, their figures with the queries behind them, and their files.
import type { components } from "#schema";
import { client, told } from "./client";

export type ReportName = "engagement" | "cost" | "architecture";
export type Paper = "a4" | "letter";
export type ReportPlan = NonNullable<components["schemas"]["ReportList"]["schedule"]>;
export type ReportFigures = components["schemas"]["ReportFigures"];

export const reportsQuery = {
  queryKey: ["reports"],
  queryFn: () => told(client.GET("/api/v1/reports")),
};

export const reportQuery = (name: ReportName) => ({
  queryKey: ["reports", name],
  // The same path answers the file too, where it is asked for.
  queryFn: async () =>
    (await told(
      client.GET("/api/v1/reports/{name}", { params: { path: { name } } }),
    )) as ReportFigures,
  staleTime: 60_000, // gathered anew each time: not for polling
});

export const pdfAddress = (name: ReportName, paper: Paper) =>
  `/api/v1/reports/${name}?format=pdf&paper=${paper}`;

export const keepReport = (name: ReportName, paper: Paper) =>
  told(
    client.POST("/api/v1/reports/{name}", {
      params: { path: { name } },
      body: { paper },
    }),
  );
