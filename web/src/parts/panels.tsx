// Panels, their heads, and figures in a row.
import type { ReactNode } from "react";
import { CopyCurl } from "./copy_curl";
import { Freshness, type Reading, useStale } from "./live";
import { Skeleton } from "./states";

// `fill`: as high as the window, so that a list inside can scroll by itself.
export function Screen({
  title,
  aside,
  fill,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  fill?: boolean;
  children: ReactNode;
}) {
  return (
    <div
      className={`mx-auto flex w-full max-w-[1320px] flex-col gap-4 px-4 py-5 md:px-8 md:pt-6
      md:pb-7 ${fill ? "md:h-dvh" : ""}`}
    >
      <header className="flex min-h-8 flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 className="text-[1.1875rem] leading-7 font-semibold tracking-[-0.014em]">{title}</h1>
        {aside}
      </header>
      {children}
    </div>
  );
}

export function Panel({
  title,
  reading,
  aside,
  curl,
  className = "",
  children,
}: {
  title: string;
  reading?: Reading;
  aside?: ReactNode;
  // The path of the one request that it shows.
  curl?: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} className={`panel flex min-w-0 flex-col ${className}`}>
      <header
        className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1
        border-b border-line px-4 py-1.5"
      >
        <h2 className="font-medium">{title}</h2>
        <div className="flex items-center gap-3">
          {aside}
          {reading && <Freshness of={reading} />}
          {curl && <CopyCurl path={curl} />}
        </div>
      </header>
      {children}
    </section>
  );
}

export function Figures({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      className="panel grid grid-cols-2 overflow-hidden
      sm:grid-cols-3 lg:grid-flow-col lg:auto-cols-fr lg:grid-cols-none"
    >
      {children}
    </section>
  );
}

export function FigureCell({
  label,
  value,
  unit,
  note,
  reading,
  children,
}: {
  label: string;
  value: ReactNode;
  unit?: string;
  note?: ReactNode;
  reading: Reading;
  children?: ReactNode;
}) {
  const stale = useStale(reading);
  return (
    <div
      className="relative -mr-px -mb-px flex min-h-[112px] min-w-0 flex-col border-r border-b
      border-line px-4 pt-3 pb-3 first:max-lg:col-span-2"
    >
      <span className="flex items-baseline justify-between gap-2">
        <span className="label truncate">{label}</span>
        <span className="shrink-0 whitespace-nowrap">
          <Freshness of={reading} brief />
        </span>
      </span>
      <span className="mt-1 flex items-baseline gap-1">
        {reading.dataUpdatedAt === 0 && !reading.isError ? (
          <Skeleton className="my-1 h-6 w-20" />
        ) : (
          <span
            className={`text-2xl leading-8 font-semibold tracking-[-0.022em]
              ${stale ? "stale" : ""}`}
          >
            {value}
          </span>
        )}
        {unit && <span className="text-faint">{unit}</span>}
      </span>
      <span className="label line-clamp-2 min-h-[1.125rem]">{note}</span>
      {children && <div className="mt-auto pt-2">{children}</div>}
    </div>
  );
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div
      className="flex min-h-8 items-center justify-between gap-4 border-b border-line px-4 py-1
      last:border-b-0"
    >
      <dt className="text-soft">{label}</dt>
      <dd className="min-w-0 text-right">{children}</dd>
    </div>
  );
}
