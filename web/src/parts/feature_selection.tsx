// Which few features a task's trees go by, and what leaving out the others costs.
import type { components } from "#schema";
import { count, fixed } from "../numbers";
import { metricLabel, sentence, taskLabel } from "../words";
import { Meter } from "./controls";

type Selection = components["schemas"]["FeatureSelection"];

interface Props {
  task: string;
  kind: string;
  selection: Selection;
}
export function FeatureSelection({ task, kind, selection }: Props) {
  const metric = metricLabel(kind === "probability" ? "roc_auc" : "r2");
  const all = selection.curve[0];
  return (
    <section
      aria-label={`Features chosen for ${taskLabel(task)}`}
      className="grid border-t border-line lg:grid-cols-[minmax(0,1fr)_minmax(340px,420px)]"
    >
      <div className="min-w-0 px-4 py-3">
        <h3 className="font-medium">
          {count(selection.names.length)} of {count(all?.features)} features
        </h3>
        <p className="mt-1 text-xs text-soft">
          {lossWords(selection.loss, metric)} The best one alone,{" "}
          {sentence(selection.best_alone).toLowerCase()}, reaches{" "}
          {fixed(selection.best_alone_score, 3)}. Judged on rows that no fit saw.
        </p>
        <ol className="mt-2 grid list-inside list-decimal gap-x-4 text-soft sm:grid-cols-2">
          {selection.names.map((name) => (
            <li key={name} className="truncate py-0.5 marker:text-faint" title={name}>
              <span className="text-ink">{sentence(name)}</span>
            </li>
          ))}
        </ol>
      </div>
      <CurveTable selection={selection} metric={metric} task={task} kind={kind} />
    </section>
  );
}

function lossWords(loss: number | null, metric: string): string {
  if (loss === null) return "What leaving out the others costs is not known.";
  if (loss <= 0) return `Leaving out the others costs no ${metric} (${fixed(-loss, 4)} more).`;
  return `Leaving out the others costs ${fixed(loss, 4)} of ${metric}.`;
}

// Never "-0.000".
const lostWords = (lost: number) => fixed(Math.abs(lost) < 0.0005 ? 0 : lost, 3);

// 0: no better than chance, or than the mean; 1: always right.
function aboveChance(score: number, kind: string): number {
  const share = kind === "probability" ? 2 * score - 1 : score;
  return Math.min(1, Math.max(0, share));
}

// From all features down to one.
function CurveTable({ selection, metric, task, kind }: Props & { metric: string }) {
  const all = selection.curve[0]?.score ?? null;
  const chosen = selection.names.length;
  return (
    <div className="border-line px-4 py-3 max-lg:border-t lg:border-l">
      <table className="w-full text-right" aria-label={`Fewer features, ${taskLabel(task)}`}>
        <thead>
          <tr className="label">
            <th scope="col" className="h-6 pr-3 font-normal">
              Features
            </th>
            <th scope="col" className="w-full text-left font-normal">
              {metric}
            </th>
            <th scope="col" className="pl-3 font-normal whitespace-nowrap">
              Lost
            </th>
          </tr>
        </thead>
        <tbody>
          {selection.curve.map(({ features, score }) => (
            <tr key={features} className={features === chosen ? "font-semibold" : "text-soft"}>
              <th scope="row" className="pr-3 font-[inherit] tabular-nums">
                {features === chosen && <span className="sr-only">Chosen: </span>}
                {count(features)}
              </th>
              <td>
                <span className="flex items-center gap-2">
                  <span className="w-11 text-left tabular-nums">{fixed(score, 3)}</span>
                  <span className="grow">
                    <Meter
                      share={score === null ? null : aboveChance(score, kind)}
                      label={`${metric} with ${features} features`}
                    />
                  </span>
                </span>
              </td>
              <td className="pl-3 tabular-nums">
                {features === selection.curve[0]?.features || all === null || score === null
                  ? ""
                  : lostWords(all - score)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
