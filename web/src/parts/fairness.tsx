// Whether a model's figures treat groups of customers alike: every figure with its interval. That
// no difference is established is never told as that there is none.
import type { components } from "#schema";
import { count, fixed, percent } from "../numbers";
import { sentence, taskLabel } from "../words";
import { Chip } from "./controls";
import { Panel } from "./panels";

type Fairness = components["schemas"]["Fairness"];
type Group = Fairness["groups"][number];
type Gap = Group["gaps"][number];
type Figure = NonNullable<Group["selection_rate"]>;

const COLUMNS = [
  { figure: "selection_rate", gap: "selection_ratio", label: "Selected" },
  { figure: "true_positive_rate", gap: "true_positive_gap", label: "Rightly selected" },
  { figure: "false_positive_rate", gap: "false_positive_gap", label: "Wrongly selected" },
  { figure: "calibration", gap: "calibration_gap", label: "Came less said" },
] as const;
type Column = (typeof COLUMNS)[number];

interface Props {
  fairness: readonly Fairness[];
  // Of these tasks figures are shares; those of others have a scale of their own.
  probabilities: ReadonlySet<string>;
}
export function FairnessPanel({ fairness, probabilities }: Props) {
  return (
    <Panel title="Are groups treated alike?">
      <p className="border-b border-line px-4 py-3 text-xs text-soft">
        Selected are as many customers as have the outcome, highest figures first; of a number the
        highest fifth counts as the outcome. Each figure has its interval below it, then how it
        stands beside that of the largest group. All intervals hold together with 99 %; under 200
        customers there is not enough data. Protected traits are never an input of a model.
      </p>
      {fairness.map((one) => (
        <Comparison
          key={`${one.task} ${one.trait}`}
          of={one}
          share={probabilities.has(one.task)}
        />
      ))}
    </Panel>
  );
}

function Comparison({ of, share }: { of: Fairness; share: boolean }) {
  const title = `${taskLabel(of.task)} by ${of.trait.replaceAll("_", " ")}`;
  return (
    <details open={of.differs} className="group border-b border-line last:border-b-0">
      <summary
        className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2
          hover:bg-hover"
      >
        <span aria-hidden className="w-3 text-faint transition-transform group-open:rotate-90">
          ›
        </span>
        <h3 className="font-medium">{title}</h3>
        <span className="label">{count(of.groups.length)} groups</span>
        <span className="ml-auto">
          <Verdict of={of} />
        </span>
      </summary>
      <p className="px-4 pb-2 pl-10 text-xs text-soft">{sentence(of.verdict)}.</p>
      <GroupTable of={of} title={title} share={share} />
    </details>
  );
}

function Verdict({ of }: { of: Fairness }) {
  if (!of.enough_data) return <Chip>Not enough data</Chip>;
  return of.differs ? (
    <Chip tone="warn">A difference is established</Chip>
  ) : (
    <Chip>No difference is established</Chip>
  );
}

function GroupTable({ of, title, share }: { of: Fairness; title: string; share: boolean }) {
  return (
    <div
      className="relative overflow-x-auto pb-2 pl-6"
      tabIndex={0}
      role="region"
      aria-label={`Groups, ${title}`}
    >
      <table className="w-full min-w-[860px] table-fixed" aria-label={title}>
        <thead>
          <tr className="label border-b border-line">
            <th scope="col" className="h-8 w-36 px-4 text-left font-normal">
              Group
            </th>
            <th scope="col" className="w-24 px-3 text-right font-normal">
              Customers
            </th>
            {COLUMNS.map(({ label }) => (
              <th key={label} scope="col" className="px-3 text-right font-normal">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.groups.map((group) => (
            <tr key={group.group} className="border-b border-line align-top last:border-b-0">
              <th scope="row" className="px-4 py-1.5 text-left font-normal">
                {group.group}
                {group.group === of.reference && <p className="label">the largest</p>}
              </th>
              <td className="px-3 py-1.5 text-right tabular-nums">{count(group.customers)}</td>
              {COLUMNS.map((column) => (
                <FigureCell key={column.gap} group={group} column={column} share={share} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  group: Group;
  column: Column;
  share: boolean;
}
function FigureCell({ group, column, share }: CellProps) {
  const figure = group[column.figure];
  const gap = group.gaps.find(({ name }) => name === column.gap);
  // Only what came beyond what was said has the scale of the task.
  const words = share || column.figure !== "calibration" ? shareWords : plainWords(figure);
  return (
    <td className="px-3 py-1.5 text-right text-xs tabular-nums">
      {figure ? <WithInterval figure={figure} words={words} /> : "not enough data"}
      {gap?.enough_data && <GapLine gap={gap} words={words} />}
    </td>
  );
}

const shareWords = (value: number) => percent(value, 1);
// With as many digits as its interval calls for.
function plainWords(figure: Figure | null) {
  const most = Math.max(...(figure?.interval ?? [0]).map(Math.abs));
  return (value: number) => fixed(value, most < 2 ? 3 : 1);
}

function WithInterval({ figure, words }: { figure: Figure; words: (value: number) => string }) {
  return (
    <>
      <span className="text-sm">{words(figure.value)}</span>
      {figure.interval && (
        <p className="text-faint">
          {words(figure.interval[0]!)} to {words(figure.interval[1]!)}
        </p>
      )}
    </>
  );
}

// Beside the largest group: how many times as often, or by how much more.
function GapLine({ gap, words }: { gap: Gap; words: (value: number) => string }) {
  const said =
    gap.name === "selection_ratio"
      ? (value: number) => `× ${fixed(value, 2)}`
      : (value: number) => `${value > 0 ? "+" : ""}${words(value)}`;
  const [low, high] = gap.interval ?? [];
  return (
    <p className={gap.differs ? "font-medium text-warn" : "text-soft"}>
      {gap.value !== null && said(gap.value)}
      {low !== undefined && high !== undefined && ` (${said(low)} to ${said(high)})`}
      {gap.differs && <span className="sr-only"> differs</span>}
    </p>
  );
}
