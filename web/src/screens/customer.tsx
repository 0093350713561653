// One customer: the figures and what they mean, features by group, what happened.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type Customer, type Pack, type Prediction, Problem } from "../api/client";
import { customerQuery, featuresQuery, historyQuery, packQuery } from "../api/queries";
import {
  type Task,
  count,
  dateWords,
  featureValue,
  figure,
  percent,
  share,
  unitWords,
} from "../numbers";
import { ChangeView } from "../parts/change_view";
import { Button, Chip, Meter, TierMark } from "../parts/controls";
import { CustomerActions } from "../parts/customer_actions";
import { Drivers } from "../parts/drivers";
import { EventTimeline } from "../parts/event_timeline";
import { LazyPlot } from "../parts/lazy_plot";
import { Ago, Freshness, useStale } from "../parts/live";
import { OverrideBanner, OverrideButton } from "../parts/override";
import { Fact, Panel, Screen } from "../parts/panels";
import { Spark } from "../parts/spark";
import { Empty, Failure, Skeleton, SkeletonRows } from "../parts/states";
import { useUrlSearch } from "../url_search";
import { reasonWords, ruleWords, sentence, shortTaskLabel, taskLabel } from "../words";

type KnownCustomer = Omit<Customer, "prediction"> & { prediction: Prediction | null };

export function CustomerScreen() {
  const { id } = useParams({ strict: false }) as { id: string };
  const customer = useQuery(customerQuery(id));
  const { data: pack } = useQuery(packQuery);
  const unknown = customer.error instanceof Problem && customer.error.status === 404;
  return (
    <Screen
      aside={<Freshness of={customer} />}
      title={
        <span className="flex min-w-0 items-center gap-2">
          <Link to="/customers" className="font-normal text-faint hover:text-ink">
            Customers
          </Link>
          <span aria-hidden className="text-line-strong">
            /
          </span>
          <span dir="auto" className="name max-w-[min(52vw,560px)]" title={id}>
            {id}
          </span>
        </span>
      }
    >
      {unknown ? (
        <div className="panel">
          <Empty title="No such customer">
            Nothing with the id “<bdi>{id}</bdi>” has sent an event.
          </Empty>
        </div>
      ) : customer.isError && !customer.data ? (
        <div className="panel">
          <Failure error={customer.error} retry={customer.refetch} />
        </div>
      ) : (
        <>
          {customer.data?.prediction?.override && (
            <OverrideBanner id={id} override={customer.data.prediction.override} />
          )}
          <Standing customer={customer.data} pack={pack} />
          <FigureCards id={id} customer={customer} pack={pack} />
          <div
            className="grid items-start gap-4
            xl:grid-cols-[minmax(0,1.75fr)_minmax(330px,1fr)]"
          >
            <div className="flex min-w-0 flex-col gap-4">
              <Drivers id={id} pack={pack} />
              {pack && <ChangeView id={id} pack={pack} asOf={customer.data?.as_of} />}
              <History id={id} pack={pack} />
              <FeatureGroups id={id} pack={pack} />
            </div>
            <div className="flex min-w-0 flex-col gap-4">
              <CustomerActions id={id} />
              <About customer={customer.data} />
              <EventTimeline id={id} />
            </div>
          </div>
        </>
      )}
    </Screen>
  );
}

function Standing({
  customer,
  pack,
}: {
  customer: KnownCustomer | undefined;
  pack: Pack | undefined;
}) {
  const prediction = customer?.prediction;
  if (!customer) return <Skeleton className="h-6 w-72" />;
  if (!prediction) return <p className="text-soft">Not scored yet.</p>;
  const { tier, reason } = prediction;
  return (
    <div className="-mt-1 flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1">
      {tier && (
        <span className="text-base font-medium">
          <TierMark tier={tier} />
        </span>
      )}
      {prediction.status !== "scored" && (
        <Chip tone={prediction.status === "stale" ? "warn" : "plain"}>
          {sentence(prediction.status)}
        </Chip>
      )}
      {prediction.lapsed && <Chip>Lapsed</Chip>}
      {reason && <span className="text-soft">{tierReason(tier, reason, pack)}</span>}
      <span className="text-faint">
        scored <Ago time={prediction.timestamp} />
      </span>
      <span className="ml-auto">
        <OverrideButton
          id={customer.customer_id}
          pack={pack}
          override={prediction.override}
          tier={tier}
        />
      </span>
    </div>
  );
}

function tierReason(tier: string | null, reason: string, pack: Pack | undefined): string {
  if (!tier) return reasonWords(reason, pack);
  const kept = reason === "unchanged";
  const rule = kept ? pack?.tiers.find((known) => known.tier === tier)?.rule : reason;
  if (!rule) return "";
  if (rule === "true") return "because no other tier’s rule holds";
  return `because ${ruleWords(rule, pack)}`;
}

