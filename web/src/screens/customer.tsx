// One customer: the figures and what they mean, features by group, what happened.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type Customer, type Pack, type Prediction, Problem } from "../api/client";
import { customerQuery, packQuery } from "../api/queries";
import { count, dateWords } from "../numbers";
import { ChangeView } from "../parts/change_view";
import { Chip, TierMark } from "../parts/controls";
import { CopyCurl } from "../parts/copy_curl";
import { CustomerActions } from "../parts/customer_actions";
import { Drivers } from "../parts/drivers";
import { EventTimeline } from "../parts/event_timeline";
import { FeatureGroups } from "../parts/feature_groups";
import { FigureCards } from "../parts/figure_cards";
import { FigureHistory } from "../parts/figure_history";
import { Ago, Freshness } from "../parts/live";
import { OverrideBanner, OverrideButton } from "../parts/override";
import { Fact, Panel, Screen } from "../parts/panels";
import { Empty, Failure, Skeleton, SkeletonRows } from "../parts/states";
import { reasonWords, ruleWords, sentence } from "../words";

export type KnownCustomer = Omit<Customer, "prediction"> & { prediction: Prediction | null };

export function CustomerScreen() {
  const { id } = useParams({ strict: false }) as { id: string };
  const customer = useQuery(customerQuery(id));
  const { data: pack } = useQuery(packQuery);
  const unknown = customer.error instanceof Problem && customer.error.status === 404;
  return (
    <Screen
      title={<Title id={id} />}
      aside={
        <span className="flex items-center gap-3">
          <Freshness of={customer} />
          <CopyCurl path={`/api/v1/customers/${encodeURIComponent(id)}`} />
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
          <Columns id={id} customer={customer.data} pack={pack} />
        </>
      )}
    </Screen>
  );
}

function Title({ id }: { id: string }) {
  return (
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
  );
}

function Columns({
  id,
  customer,
  pack,
}: {
  id: string;
  customer: KnownCustomer | undefined;
  pack: Pack | undefined;
}) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(330px,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Drivers id={id} pack={pack} />
        {pack && <ChangeView id={id} pack={pack} asOf={customer?.as_of} />}
        <FigureHistory id={id} pack={pack} />
        <FeatureGroups id={id} pack={pack} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <CustomerActions id={id} />
        <About customer={customer} />
        <EventTimeline id={id} />
      </div>
    </div>
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
  if (rule === "true" || rule === "everything_else") return "because no other tier’s rule holds";
  return `because ${ruleWords(rule, pack)}`;
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
