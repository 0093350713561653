// The figures of a customer, how each came to be, and what it means.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { Pack } from "../api/client";
import { historyQuery } from "../api/queries";
import { type Task, figure, share } from "../numbers";
import type { KnownCustomer } from "../screens/customer";
import { taskLabel } from "../words";
import { Meter } from "./controls";
import { useStale } from "./live";
import { Spark } from "./spark";
import { Skeleton } from "./states";

export function FigureCards({
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
  const prediction = customer.data?.prediction;
  return (
    <section
      aria-label="Figures"
      className="grid grid-cols-2 gap-3 lg:grid-cols-3
      xl:grid-flow-col xl:auto-cols-fr xl:grid-cols-none"
    >
      {(pack?.tasks ?? []).map((task) => (
        <FigureCard
          key={task.task}
          task={task}
          value={customer.isPending ? undefined : (prediction?.figures[task.task] ?? null)}
          past={past.map((row) => row.figures[task.task]).filter((v) => typeof v === "number")}
          old={stale || prediction?.status === "stale"}
        />
      ))}
      {!pack &&
        Array.from({ length: 5 }, (_, i) => (
          <div key={i} className="panel h-[190px] p-4">
            <Skeleton className="h-3 w-24" />
          </div>
        ))}
    </section>
  );
}

// `value`: undefined while it is read.
function FigureCard({
  task,
  value,
  past,
  old,
}: {
  task: Task;
  value: number | null | undefined;
  past: readonly number[];
  old: boolean;
}) {
  return (
    <article className="panel flex flex-col px-4 pt-3 pb-3.5">
      <h2 className="label">{taskLabel(task.task)}</h2>
      {value === undefined ? (
        <Skeleton className="my-2 h-7 w-20" />
      ) : (
        <p
          className={`mt-1 text-[1.625rem] leading-9 font-semibold tracking-[-0.022em]
          ${old ? "stale" : ""}`}
        >
          {figure(task, value)}
        </p>
      )}
      <div className="mt-1 mb-2 h-6">
        {past.length > 3 ? (
          <Spark values={past} label={`${taskLabel(task.task)} over time`} height={24} />
        ) : (
          <RangeMeter task={task} value={value} />
        )}
      </div>
      <p title={task.definition} className="line-clamp-4 text-2xs leading-[1.05rem] text-faint">
        {task.definition}
      </p>
    </article>
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
