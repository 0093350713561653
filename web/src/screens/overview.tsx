// Overview: how the customers are, and how fresh that is.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import type { Overview, Pack, Prediction, TierList } from "../api/client";
import {
  newestQuery,
  overviewQuery,
  packQuery,
  pipelineQuery,
  pipelineSamples,
  tiersQuery,
} from "../api/queries";
import { count, fixed, percent, rate, short } from "../numbers";
import { Alerts } from "../parts/alert_list";
import { Chip, Figure, Meter, TierMark } from "../parts/controls";
import { Ago, useStale } from "../parts/live";
import { Fact, FigureCell, Figures, Panel, Screen } from "../parts/panels";
import { Spark } from "../parts/spark";
import { TierFlowPanel } from "../parts/tier_flow";
import { Empty, Failure, FirstEvent, SkeletonRows } from "../parts/states";
import { inOrder, reasonWords, ruleWords, shortTaskLabel, tierTone, waitingWords } from "../words";

export function OverviewScreen() {
  const overview = useQuery(overviewQuery);
  const data = overview.data;
  return (
    <Screen
      title="Overview"
      aside={
        data?.model_version && (
          <Link to="/models" className="text-soft hover:text-ink">
            Scored by <span className="font-medium text-ink">{data.model_version}</span>
          </Link>
        )
      }
    >
      {overview.isError && !data ? (
        <div className="panel">
          <Failure error={overview.error} retry={overview.refetch} />
        </div>
      ) : (
        <Head overview={overview} />
      )}
      {data?.customers === 0 ? (
        <div className="panel">
          <Empty title="No customers yet">
            The first figures appear here as soon as events come in.
            <FirstEvent />
          </Empty>
        </div>
      ) : (
        <>
          <div className="grid gap-4 lg:grid-cols-[minmax(0,1.9fr)_minmax(280px,1fr)]">
            <Tiers />
            <Flow overview={overview} />
          </div>
          <TierFlowPanel />
          <Alerts />
          <Newest />
        </>
      )}
    </Screen>
  );
}

function Head({ overview }: { overview: UseQueryResult<Overview> }) {
  const pipeline = useQuery(pipelineQuery);
  const samples = useSyncExternalStore(pipelineSamples.subscribe, pipelineSamples.read);
  const data = overview.data;
  const scored = data ? Object.values(data.tiers).reduce((sum, n) => sum + n, 0) : 0;
  const letters = data?.events.dead_lettered ?? 0;
  return (
    <Figures label="Now">
      <FigureCell
        label="Customers"
        reading={overview}
        value={count(data?.customers)}
        note={data && `${count(scored)} with a tier · ${count(data.lapsed)} lapsed`}
      />
      <FigureCell
        label="Mean health"
        reading={overview}
        value={fixed(data?.mean_health, 1)}
        unit="of 100"
        note={data && (data.mean_health === null ? "nobody is scored yet" : "")}
      >
        <Meter
          label="Mean health"
          share={data?.mean_health != null ? data.mean_health / 100 : null}
        />
      </FigureCell>
      <FigureCell
        label="Money at risk"
        reading={overview}
        value={short(data?.money_at_risk?.amount_30d)}
        unit={data?.money_at_risk?.currency ?? undefined}
        note={data && <LossNote loss={data.money_at_risk} />}
      />
      <FigureCell
        label="Expected churn"
        reading={overview}
        value={fixed(data?.expected_churn?.customers, 0)}
        unit={data?.expected_churn ? `of ${count(data.expected_churn.of_customers)}` : undefined}
        note={data && <LossNote loss={data.expected_churn} />}
      />
      <FigureCell
        label="Event rate"
        reading={pipeline}
        value={rate(pipeline.data?.rates?.applied_per_s)}
        unit="a second"
        note={data && `${count(data.events.received)} received`}
      >
        <Spark
          label="Events a second, since this page was opened"
          values={samples.map((sample) => sample.applied_per_s)}
          height={22}
        />
      </FigureCell>
      <FigureCell
        label="Waiting"
        reading={pipeline}
        value={count(pipeline.data?.lag)}
        unit={pipeline.data?.lag === 1 ? "event" : "events"}
        note={pipeline.data && waitingWords(pipeline.data)}
      />
      <FigureCell
        label="Dead letters"
        reading={overview}
        value={count(letters)}
        note={
          data &&
          (letters === 0 ? (
            "nothing was refused"
          ) : (
            <Link to="/pipeline" hash="dead-letters" className="text-accent underline">
              browse
            </Link>
          ))
        }
      />
    </Figures>
  );
}

