// What can be done with a version of the model: into production, into the shadow, back.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";
import { type Model, api } from "../api/client";
import { evaluationQuery, modelsQuery } from "../api/queries";
import { fixed } from "../numbers";
import { familyLabel, metricLabel, taskLabel } from "../words";
import { Button } from "./controls";
import type { Evaluation, Task } from "./evaluation";
import { SkeletonRows } from "./states";
import { useUndoable } from "./undo";

const CHANGES = [["models"], ["overview"], ["evaluation"], ["tiers"]] as const;

export function ModelActions({ model, versions }: { model: Model; versions: readonly Model[] }) {
  const active = versions.find((known) => known.active);
  const previous = versions.find((known) => known.previous);
  const shadow = useShadow(model);
  return (
    <span className="flex gap-2">
      {model.shadow && <Button onClick={() => shadow.do(false)}>End the shadow run</Button>}
      {!model.active && !model.problem && (
        <>
          {!model.shadow && <Button onClick={() => shadow.do(true)}>Run in the shadow</Button>}
          <Promote model={model} active={active} />
        </>
      )}
      {model.active && previous && <RollBack model={model} previous={previous} />}
    </span>
  );
}

// Shows at once who is in production.
function usePatch() {
  const client = useQueryClient();
  return (change: (model: Model) => Partial<Model>) =>
    client.setQueryData(modelsQuery.queryKey, (old) =>
      old && { ...old, data: old.data.map((model) => ({ ...model, ...change(model) })) },
    );
}

function useShadow(model: Model) {
  const patch = usePatch();
  const set = (on: boolean) =>
    on ? api.promote(model.id, { shadow: true }) : api.rollBack({ shadow: true });
  return useUndoable<boolean>({
    run: set,
    back: (on) => set(!on),
    said: (on) => (on ? `${model.id} runs in the shadow.` : "The shadow run has ended."),
    changes: CHANGES,
    patch: (on) => patch((known) => ({ shadow: on && known.id === model.id })),
  });
}

function Promote({ model, active }: { model: Model; active: Model | undefined }) {
  const patch = usePatch();
  const promoting = useUndoable<string>({
    run: (id) => api.promote(id, { based_on: active?.id ?? null }),
    ...(active && { back: (id: string) => api.rollBack({ based_on: id }) }),
    said: (id) => `${id} is in service. Everybody is scored by it now.`,
    changes: CHANGES,
    patch: (id) =>
      patch((known) => ({ active: known.id === id, previous: known.id === active?.id })),
  });
  return (
    <Confirm
      open={<Button strong disabled={promoting.busy}>Promote</Button>}
      title={`Put ${model.id} into service?`}
      confirm="Promote"
      act={() => promoting.do(model.id)}
    >
      <Comparison candidate={model} active={active} />
    </Confirm>
  );
}

function RollBack({ model, previous }: { model: Model; previous: Model }) {
  const patch = usePatch();
  const rolling = useUndoable<string>({
    run: () => api.rollBack({ based_on: model.id }),
    back: () => api.promote(model.id, { based_on: previous.id }),
    said: (id) => `Back to ${id}. Everybody is scored by it now.`,
    changes: CHANGES,
    patch: (id) => patch((known) => ({ active: known.id === id, previous: false })),
  });
  return (
    <Confirm
      open={<Button disabled={rolling.busy}>Roll back</Button>}
      title={`Roll back to ${previous.id}?`}
      confirm="Roll back"
      act={() => rolling.do(previous.id)}
    >
      <Comparison candidate={previous} active={model} />
    </Confirm>
  );
}

function Confirm({
  open,
  title,
  confirm,
  act,
  children,
}: {
  open: ReactNode;
  title: string;
  confirm: string;
  act: () => void;
  children: ReactNode;
}) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>{open}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <div className="fixed inset-0 z-30 bg-black/30" aria-hidden />
        <AlertDialog.Content
          className="fixed top-[12vh] left-1/2 z-40 flex max-h-[76vh]
            w-[min(640px,calc(100vw-2rem))] -translate-x-1/2 animate-rise flex-col rounded-xl
            bg-panel shadow-float outline-none"
        >
          <AlertDialog.Title className="border-b border-line px-5 py-3.5 font-semibold">
            {title}
          </AlertDialog.Title>
          <AlertDialog.Description className="px-5 pt-3 text-soft">
            Every customer is scored anew by it. You can go back at any time.
          </AlertDialog.Description>
          <div className="min-h-0 overflow-y-auto px-5 py-3">{children}</div>
          <div className="flex justify-end gap-2 border-t border-line px-5 py-3">
            <AlertDialog.Cancel asChild>
              <Button className="h-8">Cancel</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button strong className="h-8" onClick={act}>
                {confirm}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

const BASELINES = new Set(["base_rate", "recency", "past", "mean", "mbg_nbd"]);

// The one metric that says most of a task.
const METRIC_OF = (task: Task) => (task.kind === "probability" ? "roc_auc" : "mae");

function metricOf(task: Task | undefined, name: string | undefined): number | null {
  const row = task?.models.find((model) => model.name === name);
  const value = task && row?.[METRIC_OF(task)];
  return typeof value === "number" ? value : null;
}

function bestBaseline(task: Task): { name: string; value: number } | null {
  const known = task.models
    .filter(({ name }) => BASELINES.has(name))
    .map(({ name }) => ({ name, value: metricOf(task, name) }))
    .filter((row): row is { name: string; value: number } => row.value !== null)
    .sort((a, b) => (task.kind === "probability" ? b.value - a.value : a.value - b.value));
  return known[0] ?? null;
}

// The version beside the one in service and the best baseline, task by task.
function Comparison({ candidate, active }: { candidate: Model; active: Model | undefined }) {
  const own = useQuery(evaluationQuery(candidate.id));
  const other = useQuery({ ...evaluationQuery(active?.id ?? ""), enabled: Boolean(active) });
  if (own.isPending) return <SkeletonRows rows={5} className="h-8" />;
  const tasks = (own.data?.evaluation as Evaluation | undefined)?.tasks ?? [];
  const others = (other.data?.evaluation as Evaluation | undefined)?.tasks ?? [];
  if (tasks.length === 0) return <p className="text-soft">It was never judged.</p>;
  return (
    <table className="w-full">
      <caption className="sr-only">
        Metrics beside what is in service and the best baseline
      </caption>
      <thead>
        <tr className="label">
          {["Figure", "Metric", candidate.version, active?.version ?? "–", "Best baseline"].map(
            (head, i) => (
              <th
                key={head}
                scope="col"
                className={`h-7 font-normal ${i < 2 ? "text-left" : "text-right"}`}
              >
                {head}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => {
          const known = others.find((row) => row.task === task.task);
          const baseline = bestBaseline(task);
          return (
            <tr key={task.task} className="border-t border-line">
              <th scope="row" className="h-8 text-left font-normal">
                {taskLabel(task.task)}
              </th>
              <td className="text-soft">{metricLabel(METRIC_OF(task))}</td>
              <td className="text-right font-medium">
                {fixed(metricOf(task, task.champion), 3)}
              </td>
              <td className="text-right text-soft">
                {fixed(metricOf(known, known?.champion), 3)}
              </td>
              <td className="text-right text-soft">
                {baseline ? `${fixed(baseline.value, 3)} ${familyLabel(baseline.name)}` : "–"}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
