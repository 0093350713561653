// What actions change: shown customers against those of the holdout, with 95 % intervals.
import { useQuery } from "@tanstack/react-query";
import type { Effect, EffectReport } from "../api/client";
import { effectQuery } from "../api/queries";
import { count, dateWords, fixed, percent } from "../numbers";
import { sentence } from "../words";
import { Chip } from "./controls";
import { Panel } from "./panels";
import { Empty, Failure, SkeletonRows } from "./states";

type Difference = Effect["differences"][number];

const MEASURES: Record<string, { label: string; better: 1 | -1 }> = {
  retained: { label: "Came back", better: 1 },
  risk_change: { label: "Risk of leaving", better: -1 },
  health_change: { label: "Health", better: 1 },
  amount_change: { label: "Amount, 30 days", better: 1 },
};

export function EffectPanel() {
  const effect = useQuery(effectQuery);
  const rows = effect.data?.data ?? [];
  const [all, ...plays] = rows;
  return (
    <Panel title="Effect of actions" reading={effect}>
      {effect.isPending && <SkeletonRows rows={6} className="h-11" />}
      {effect.isError && !effect.data && (
        <Failure error={effect.error} retry={effect.refetch} />
      )}
      {effect.data && all && (
        <>
          <About report={effect.data} />
          {all.treated + all.holdout + all.treated_waiting + all.holdout_waiting === 0 ? (
            <Empty title="Not enough data yet">
              No action was due yet. The effect is known a lapse period after actions were due.
            </Empty>
          ) : (
            <ul>
              <EffectRow effect={all} report={effect.data} />
              {plays.map((one) => (
                <EffectRow key={one.play} effect={one} report={effect.data} />
              ))}
            </ul>
          )}
        </>
      )}
    </Panel>
  );
}

function About({ report }: { report: EffectReport }) {
  return (
    <p className="border-b border-line px-4 py-3 text-soft">
      Customers for whom an action was due and shown, less those of the holdout, for whom one was
      due and withheld, whether or not somebody did it. Each counts once, with its first action
      since {dateWords(report.from)}, and is looked at {count(report.horizon_days)} days later.
    </p>
  );
}

function EffectRow({ effect, report }: { effect: Effect; report: EffectReport }) {
  const title = effect.play ? sentence(effect.play) : "All plays";
  return (
    <li className="border-b border-line px-4 py-3 last:border-b-0">
      <h3 className="flex flex-wrap items-baseline gap-x-3 font-medium">
        {title}
        <span className="label font-normal">
          {count(effect.treated)} shown · {count(effect.holdout)} in the holdout
        </span>
      </h3>
      {effect.enough ? (
        <div className="mt-2 overflow-x-auto">
          <table className="w-full text-right" aria-label={`Effect, ${title}`}>
            <thead>
              <tr className="label">
                {["Measure", "Shown", "Holdout", "Difference", "95 % interval", ""].map((head) => (
                  <th
                    key={head}
                    scope="col"
                    className="h-7 font-normal first:text-left last:text-left last:pl-4"
                  >
                    {head || <span className="sr-only">Verdict</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {effect.differences.map((one) => (
                <DifferenceRow key={one.measure} one={one} currency={report.currency} />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="mt-1 text-soft">{missingWords(effect)}</p>
      )}
    </li>
  );
}

function missingWords(effect: Effect): string {
  const need = [
    effect.treated_missing > 0 && `${count(effect.treated_missing)} more that are shown one`,
    effect.holdout_missing > 0 && `${count(effect.holdout_missing)} more in the holdout`,
  ].filter(Boolean);
  const waiting = effect.treated_waiting + effect.holdout_waiting;
  const when = effect.enough_at
    ? `Those that wait are known by ${dateWords(effect.enough_at)}.`
    : waiting > 0
      ? `${count(waiting)} are still waiting, which is not enough.`
      : "None is waiting.";
  return `Not enough data yet: ${need.join(" and ")} must be known. ${when}`;
}

function DifferenceRow({ one, currency }: { one: Difference; currency: string | null }) {
  const measure = MEASURES[one.measure] ?? { label: sentence(one.measure), better: 1 as const };
  const share = one.is_share || one.measure === "risk_change";
  const words = (value: number) =>
    share ? percent(value, 1) : `${fixed(value, 1)}${amountUnit(one, currency)}`;
  const signed = (value: number) => (value > 0 ? `+${words(value)}` : words(value));
  const sure = one.low > 0 || one.high < 0;
  const good = one.difference * measure.better > 0;
  return (
    <tr className="border-t border-line">
      <th scope="row" className="py-1.5 text-left font-normal">
        {measure.label}
        {!one.is_share && <span className="text-faint">, change</span>}
      </th>
      <td>{one.is_share ? words(one.treated) : signed(one.treated)}</td>
      <td>{one.is_share ? words(one.holdout) : signed(one.holdout)}</td>
      <td className="font-medium">{signed(one.difference)}</td>
      <td className="text-soft">
        {signed(one.low)} to {signed(one.high)}
      </td>
      <td className="pl-4 text-left">
        <Chip tone={sure ? (good ? "good" : "bad") : "plain"}>
          {sure ? (good ? "Better" : "Worse") : "Not told apart"}
        </Chip>
      </td>
    </tr>
  );
}

function amountUnit(one: Difference, currency: string | null): string {
  return one.measure === "amount_change" && currency ? ` ${currency}` : "";
}
