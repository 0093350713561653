// What changed of a customer between two dates, and what it came from: signed bars that add up.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Change, Pack } from "../api/client";
import { changeQuery, historyQuery } from "../api/queries";
import { type Task, dateWords, featureValue, figure } from "../numbers";
import { useUrlSearch } from "../url_search";
import { sentence, shortTaskLabel, taskLabel } from "../words";
import { Button, TierMark } from "./controls";
import { Panel } from "./panels";
import { Empty, Failure, SkeletonRows } from "./states";

const DAY_MS = 86_400_000;
const PRESETS = [
  { days: 7, label: "Last 7 days" },
  { days: 30, label: "Last 30 days" },
  { days: 90, label: "Last 90 days" },
] as const;
const CAUSES = [
  { part: "behaviour", label: "What the customer did" },
  { part: "ageing", label: "What moved out of the windows" },
  { part: "model_version", label: "Another version of the model" },
  { part: "settings", label: "Other settings" },
  { part: "override", label: "Set by hand" },
] as const;
const TIER_CAUSES: Record<Change["tier_cause"], string> = {
  none: "",
  figures: "because the figures changed",
  settings: "because the rules of the tiers changed",
  both: "because both figures and rules changed",
  persistence: "because it had been over a border for long enough",
};

const isoDay = (time_ms: number) => new Date(time_ms).toISOString().slice(0, 10);

export function ChangeView({
  id,
  pack,
  asOf,
}: {
  id: string;
  pack: Pack;
  asOf: string | undefined; // where time stands still
}) {
  const { search, change } = useUrlSearch();
  const [opened] = useState(Date.now);
  const now = asOf ? Date.parse(asOf) : opened;
  const from = search.from ?? isoDay(now - 30 * DAY_MS);
  const to = search.to;
  // Who was never scored has nothing to compare.
  const { data: history } = useQuery(historyQuery(id));
  const read = useQuery({
    ...changeQuery(id, from, to ? `${to}T23:59:59Z` : undefined),
    enabled: Boolean(history?.data.length),
  });
  if (history && history.data.length === 0) return null;
  return (
    <Panel title="What changed">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 px-3 pt-3">
        {PRESETS.map(({ days, label }) => (
          <Button
            key={days}
            quiet
            aria-pressed={!to && from === isoDay(now - days * DAY_MS)}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => change({ from: isoDay(now - days * DAY_MS), to: undefined })}
          >
            {label}
          </Button>
        ))}
        <span className="ml-auto flex items-center gap-2">
          <DayField label="From" value={from} max={to} set={(day) => change({ from: day })} />
          <DayField
            label="To"
            value={to ?? isoDay(now)}
            min={from}
            set={(day) => change({ to: day })}
          />
        </span>
      </div>
      {read.isPending && <SkeletonRows rows={6} />}
      {read.isError && <Failure error={read.error} retry={read.refetch} />}
      {read.data && !read.isError && <Changes change={read.data} pack={pack} />}
    </Panel>
  );
}

function DayField({
  label,
  value,
  min,
  max,
  set,
}: {
  label: string;
  value: string;
  min?: string | undefined;
  max?: string | undefined;
  set: (day: string) => void;
}) {
  return (
    <label className="label flex items-center gap-1.5">
      {label}
      <input
        type="date"
        value={value}
        min={min}
        max={max}
        onChange={(event) => event.target.value && set(event.target.value)}
        className="h-7 rounded-md border border-line-strong bg-ground px-2 text-ink"
      />
    </label>
  );
}

function Changes({ change, pack }: { change: Change; pack: Pack }) {
  const { search, change: setSearch } = useUrlSearch();
  const task =
    pack.tasks.find((known) => known.task === search.changed) ??
    pack.tasks.find((known) => known.task.startsWith("churn")) ??
    pack.tasks[0]!;
  return (
    <>
      <div
        role="group"
        aria-label="Figure that changed"
        className="flex flex-wrap gap-1 px-3 pt-2"
      >
        {pack.tasks.map((known) => (
          <Button
            key={known.task}
            quiet
            aria-pressed={known.task === task.task}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => setSearch({ changed: known.task })}
          >
            {shortTaskLabel(known.task)}
          </Button>
        ))}
      </div>
      <TierChange change={change} />
      <Causes change={change} task={task} />
      <MovedFeatures change={change} pack={pack} />
    </>
  );
}

