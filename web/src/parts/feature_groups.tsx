// The features of a customer by group, each beside how it is spread over all customers.
import { useQuery } from "@tanstack/react-query";
import type { Pack } from "../api/client";
import { featuresQuery, portfolioQuery } from "../api/queries";
import { featureValue, percent, unitWords } from "../numbers";
import { sentence } from "../words";
import { Panel } from "./panels";
import { Failure, SkeletonRows } from "./states";

type Feature = Pack["features"][number];
interface Spread {
  known: number;
  p10: number | null;
  p25: number | null;
  p50: number | null;
  p75: number | null;
  p90: number | null;
}

export function FeatureGroups({ id, pack }: { id: string; pack: Pack | undefined }) {
  const features = useQuery(featuresQuery(id));
  const portfolio = useQuery(portfolioQuery);
  const values = (features.data?.features ?? {}) as Record<string, number | null>;
  const spreads = (portfolio.data?.features ?? {}) as Record<string, Spread>;
  const groups = [...new Set(pack?.features.map((feature) => feature.group))];
  return (
    <Panel
      title="Features"
      reading={features}
      curl={`/api/v1/customers/${encodeURIComponent(id)}/features`}
      aside={
        features.data && <span className="label">{percent(features.data.coverage)} known</span>
      }
    >
      {features.isPending && <SkeletonRows rows={18} className="h-8" />}
      {features.isError && !features.data && (
        <Failure error={features.error} retry={features.refetch} />
      )}
      {features.data && (
        <div className="pb-1">
          {groups.map((group) => (
            <Group
              key={group}
              group={group}
              features={pack?.features.filter((feature) => feature.group === group) ?? []}
              values={values}
              spreads={spreads}
              currency={pack?.currency}
            />
          ))}
        </div>
      )}
      {portfolio.data && <Legend customers={portfolio.data.customers} />}
    </Panel>
  );
}

function Legend({ customers }: { customers: number }) {
  return (
    <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
      The bar is where the middle half of {customers} customers lie, its line their median; the
      dot is this customer.
    </p>
  );
}

function Group({
  group,
  features,
  values,
  spreads,
  currency,
}: {
  group: string;
  features: readonly Feature[];
  values: Record<string, number | null>;
  spreads: Record<string, Spread>;
  currency: string | null | undefined;
}) {
  return (
    <section className="pb-2" aria-label={sentence(group)}>
      <h3 className="label px-4 pt-3 pb-1 font-medium">{sentence(group)}</h3>
      <dl>
        {features.map((feature) => (
          <div
            key={feature.feature}
            title={`${feature.feature} = ${feature.definition}`}
            className="grid min-h-7 grid-cols-[minmax(0,1fr)_minmax(4rem,13rem)_7rem] items-center
              gap-4 px-4 py-1 hover:bg-hover"
          >
            <dt className="min-w-0 text-soft">{sentence(feature.label)}</dt>
            <dd aria-hidden>
              <SpreadBar spread={spreads[feature.feature]} value={values[feature.feature]} />
            </dd>
            <dd className="text-right font-medium">
              {featureValue(feature, values[feature.feature])}
              <FeatureUnit
                unit={feature.unit}
                currency={currency}
                value={values[feature.feature]}
              />
              <SpreadWords feature={feature} spread={spreads[feature.feature]} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

// From the tenth to the ninetieth in a hundred; who lies beyond stands at the end.
function SpreadBar({
  spread,
  value,
}: {
  spread: Spread | undefined;
  value: number | null | undefined;
}) {
  if (!spread || spread.p10 === null || spread.p90 === null) return null;
  const low = spread.p10;
  const room = spread.p90 - low || 1;
  const at = (x: number) => `${Math.min(100, Math.max(0, (100 * (x - low)) / room))}%`;
  const width = `${(100 * (spread.p75! - spread.p25!)) / room}%`;
  return (
    <span className="relative block h-3">
      <span className="absolute inset-x-0 top-1.25 h-px bg-line-strong" />
      <span
        className="absolute top-1 h-1 min-w-0.5 rounded-full bg-line-strong"
        style={{ left: at(spread.p25!), width }}
      />
      <span className="absolute top-0.5 h-2 w-px bg-soft" style={{ left: at(spread.p50!) }} />
      {typeof value === "number" && (
        <span
          className="absolute top-0.5 size-2 -translate-x-1 rounded-full bg-accent ring-2
            ring-panel"
          style={{ left: at(value) }}
        />
      )}
    </span>
  );
}

function SpreadWords({ feature, spread }: { feature: Feature; spread: Spread | undefined }) {
  if (!spread || spread.p50 === null) return null;
  return <span className="sr-only">, median of all {featureValue(feature, spread.p50)}</span>;
}

function FeatureUnit({
  unit,
  currency,
  value,
}: {
  unit: string;
  currency: string | null | undefined;
  value: number | null | undefined;
}) {
  const words = unit === "currency" ? currency : unitWords(unit);
  if (!words || typeof value !== "number") return null;
  return <span className="ml-1 text-2xs font-normal text-faint">{words}</span>;
}
