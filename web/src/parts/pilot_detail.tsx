// One pilot: what it is, what may be done with it, what it shows so far, and who is in it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMay } from "../api/access";
import {
  type PilotStep,
  type PilotWithReport,
  insights,
  pilotQuery,
  pilotsQuery,
} from "../api/insights";
import { count, dateWords, fixed, percent } from "../numbers";
import { sentence } from "../words";
import { Button, Chip, Meter, TierMark } from "./controls";
import { ExposureLog } from "./exposure_log";
import { Refusal } from "./fields";
import { Fact, Panel } from "./panels";
import { PilotEffects } from "./pilot_effects";
import { Failure, SkeletonRows } from "./states";

export function PilotDetail({ id }: { id: string }) {
  const pilot = useQuery(pilotQuery(id));
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Panel title={pilot.data?.name ?? "Pilot"} reading={pilot}>
        {pilot.isPending && <SkeletonRows rows={8} />}
        {pilot.isError && !pilot.data && <Failure error={pilot.error} retry={pilot.refetch} />}
        {pilot.data && <About pilot={pilot.data} />}
      </Panel>
      {pilot.data && <PilotEffects pilot={pilot.data} />}
      {pilot.data && pilot.data.report.customers > 0 && <ExposureLog pilot={pilot.data} />}
    </div>
  );
}

function About({ pilot }: { pilot: PilotWithReport }) {
  const { report } = pilot;
  const planned = Math.max(1, report.planned);
  return (
    <>
      <div className="flex flex-col gap-3 border-b border-line p-4">
        <p dir="auto" className="text-base">
          {pilot.treatment}
        </p>
        {pilot.hypothesis && (
          <p dir="auto" className="text-soft">
            {pilot.hypothesis}
          </p>
        )}
        <div>
          <p className="label mb-1 flex justify-between">
            <span>
              {count(report.customers)} of {count(report.planned)} customers planned
            </span>
            <span>{count(report.measured)} measured</span>
          </p>
          <Meter share={Math.min(1, report.customers / planned)} label="Customers in the pilot" />
        </div>
        <Steps pilot={pilot} />
      </div>
      <Facts pilot={pilot} />
    </>
  );
}

function Facts({ pilot }: { pilot: PilotWithReport }) {
  const isShare = pilot.outcome === "retained";
  const value = (number: number) => (isShare ? percent(number, 1) : fixed(number, 2));
  return (
    <dl>
      <Fact label="About">
        {pilot.tiers.length === 0 ? (
          "Every scored customer"
        ) : (
          <span className="inline-flex flex-wrap justify-end gap-3">
            {pilot.tiers.map((tier) => (
              <TierMark key={tier} tier={tier} />
            ))}
          </span>
        )}
      </Fact>
      <Fact label="Arms">
        {pilot.arms.map((arm) => `${arm.name} ${percent(arm.share)}`).join(" · ")}
      </Fact>
      <Fact label="Outcome">
        {isShare ? "Came back" : "Amount, 30 days"}, {count(pilot.horizon_days)} days later
      </Fact>
      <Fact label="Made to find">
        {value(pilot.change)} more than {value(pilot.baseline)}, with {percent(pilot.power)} power
      </Fact>
      <Fact label="Phases">{phases(pilot)}</Fact>
      {pilot.started && <Fact label="Started">{dateWords(pilot.started)}</Fact>}
      {pilot.stopped && (
        <Fact label="Stopped">
          {dateWords(pilot.stopped)}
          {pilot.stop_reason ? `: ${pilot.stop_reason}` : ""}
        </Fact>
      )}
      <Fact label="Salt">
        <code className="text-xs break-all">{pilot.salt}</code>
      </Fact>
    </dl>
  );
}

function phases(pilot: PilotWithReport) {
  return pilot.phases.map((share, i) => {
    const isPresent = pilot.status !== "draft" && i === pilot.phase;
    return (
      <span key={share} className={isPresent ? "font-medium" : "text-faint"}>
        {i > 0 && " → "}
        {percent(share)}
        {isPresent && <span className="sr-only"> (now)</span>}
      </span>
    );
  });
}

const STEPS: Record<string, readonly PilotStep[]> = {
  draft: ["start"],
  running: ["widen", "stop"],
  stopped: [],
};

function Steps({ pilot }: { pilot: PilotWithReport }) {
  const client = useQueryClient();
  const mayAct = useMay("act");
  const take = useMutation({
    mutationFn: (step: PilotStep) => insights.step(pilot.id, step),
    onSuccess: (after) => client.setQueryData(pilotQuery(pilot.id).queryKey, after),
    onSettled: () => void client.invalidateQueries({ queryKey: pilotsQuery.queryKey }),
  });
  const steps = STEPS[pilot.status]!.filter(
    (step) => step !== "widen" || pilot.phase + 1 < pilot.phases.length,
  );
  const next = pilot.phases[pilot.phase + 1];
  return (
    <>
      {mayAct && steps.length > 0 && (
        <div className="flex flex-wrap items-center gap-2">
          {steps.map((step) => (
            <Button key={step} disabled={take.isPending} onClick={() => take.mutate(step)}>
              {step === "widen" ? `Widen to ${percent(next)}` : sentence(step)}
            </Button>
          ))}
          {pilot.report.sample_ratio.alarm && <Chip tone="bad">The split is broken</Chip>}
        </div>
      )}
      <Refusal error={take.error} />
    </>
  );
}
