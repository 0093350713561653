// How well a model predicts one task: every family beside the baselines, and whether its
// probabilities come true.
import type { components } from "#schema";
import { count, fixed, percent } from "../numbers";
import { familyLabel, metricLabel, sentence, taskLabel } from "../words";
import { Chip } from "./controls";
import { FeatureSelection } from "./feature_selection";
import { Panel } from "./panels";

interface Bin {
  n: number;
  predicted: number;
  observed: number;
  observed_interval?: [number, number];
}
type Metrics = { name: string } & Record<string, number | [number, number] | string>;
export interface Task {
  task: string;
  kind: string;
  definition: string;
  n: number;
  n_judged: number;
  rate: number;
  split: string;
  champion: string;
  warnings: { code: string; message: string }[];
  models: Metrics[];
  curves?: { reliability?: Bin[]; calibration_slope?: number | null };
  selection?: components["schemas"]["FeatureSelection"]; // where one was asked for
}
export interface Evaluation {
  tasks?: Task[];
  fairness?: components["schemas"]["Fairness"][]; // where the pack has protected traits
}

// Metrics of which less is better.
const LESS = new Set(["brier", "log_loss", "ece", "mae", "rmse"]);
const SHOWN = [
  "roc_auc",
  "pr_auc",
  "brier",
  "brier_skill",
  "log_loss",
  "ece",
  "lift_top_tenth",
  "r2",
  "mae",
  "rmse",
  "corr",
];

export function TaskPanel({ task }: { task: Task }) {
  const bins = task.curves?.reliability ?? [];
  return (
    <Panel
      title={taskLabel(task.task)}
      aside={<Warnings warnings={task.warnings} />}
    >
      <div className={bins.length > 0 ? "grid lg:grid-cols-[minmax(0,1fr)_270px]" : ""}>
        <div className="min-w-0">
          {task.definition && <p className="px-4 pt-3 text-xs text-soft">{task.definition}</p>}
          {task.models.length > 0 ? (
            <MetricsTable task={task} />
          ) : (
            <p className="px-4 py-3 text-soft">
              Too little history to be judged: {count(task.n)} rows with a known outcome.
            </p>
          )}
          {task.models.length > 0 && (
            <p className="px-4 pt-2 pb-3 text-xs text-faint">
              Judged on {count(task.n_judged)} of {count(task.n)} rows, never trained on,
              split by{" "}
              {task.split}.
              {task.kind === "probability" && ` It came true for ${percent(task.rate)}.`}
            </p>
          )}
        </div>
        {bins.length > 0 && <Reliability bins={bins} />}
      </div>
      {task.selection && (
        <FeatureSelection task={task.task} kind={task.kind} selection={task.selection} />
      )}
    </Panel>
  );
}

// One mark a kind, however many features it is about.
function Warnings({ warnings }: { warnings: Task["warnings"] }) {
  return [...new Set(warnings.map(({ code }) => code))].map((code) => {
    const same = warnings.filter((one) => one.code === code);
    return (
      <span key={code} title={same.map(({ message }) => message).join("\n")}>
        <Chip tone="warn">
          {sentence(code)}
          {same.length > 1 && ` × ${same.length}`}
        </Chip>
      </span>
    );
  });
}

const number = (value: unknown) => (typeof value === "number" ? value : null);

function best(models: readonly Metrics[], metric: string): number | null {
  const values = models.map((model) => number(model[metric])).filter((v) => v !== null);
  if (values.length === 0) return null;
  return LESS.has(metric) ? Math.min(...values) : Math.max(...values);
}

