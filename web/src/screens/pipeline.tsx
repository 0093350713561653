// Pipeline: how much comes in, how much more could, what waits, and what was refused.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Pipeline } from "../api/client";
import { pipelineQuery, pipelineSamples } from "../api/queries";
import { bytes, count, fixed, percent, rate, short } from "../numbers";
import { Meter } from "../parts/controls";
import { DeadLetters } from "../parts/dead_letters";
import { LazyPlot } from "../parts/lazy_plot";
import { Ago } from "../parts/live";
import { Fact, FigureCell, Figures, Panel, Screen } from "../parts/panels";
import { Failure, SkeletonRows } from "../parts/states";
import { sentence, waitingWords } from "../words";

type Reading = UseQueryResult<Pipeline>;
const PATH = "/api/v1/pipeline";

export function PipelineScreen() {
  const pipeline = useQuery(pipelineQuery);
  return (
    <Screen
      title="Pipeline"
      aside={
        pipeline.data && (
          <span className="text-soft">
            {count(pipeline.data.workers)} workers, {count(pipeline.data.shards.length)} shards
          </span>
        )
      }
    >
      {pipeline.data?.failure && (
        <p role="alert" className="rounded-lg bg-bad-wash px-4 py-2.5 text-bad">
          {pipeline.data.failure}
        </p>
      )}
      {pipeline.isError && !pipeline.data ? (
        <div className="panel">
          <Failure error={pipeline.error} retry={pipeline.refetch} />
        </div>
      ) : (
        <>
          <Rates pipeline={pipeline} />
          <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.9fr)_minmax(300px,1fr)]">
            <div className="flex min-w-0 flex-col gap-4">
              <Flow pipeline={pipeline} />
              <Shards pipeline={pipeline} />
            </div>
            <Room pipeline={pipeline} />
          </div>
        </>
      )}
      <DeadLetters />
    </Screen>
  );
}

function Rates({ pipeline }: { pipeline: Reading }) {
  const data = pipeline.data;
  const rates = data?.rates;
  const over = rates && `over ${fixed(rates.over_s, 0)} s`;
  return (
    <Figures label="Rates">
      <FigureCell
        label="Events applied"
        unit="a second"
        reading={pipeline}
        note={over}
        value={rate(rates?.applied_per_s)}
      />
      <FigureCell
        label="Utilisation"
        reading={pipeline}
        value={percent(rates?.utilisation)}
        note={over}
      >
        <Meter
          label="Utilisation"
          share={rates ? Math.min(1, rates.utilisation) : null}
          tone={rates && rates.utilisation > 0.8 ? "var(--warn)" : undefined}
        />
      </FigureCell>
      <FigureCell
        label="Headroom"
        unit={rates?.headroom_per_s == null ? undefined : "a second more"}
        reading={pipeline}
        value={short(rates?.headroom_per_s)}
        note={
          rates?.headroom_per_s == null ? "known after some load" : "at what an event costs now"
        }
      />
      <FigureCell
        label="Waiting"
        unit={data?.lag === 1 ? "event" : "events"}
        reading={pipeline}
        value={count(data?.lag)}
        note={data && waitingWords(data)}
      />
      <FigureCell
        label="Events a commit"
        reading={pipeline}
        value={rate(rates?.events_per_commit)}
        note={data && `${count(data.commits)} commits since the start`}
      />
    </Figures>
  );
}

function Flow({ pipeline }: { pipeline: Reading }) {
  const samples = useSyncExternalStore(pipelineSamples.subscribe, pipelineSamples.read);
  return (
    <Panel title="Since this page was opened" reading={pipeline} curl={PATH}>
      {samples.length < 2 ? (
        <p className="grid h-[248px] place-items-center text-faint" role="status">
          Gathering the first readings…
        </p>
      ) : (
        <LazyPlot
          title="Events a second and events waiting"
          rangeKey="flow"
          height={200}
          fromZero
          times_s={samples.map((sample) => sample.at_s)}
          lines={[
            { label: "Applied a second", tone: "--accent", format: rate },
            { label: "Stored a second", tone: "--calm", format: rate },
            { label: "Waiting", tone: "--warn", format: count, right: true },
          ]}
          values={[
            samples.map((sample) => sample.applied_per_s),
            samples.map((sample) => sample.stored_per_s),
            samples.map((sample) => sample.lag),
          ]}
        />
      )}
    </Panel>
  );
}