function FigureCards({
  id,
  customer,
  pack,
}: {
  id: string;
  pack: Pack | undefined;
  customer: UseQueryResult<KnownCustomer>;
}) {
  const history = useQuery(historyQuery(id));
  const stale = useStale(customer);
  const past = [...(history.data?.data ?? [])].reverse();
  const figures = customer.data?.prediction?.figures;
  const old = stale || customer.data?.prediction?.status === "stale";
  return (
    <section
      aria-label="Figures"
      className="grid grid-cols-2 gap-3 lg:grid-cols-3
      xl:grid-flow-col xl:auto-cols-fr xl:grid-cols-none"
    >
      {(pack?.tasks ?? []).map((task) => {
        const values = past
          .map((row) => row.figures[task.task])
          .filter((v) => typeof v === "number");
        return (
          <article key={task.task} className="panel flex flex-col px-4 pt-3 pb-3.5">
            <h2 className="label">{taskLabel(task.task)}</h2>
            {customer.isPending ? (
              <Skeleton className="my-2 h-7 w-20" />
            ) : (
              <p
                className={`mt-1 text-[1.625rem] leading-9 font-semibold tracking-[-0.022em]
                ${old ? "stale" : ""}`}
              >
                {figure(task, figures?.[task.task])}
              </p>
            )}
            <div className="mt-1 mb-2 h-6">
              {values.length > 3 ? (
                <Spark values={values} label={`${taskLabel(task.task)} over time`} height={24} />
              ) : (
                <RangeMeter task={task} value={figures?.[task.task]} />
              )}
            </div>
            <p
              title={task.definition}
              className="line-clamp-4 text-2xs leading-[1.05rem] text-faint"
            >
              {task.definition}
            </p>
          </article>
        );
      })}
      {!pack &&
        Array.from({ length: 5 }, (_, i) => (
          <div key={i} className="panel h-[190px] p-4">
            <Skeleton className="h-3 w-24" />
          </div>
        ))}
    </section>
  );
}

// Where the figure lies in its range; nothing where it has none.
function RangeMeter({ task, value }: { task: Task; value: number | null | undefined }) {
  const part = share(task, value);
  if (part === null) return null;
  return (
    <div className="pt-2.5">
      <Meter label={taskLabel(task.task)} share={part} />
    </div>
  );
}

function History({ id, pack }: { id: string; pack: Pack | undefined }) {
  const { search, change } = useUrlSearch();
  const history = useQuery(historyQuery(id));
  const task =
    pack?.tasks.find((known) => known.task === search.figure) ??
    pack?.tasks[pack.tasks.length - 1];
  const rows = [...(history.data?.data ?? [])]
    .reverse()
    .filter((row) => task && typeof row.figures[task.task] === "number");
  if (!task || rows.length < 2) return null;
  return (
    <Panel title="History" reading={history}>
      <div role="group" aria-label="Figure" className="flex flex-wrap gap-1 px-3 pt-3">
        {pack?.tasks.map((known) => (
          <Button
            key={known.task}
            quiet
            aria-pressed={known.task === task.task}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => change({ figure: known.task })}
          >
            {shortTaskLabel(known.task)}
          </Button>
        ))}
      </div>
      <LazyPlot
        key={task.task}
        title={`${taskLabel(task.task)} over time`}
        height={180}
        stepped
        times_s={rows.map((row) => Date.parse(row.timestamp) / 1000)}
        lines={[{ label: taskLabel(task.task), tone: "--accent", format: (v) => figure(task, v) }]}
        values={[rows.map((row) => row.figures[task.task] ?? null)]}
      />
    </Panel>
  );
}

function FeatureGroups({ id, pack }: { id: string; pack: Pack | undefined }) {
  const features = useQuery(featuresQuery(id));
  const values = (features.data?.features ?? {}) as Record<string, number | null>;
  const groups = [...new Set(pack?.features.map((feature) => feature.group))];
  return (
    <Panel
      title="Features"
      reading={features}
      aside={
        features.data && <span className="label">{percent(features.data.coverage)} known</span>
      }
    >
      {features.isPending && <SkeletonRows rows={18} className="h-8" />}
      {features.isError && !features.data && (
        <Failure error={features.error} retry={features.refetch} />
      )}
      {features.data && (
        <div className="gap-x-px md:columns-2">
          {groups.map((group) => (
            <section
              key={group}
              className="break-inside-avoid-column pb-2"
              aria-label={sentence(group)}
            >
              <h3 className="label px-4 pt-3 pb-1 font-medium">{sentence(group)}</h3>
              <dl>
                {pack?.features
                  .filter((feature) => feature.group === group)
                  .map((feature) => (
                    <div
                      key={feature.feature}
                      title={`${feature.feature} = ${feature.definition}`}
                      className="flex min-h-7 items-baseline justify-between gap-4 px-4 py-1
                        hover:bg-hover"
                    >
                      <dt className="min-w-0 text-soft">{sentence(feature.label)}</dt>
                      <dd className="shrink-0 text-right font-medium">
                        {featureValue(feature, values[feature.feature])}
                        <FeatureUnit
                          unit={feature.unit}
                          currency={pack?.currency}
                          value={values[feature.feature]}
                        />
                      </dd>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
        </div>
      )}
    </Panel>
  );
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

function About({ customer }: { customer: KnownCustomer | undefined }) {
  if (!customer)
    return (
      <Panel title="About">
        <SkeletonRows rows={5} className="h-8" />
      </Panel>
    );
  const { prediction } = customer;
  return (
    <Panel title="About">
      <dl>
        <Fact label="First event">
          {customer.first_event ? dateWords(customer.first_event) : "–"}
        </Fact>
        <Fact label="Last event">
          <Ago time={customer.last_event} />
        </Fact>
        <Fact label="Last qualifying event">
          <Ago time={customer.last_qualifying} />
        </Fact>
        <Fact label="Events">{count(customer.event_count)}</Fact>
        {prediction?.model_version && <Fact label="Model">
            <span className="normal-nums">{prediction.model_version}</span>
          </Fact>}
        {Object.entries(customer.traits).map(([trait, value]) => (
          <Fact key={trait} label={sentence(trait)}>
            <bdi className="name block">{String(value)}</bdi>
          </Fact>
        ))}
        {customer.links.map((link) => (
          <Fact key={`${link.anonymous_id} ${link.previous_id}`} label="Also known as">
            <bdi className="name block">{link.anonymous_id ?? link.previous_id}</bdi>
          </Fact>
        ))}
      </dl>
    </Panel>
  );
}