function MetricsTable({ task }: { task: Task }) {
  const metrics = SHOWN.filter((metric) => task.models.some((model) => metric in model));
  return (
    <div
      className="overflow-x-auto pt-2"
      tabIndex={0}
      role="region"
      aria-label={`Metrics of ${taskLabel(task.task)}`}
    >
      <table className="w-full">
        <thead>
          <tr className="label border-b border-line">
            <th scope="col" className="h-8 px-4 text-left font-normal">
              Model
            </th>
            {metrics.map((metric) => (
              <th
                key={metric}
                scope="col"
                className="px-3 text-right font-normal whitespace-nowrap"
              >
                {metricLabel(metric)}
                {LESS.has(metric) && <span title="less is better"> ↓</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {task.models.map((model) => (
            <tr key={model.name} className="h-9 border-b border-line last:border-b-0">
              <th scope="row" className="px-4 text-left font-normal whitespace-nowrap">
                <span className={model.name === task.champion ? "font-medium" : "text-soft"}>
                  {familyLabel(model.name)}
                </span>
                {model.name === task.champion && (
                  <span className="ml-2">
                    <Chip tone="good">Champion</Chip>
                  </span>
                )}
              </th>
              {metrics.map((metric) => {
                const value = number(model[metric]);
                const range = model[`${metric}_interval`];
                const title = Array.isArray(range)
                  ? `95 %: ${fixed(range[0], 3)} to ${fixed(range[1], 3)}`
                  : "";
                return (
                  <td
                    key={metric}
                    title={title}
                    className={`px-3 text-right ${
                      value !== null && value === best(task.models, metric)
                        ? "font-semibold"
                        : "text-soft"
                    }`}
                  >
                    {fixed(value, metric === "lift_top_tenth" ? 2 : 3)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const SIDE = 180;

// Said against what then happened; on the diagonal a probability can be taken at its word.
function Reliability({ bins }: { bins: readonly Bin[] }) {
  const most = Math.max(
    ...bins.map((bin) => Math.max(bin.predicted, bin.observed_interval?.[1] ?? bin.observed)),
  );
  const top = Math.min(1, Math.ceil(10 * most) / 10);
  const x = (value: number) => (SIDE * value) / top;
  const y = (value: number) => SIDE - (SIDE * Math.min(value, top)) / top;
  const words = bins
    .map(({ predicted, observed }) => `said ${percent(predicted)}, came true ${percent(observed)}`)
    .join("; ");
  const text = { fill: "var(--faint)", fontSize: 10 };
  return (
    <figure className="border-line px-5 pt-4 pb-3 max-lg:border-t lg:border-l">
      <figcaption className="mb-2 text-xs text-soft">Do its probabilities come true?</figcaption>
      <svg
        role="img"
        viewBox={`-46 -6 ${SIDE + 62} ${SIDE + 40}`}
        aria-label={`Reliability: ${words}`}
        className="block w-full max-w-64"
      >
        {[0.5, 1].map((part) => (
          <g key={part} stroke="var(--line)">
            <path d={`M0 ${y(part * top)}H${SIDE}M${x(part * top)} 0V${SIDE}`} />
            <text {...text} stroke="none" x={-6} y={y(part * top) + 3} textAnchor="end">
              {percent(part * top)}
            </text>
            <text {...text} stroke="none" x={x(part * top)} y={SIDE + 14} textAnchor="middle">
              {percent(part * top)}
            </text>
          </g>
        ))}
        <path d={`M0 0V${SIDE}H${SIDE}`} fill="none" stroke="var(--line-strong)" />
        <path d={`M0 ${SIDE}L${SIDE} 0`} stroke="var(--line-strong)" strokeDasharray="3 4" />
        <text {...text} x={SIDE / 2} y={SIDE + 30} textAnchor="middle">
          said
        </text>
        <text {...text} transform={`translate(-37 ${SIDE / 2}) rotate(-90)`} textAnchor="middle">
          came true
        </text>
        {bins.map((bin, i) => (
          <BinMark key={i} bin={bin} x={x(bin.predicted)} y={y} />
        ))}
      </svg>
    </figure>
  );
}

function BinMark({ bin, x, y }: { bin: Bin; x: number; y: (value: number) => number }) {
  const [low, high] = bin.observed_interval ?? [bin.observed, bin.observed];
  return (
    <g>
      <path
        d={`M${x} ${y(low)}V${y(high)}`}
        stroke="var(--accent)"
        opacity="0.45"
        strokeWidth="1.5"
      />
      <circle cx={x} cy={y(bin.observed)} r="3.25" fill="var(--accent)">
        <title>
          {`said ${percent(bin.predicted, 1)}, came true ${percent(bin.observed, 1)}, ` +
            `${count(bin.n)} rows`}
        </title>
      </circle>
    </g>
  );
}
