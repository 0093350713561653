// What a pilot changes: each arm against the control, with 95 % intervals, and whether the split
// is as planned.
import type { PilotReport, PilotWithReport } from "../api/insights";
import { count, dateWords, fixed, percent } from "../numbers";
import { Chip } from "./controls";
import { Panel } from "./panels";
import { Empty } from "./states";

type Comparison = PilotReport["effects"][number];
type Effect = NonNullable<Comparison["effect"]>;

export function PilotEffects({ pilot }: { pilot: PilotWithReport }) {
  const { report } = pilot;
  return (
    <Panel title="Effect">
      {report.customers === 0 ? (
        <Empty title="Nobody is in it yet">
          {pilot.status === "draft"
            ? "Start it, and the first phase's customers come in."
            : "Whoever comes to be one of those it is about comes in."}
        </Empty>
      ) : (
        <>
          <Ratio report={report} />
          <ul>
            {report.effects.map((one) => (
              <ArmEffect key={one.arm ?? ""} one={one} report={report} />
            ))}
          </ul>
          <p className="border-t border-line px-4 py-3 text-soft">
            Every customer counts in the arm that chance gave it, whatever was done (intention to
            treat).{" "}
            {report.interim && "Not over yet: a look before the end finds chance more often."}
          </p>
        </>
      )}
    </Panel>
  );
}

function Ratio({ report }: { report: PilotReport }) {
  const { alarm, p } = report.sample_ratio;
  return (
    <p
      role={alarm ? "alert" : undefined}
      className={`flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5 ${
        alarm ? "bg-bad-wash text-bad" : "text-soft"
      }`}
    >
      <Chip tone={alarm ? "bad" : "good"}>{alarm ? "Broken split" : "Sound split"}</Chip>
      {report.arms.map((arm) => `${arm.arm} ${count(arm.customers)}`).join(" · ")}
      <span className="ml-auto">p {p < 0.001 ? "< 0.001" : fixed(p, 2)}</span>
    </p>
  );
}

function ArmEffect({ one, report }: { one: Comparison; report: PilotReport }) {
  const value = (number: number) => (one.is_share ? percent(number, 1) : fixed(number, 2));
  const signed = (number: number) => `${number > 0 ? "+" : ""}${value(number)}`;
  if (!one.enough || !one.effect) {
    return (
      <li className="border-b border-line px-4 py-3 last:border-b-0">
        <h3 className="font-medium">{one.arm ?? "All treated"}</h3>
        <p className="text-soft">
          Not enough data yet: {count(one.missing)} more outcomes in the smaller arm
          {report.next_known ? `; the next is known on ${dateWords(report.next_known)}` : ""}.
        </p>
      </li>
    );
  }
  const { effect, cuped } = one;
  return (
    <li className="border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h3 className="font-medium">{one.arm ?? "All treated"}</h3>
        <span className="tabular-nums">
          {value(effect.treated)} against {value(effect.control)}
        </span>
        <span className="ml-auto font-semibold tabular-nums">{signed(effect.difference)}</span>
        <Chip tone={!effect.clear ? "plain" : effect.difference > 0 ? "good" : "bad"}>
          {!effect.clear ? "May be chance" : effect.difference > 0 ? "Better" : "Worse"}
        </Chip>
      </div>
      <Interval effect={effect} label={`${signed(effect.low)} to ${signed(effect.high)}`} />
      {cuped && (
        <p className="label">
          With what was known before taken out: {signed(cuped.difference)} [
          {signed(cuped.low)}, {signed(cuped.high)}]; {percent(one.variance_removed)} of the
          variance gone
        </p>
      )}
    </li>
  );
}

// A line from low to high with a mark at the difference; 0 in the middle of the scale.
function Interval({ effect, label }: { effect: Effect; label: string }) {
  const reach = Math.max(Math.abs(effect.low), Math.abs(effect.high), 1e-12) * 1.15;
  const at = (value: number) => `${50 + (50 * value) / reach}%`;
  return (
    <div className="my-2 flex items-center gap-3">
      <div aria-hidden className="relative h-3 flex-1 rounded bg-pressed">
        <span className="absolute inset-y-0 left-1/2 w-px bg-[var(--faint)]" />
        <span
          className="absolute top-1 h-1 rounded-full bg-[var(--accent)]"
          style={{ left: at(effect.low), right: `calc(100% - ${at(effect.high)})` }}
        />
        <span
          className="absolute top-0 h-3 w-0.5 bg-ink"
          style={{ left: at(effect.difference) }}
        />
      </div>
      <span className="label tabular-nums">{label}, 95 %</span>
    </div>
  );
}