function TierChange({ change }: { change: Change }) {
  const { from, to, tier_cause: cause } = change;
  return (
    <p className="flex flex-wrap items-center gap-x-2 px-4 pt-3">
      <TierMark tier={from.tier} />
      {from.tier !== to.tier && (
        <>
          <span aria-hidden className="text-faint">
            →
          </span>
          <TierMark tier={to.tier} />
        </>
      )}
      <span className="text-soft">{TIER_CAUSES[cause] || "all along"}</span>
      <span className="label ml-auto">
        {dateWords(from.as_of)} – {dateWords(to.as_of)}
      </span>
    </p>
  );
}

// A difference in the figure's own unit, with its sign.
function difference(task: Task, value: number): string {
  const scale = task.kind === "probability" ? 100 : 1;
  const shown = Math.abs(value * scale).toFixed(scale === 100 || (task.max ?? 0) >= 50 ? 1 : 2);
  const sign = value < 0 ? "−" : "+";
  return `${Number(shown) === 0 ? "" : sign}${shown}${scale === 100 ? " pts" : ""}`;
}

function Causes({ change, task }: { change: Change; task: Task }) {
  const changes = change.changes as Record<string, Change["changes"][keyof Change["changes"]]>;
  const parts = changes[task.task];
  if (!parts) return <Empty title="No figure to compare">One of the two dates has none.</Empty>;
  const values = CAUSES.map(({ part }) => parts[part]);
  const most = Math.max(...values.map(Math.abs), 1e-9);
  return (
    <table className="mt-2 w-full">
      <caption className="sr-only">Causes of the change of {taskLabel(task.task)}</caption>
      <tbody>
        <Row label={dateWords(change.from.as_of)} value={figure(task, parts.from)} strong />
        {CAUSES.map(({ part, label }) => (
          <Row
            key={part}
            label={label}
            share={parts[part] / most}
            value={difference(task, parts[part])}
          />
        ))}
        <Row label={dateWords(change.to.as_of)} value={figure(task, parts.to)} strong />
      </tbody>
    </table>
  );
}

function Row({
  label,
  value,
  share,
  strong,
}: {
  label: string;
  value: string;
  share?: number;
  strong?: boolean;
}) {
  return (
    <tr className={strong ? "border-y border-line font-medium" : ""}>
      <th scope="row" className="h-8 w-[45%] px-4 text-left font-[inherit] text-soft">
        {label}
      </th>
      <td aria-hidden className="w-[35%]">
        {share !== undefined && <SignedBar share={share} />}
      </td>
      <td className="px-4 text-right">{value}</td>
    </tr>
  );
}

function SignedBar({ share }: { share: number }) {
  const width = `${Math.abs(share) * 50}%`;
  return (
    <span className="relative block h-2.5 border-line-strong">
      <span className="absolute inset-y-[-6px] left-1/2 w-px bg-line-strong" />
      {share !== 0 && (
        <span
          className="absolute inset-y-0 rounded-sm"
          style={{
            width,
            left: share < 0 ? `calc(50% - ${width})` : "50%",
            background: share < 0 ? "var(--tier-calm)" : "var(--tier-warn)",
          }}
        />
      )}
    </span>
  );
}

function MovedFeatures({ change, pack }: { change: Change; pack: Pack }) {
  if (change.features.length === 0) return null;
  return (
    <details className="border-t border-line">
      <summary className="flex min-h-9 cursor-default items-center px-4 text-soft">
        {change.features.length} features moved
      </summary>
      <table className="mb-2 w-full">
        <caption className="sr-only">Features that moved</caption>
        <tbody>
          {change.features.map((moved) => {
            const feature = pack.features.find((known) => known.feature === moved.feature);
            return feature ? (
              <tr key={moved.feature} className="hover:bg-hover">
                <th scope="row" className="h-7 px-4 text-left font-normal text-soft">
                  {sentence(feature.label)}
                </th>
                <td className="text-right">{featureValue(feature, moved.from)}</td>
                <td aria-hidden className="px-2 text-center text-faint">
                  →
                </td>
                <td className="px-4 text-right font-medium">{featureValue(feature, moved.to)}</td>
              </tr>
            ) : null;
          })}
        </tbody>
      </table>
    </details>
  );
}
