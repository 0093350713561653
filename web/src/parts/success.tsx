// What the business wants to reach: where it stood, where it stands, where it shall be.
import { useQuery } from "@tanstack/react-query";
import { type SuccessMetric, successQuery } from "../api/insights";
import { MISSING, count, fixed, percent } from "../numbers";
import { Chip, Meter } from "./controls";
import { Panel } from "./panels";
import { Failure, SkeletonRows } from "./states";

export function SuccessPanel() {
  const success = useQuery(successQuery);
  if (success.data?.data.length === 0) return null; // the pack names nothing to reach
  return (
    <Panel title="Success" reading={success}>
      {success.isPending && <SkeletonRows rows={4} className="h-12" />}
      {success.isError && !success.data && (
        <Failure error={success.error} retry={success.refetch} />
      )}
      {success.data && (
        <ul className="grid sm:grid-cols-2 lg:grid-cols-3">
          {success.data.data.map((metric) => (
            <Metric key={metric.name} metric={metric} currency={success.data.currency} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function worded(value: number | null, unit: string, currency: string | null): string {
  if (value === null) return MISSING;
  if (unit === "share") return percent(value, 1);
  if (unit === "money") return `${count(value)} ${currency ?? ""}`.trim();
  return fixed(value, 3);
}

function Metric({ metric, currency }: { metric: SuccessMetric; currency: string | null }) {
  const { title, unit, baseline, target, actual, progress } = metric;
  const reached = progress !== null && progress >= 1;
  const tone = reached ? "good" : progress !== null && progress < 0 ? "bad" : "plain";
  return (
    <li
      className="-mr-px -mb-px border-r border-b border-line px-4 py-3"
      title={metric.about ?? ""}
    >
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="font-medium">{title}</h3>
        <span className="text-lg font-semibold tabular-nums">
          {worded(actual, unit, currency)}
        </span>
      </div>
      {target !== null ? (
        <>
          <p className="label mb-2 flex justify-between gap-2">
            <span>
              From {worded(baseline, unit, currency)} to {worded(target, unit, currency)}
            </span>
            <Chip tone={tone}>
              {progress === null
                ? "Not known yet"
                : reached
                  ? "Reached"
                  : `${percent(progress)} of the way`}
            </Chip>
          </p>
          <Meter
            share={progress === null ? null : Math.min(1, Math.max(0, progress))}
            label={`${title}: of the way to the target`}
          />
        </>
      ) : (
        <p className="label">No target is set</p>
      )}
    </li>
  );
}