function LossNote({ loss }: { loss: Overview["money_at_risk"] | Overview["expected_churn"] }) {
  if (!loss) return <>not summed up yet</>;
  return (
    <>
      as of <Ago time={loss.as_of} />
    </>
  );
}

function Tiers() {
  const tiers = useQuery(tiersQuery);
  const { data: pack } = useQuery(packQuery);
  const stale = useStale(tiers);
  const rows = inOrder(tiers.data?.data ?? []);
  const total = rows.reduce((sum, row) => sum + row.customers, 0);
  return (
    <Panel title="Customers by tier" reading={tiers} curl="/api/v1/tiers">
      {tiers.isPending && <SkeletonRows rows={4} className="h-11" />}
      {tiers.isError && !tiers.data && <Failure error={tiers.error} retry={tiers.refetch} />}
      {tiers.data && (
        <>
          <div
            aria-hidden
            className="mx-4 mt-5 mb-3 flex h-2.5 gap-0.5 overflow-hidden rounded-full
            bg-pressed"
          >
            {rows
              .filter((row) => row.customers > 0)
              .map((row) => (
                <span
                  key={row.tier}
                  className="transition-[flex-grow] duration-500"
                  style={{ flexGrow: row.customers, background: tierTone(row.tier) }}
                />
              ))}
          </div>
          <ul className={`flex flex-1 flex-col border-t border-line ${stale ? "stale" : ""}`}>
            {rows.map((row) => (
              <TierRow key={row.tier} row={row} total={total} pack={pack} />
            ))}
          </ul>
          <Others tiers={tiers.data} pack={pack} />
        </>
      )}
    </Panel>
  );
}

function TierRow({
  row,
  total,
  pack,
}: {
  row: TierList["data"][number];
  total: number;
  pack: Pack | undefined;
}) {
  return (
    <li className="flex-1 border-b border-line last:border-b-0">
      <Link
        to="/customers"
        search={{ tier: row.tier }}
        className="grid h-full min-h-12
        grid-cols-[minmax(0,1fr)_4rem_3rem] items-center gap-3 px-4 hover:bg-hover
        sm:grid-cols-[7.5rem_4rem_3rem_minmax(0,1fr)]"
      >
        <span className="font-medium">
          <TierMark tier={row.tier} />
        </span>
        <span className="text-right font-medium">{count(row.customers)}</span>
        <span className="text-right text-soft">
          {total > 0 ? percent(row.customers / total) : "–"}
        </span>
        <span className="truncate pl-3 text-faint max-sm:hidden" title={row.rule}>
          {ruleWords(row.rule, pack)}
        </span>
      </Link>
    </li>
  );
}

// Those who have none, by reason, and those who once had one.
function Others({ tiers, pack }: { tiers: TierList; pack: Pack | undefined }) {
  const rows = [
    ...Object.entries(tiers.unscored).filter(([, n]) => n > 0),
    ["lapsed", tiers.lapsed],
  ] as [string, number][];
  return (
    <dl
      className="mt-auto grid grid-cols-2 border-t border-line sm:grid-flow-col sm:auto-cols-fr
      sm:grid-cols-none"
    >
      {rows.map(([why, n]) => (
        <div key={why} className="px-4 py-3">
          <dt className="label">{reasonWords(why, pack)}</dt>
          <dd>{count(n)}</dd>
        </div>
      ))}
    </dl>
  );
}

const NEWEST_ROWS = 12;

