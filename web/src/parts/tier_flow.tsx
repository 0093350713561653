// How customers stood in the tiers over time, stacked, and how they moved between them.
import { useQuery } from "@tanstack/react-query";
import type { TierFlow } from "../api/client";
import { flowQuery } from "../api/queries";
import { count } from "../numbers";
import { inOrder, sentence, tierTone } from "../words";
import { TierMark } from "./controls";
import { LazyPlot } from "./lazy_plot";
import { Panel } from "./panels";
import { Empty, Failure, Skeleton } from "./states";

const HEIGHT = 190;

export function TierFlowPanel() {
  const days = useQuery(flowQuery("day"));
  const young = (days.data?.data.length ?? 0) < 3;
  const hours = useQuery({ ...flowQuery("hour"), enabled: young && Boolean(days.data) });
  const shown = young ? hours : days;
  return (
    <Panel title="Flow between tiers" reading={shown}>
      {shown.isPending && !shown.isError && (
        <div className="p-4" role="status" aria-label="Loading">
          <Skeleton className="h-[190px] w-full" />
        </div>
      )}
      {shown.isError && !shown.data && <Failure error={shown.error} retry={shown.refetch} />}
      {shown.data && shown.data.data.length === 0 && (
        <Empty title="No flow yet">It begins with the first scoring.</Empty>
      )}
      {shown.data && shown.data.data.length > 0 && (
        <>
          <Areas flow={shown.data} />
          <Moves flow={days.data ?? shown.data} />
        </>
      )}
    </Panel>
  );
}

function Areas({ flow }: { flow: TierFlow }) {
  const own = flow.standings.filter((name) => name !== "unscored" && name !== "lapsed");
  const tiers = inOrder(own.map((tier) => ({ tier }))).map(({ tier }) => tier);
  return (
    <LazyPlot
      title={`Customers by tier, by ${flow.by}`}
      rangeKey="tiers"
      height={HEIGHT}
      fromZero
      stacked
      times_s={flow.data.map((span) => Date.parse(span.until) / 1000)}
      lines={tiers.map((tier) => ({
        label: sentence(tier),
        tone: /^var\((.*)\)$/.exec(tierTone(tier))?.[1] ?? "--faint",
        format: (value) => count(value),
      }))}
      values={tiers.map((tier) => flow.data.map((span) => span.customers[tier] ?? 0))}
    />
  );
}

const MOVES_SHOWN = 6;

// The largest moves of the newest span.
function Moves({ flow }: { flow: TierFlow }) {
  const newest = flow.data[flow.data.length - 1];
  const moves = [...(newest?.moves ?? [])]
    .filter(({ from }) => from !== "new")
    .sort((a, b) => b.customers - a.customers)
    .slice(0, MOVES_SHOWN);
  return (
    <div className="border-t border-line px-4 py-3">
      <h3 className="label mb-1">{flow.by === "day" ? "Today" : "This hour"}</h3>
      {moves.length === 0 ? (
        <p className="text-soft">Nobody moved.</p>
      ) : (
        <ul className="grid gap-x-6 sm:grid-cols-2">
          {moves.map(({ from, to, customers }) => (
            <li key={`${from} ${to}`} className="flex h-6 items-center gap-2">
              <TierMark tier={from} />
              <span aria-label="to" className="text-faint">
                →
              </span>
              <TierMark tier={to} />
              <span className="ml-auto font-medium tabular-nums">{count(customers)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