function Shards({ pipeline }: { pipeline: Reading }) {
  const shards = pipeline.data?.shards;
  const most = Math.max(1, ...(shards ?? []).map((shard) => shard.received));
  return (
    <Panel title="Shards" reading={pipeline} curl={PATH}>
      {!shards && <SkeletonRows rows={16} className="h-8" />}
      {shards && (
        <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Shards, table">
          <table className="w-full">
            <thead>
              <tr className="label border-b border-line text-right">
                <th scope="col" className="h-8 px-4 text-left font-normal">
                  Shard
                </th>
                <th scope="col" className="px-3 font-normal">
                  Waiting
                </th>
                <th scope="col" className="px-3 font-normal">
                  Received
                </th>
                <th scope="col" className="w-1/3 px-3 font-normal max-md:hidden">
                  <span className="sr-only">Share</span>
                </th>
                <th scope="col" className="px-3 font-normal max-sm:hidden">
                  Next offset
                </th>
                <th scope="col" className="px-4 font-normal">
                  Newest event
                </th>
              </tr>
            </thead>
            <tbody>
              {shards.map((shard) => (
                <tr
                  key={shard.shard}
                  className="h-8 border-b border-line text-right last:border-b-0"
                >
                  <th scope="row" className="px-4 text-left font-medium">
                    {shard.shard}
                  </th>
                  <td className={`px-3 ${shard.queued > 0 ? "text-warn" : "text-faint"}`}>
                    {count(shard.queued)}
                  </td>
                  <td className="px-3">{count(shard.received)}</td>
                  <td className="px-3 max-md:hidden">
                    <Meter
                      label={`Shard ${shard.shard}, share of the fullest`}
                      share={shard.received / most}
                    />
                  </td>
                  <td className="px-3 text-soft max-sm:hidden">{count(shard.next_offset)}</td>
                  <td className="px-4 whitespace-nowrap text-soft">
                    <Ago time={shard.last_event_time} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Fill({
  label,
  fill,
  room,
  words,
}: {
  label: string;
  fill: number;
  room: number;
  words: string;
}) {
  const share = room > 0 ? fill / room : 0;
  return (
    <div className="border-b border-line px-4 py-2 last:border-b-0">
      <dt className="flex justify-between gap-3">
        <span className="text-soft">{label}</span>
        <span className="text-right">{words}</span>
      </dt>
      <dd className="mt-1.5">
        <Meter
          label={label}
          share={share}
          tone={share > 0.8 ? "var(--bad)" : share > 0.5 ? "var(--warn)" : undefined}
        />
      </dd>
    </div>
  );
}

// Every bounded queue and how full it is; what was turned away.
function Room({ pipeline }: { pipeline: Reading }) {
  const data = pipeline.data;
  if (!data)
    return (
      <Panel title="Queues">
        <SkeletonRows rows={6} className="h-12" />
      </Panel>
    );
  const { queues, door, totals } = data;
  const refusals = Object.entries(data.refusals).filter(([, n]) => n > 0);
  const pair = (fill: number, room: number) => `${bytes(fill)} of ${bytes(room)}`;
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Queues" reading={pipeline} curl={PATH}>
        <dl>
          <Fill
            label="Fullest shard"
            fill={queues.shard_events_fullest}
            room={queues.shard_events_max}
            words={`${count(queues.shard_events_fullest)} of ${count(queues.shard_events_max)}`}
          />
          {queues.log && (
            <Fill
              label="Log"
              fill={queues.log.bytes}
              room={queues.log.bytes_max}
              words={pair(queues.log.bytes, queues.log.bytes_max)}
            />
          )}
          {queues.ingest && (
            <Fill
              label="Ingest"
              fill={queues.ingest.bytes}
              room={queues.ingest.bytes_max}
              words={pair(queues.ingest.bytes, queues.ingest.bytes_max)}
            />
          )}
          {door && (
            <Fill
              label="Bodies held"
              fill={door.held_bytes}
              room={door.held_bytes_max}
              words={pair(door.held_bytes, door.held_bytes_max)}
            />
          )}
          {door && (
            <Fill
              label="Connections"
              fill={door.connections}
              room={door.connections_max}
              words={`${count(door.connections)} of ${count(door.connections_max)}`}
            />
          )}
        </dl>
      </Panel>
      <Panel title="Where events went" reading={pipeline} curl={PATH}>
        <dl>
          <Fact label="Received">
            <strong className="font-semibold">{count(totals.received)}</strong>
          </Fact>
          <Fact label="Applied">{count(totals.applied)}</Fact>
          <Fact label="Applied late">{count(totals.late_applied)}</Fact>
          <Fact label="Duplicates">{count(totals.duplicate)}</Fact>
          <Fact label="Dead letters">{count(totals.dead_lettered)}</Fact>
          {refusals.map(([code, n]) => (
            <Fact key={code} label={`Requests refused: ${sentence(code).toLowerCase()}`}>
              {count(n)}
            </Fact>
          ))}
        </dl>
      </Panel>
    </div>
  );
}