function Newest() {
  const newest = useQuery(newestQuery);
  const { data: pack } = useQuery(packQuery);
  const rows = newest.data?.data.slice(0, NEWEST_ROWS) ?? [];
  return (
    <Panel title="Newest predictions" reading={newest} curl="/api/v1/predictions?limit=100">
      {newest.isPending && <SkeletonRows rows={NEWEST_ROWS} />}
      {newest.isError && !newest.data && <Failure error={newest.error} retry={newest.refetch} />}
      {newest.data && rows.length === 0 && <Empty title="No predictions yet" />}
      {rows.length > 0 && (
        <div
          className="overflow-x-auto"
          tabIndex={0}
          role="region"
          aria-label="Newest predictions, table"
        >
          <table className="w-full">
            <thead>
              <tr className="label border-b border-line text-left">
                <th scope="col" className="h-8 px-4 font-normal">
                  Customer
                </th>
                <th scope="col" className="px-3 font-normal">
                  Tier
                </th>
                {pack?.tasks.map(({ task, definition }) => (
                  <th
                    key={task}
                    scope="col"
                    title={definition}
                    className="px-3 text-right font-normal whitespace-nowrap"
                  >
                    {shortTaskLabel(task)}
                  </th>
                ))}
                <th scope="col" className="px-4 text-right font-normal">
                  Scored
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <NewestRow key={`${row.customer_id} ${row.timestamp}`} row={row} pack={pack} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function NewestRow({ row, pack }: { row: Prediction; pack: Pack | undefined }) {
  return (
    <tr className="h-9 animate-changed border-b border-line last:border-b-0 hover:bg-hover">
      <td className="px-4">
        <Link
          to="/customers/$id"
          params={{ id: row.customer_id }}
          dir="auto"
          className="name block max-w-40 font-medium hover:underline"
        >
          {row.customer_id}
        </Link>
      </td>
      <td className="px-3">
        {row.tier ? (
          <TierMark tier={row.tier} />
        ) : (
          <Chip>{reasonWords(row.reason ?? row.status, pack)}</Chip>
        )}
      </td>
      {pack?.tasks.map((task) => (
        <td key={task.task} className="px-3 text-right">
          <Figure task={task} value={row.figures[task.task]} />
        </td>
      ))}
      <td className="px-4 text-right whitespace-nowrap text-faint">
        <Ago time={row.timestamp} />
      </td>
    </tr>
  );
}

// Where every event went, and until when the figures reach.
function Flow({ overview }: { overview: UseQueryResult<Overview> }) {
  const pipeline = useQuery(pipelineQuery);
  const data = overview.data;
  const events = data?.events;
  const last = pipeline.data?.shards.reduce<string | null>(
    (newest, { last_event_time: t }) => (t && (!newest || t > newest) ? t : newest),
    null,
  );
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Freshness" reading={overview} curl="/api/v1/overview">
        {data ? (
          <dl>
            <Fact label="Newest event">
              <Ago time={last} />
            </Fact>
            <Fact label="All customers scored">
              <Ago time={data.last_full_scoring} />
            </Fact>
            <Fact label="Running since">
              <Ago time={data.started} />
            </Fact>
          </dl>
        ) : (
          <SkeletonRows rows={4} className="h-8" />
        )}
      </Panel>
      <Panel title="Events received" reading={overview} curl="/api/v1/overview">
        {events ? (
          <dl>
            <Fact label="Received">
              <strong className="font-semibold">{count(events.received)}</strong>
            </Fact>
            <Fact label="Applied">{count(events.applied)}</Fact>
            <Fact label="Applied late">{count(events.late_applied)}</Fact>
            <Fact label="Duplicates">{count(events.duplicate)}</Fact>
            <Fact label="Dead letters">{count(events.dead_lettered)}</Fact>
            {events.foreign_currency > 0 && (
              <Fact label="In another currency">{short(events.foreign_currency)}</Fact>
            )}
          </dl>
        ) : (
          <SkeletonRows rows={5} className="h-8" />
        )}
        {pipeline.data && (
          <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
            {pipeline.data.adds_up ? (
              "The four add up to what was received: nothing is lost."
            ) : (
              <span className="text-bad">The four do not add up to what was received.</span>
            )}
          </p>
        )}
      </Panel>
    </div>
  );
}
