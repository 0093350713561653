// One figure of a customer over time.
import { useQuery } from "@tanstack/react-query";
import type { Pack } from "../api/client";
import { historyQuery } from "../api/queries";
import { figure } from "../numbers";
import { useUrlSearch } from "../url_search";
import { shortTaskLabel, taskLabel } from "../words";
import { Button } from "./controls";
import { LazyPlot } from "./lazy_plot";
import { Panel } from "./panels";

export function FigureHistory({ id, pack }: { id: string; pack: Pack | undefined }) {
  const { search, change } = useUrlSearch();
  const history = useQuery(historyQuery(id));
  const task =
    pack?.tasks.find((known) => known.task === search.figure) ??
    pack?.tasks[pack.tasks.length - 1];
  const rows = [...(history.data?.data ?? [])]
    .reverse()
    .filter((row) => task && typeof row.figures[task.task] === "number");
  if (!task || rows.length < 2) return null;
  return (
    <Panel
      title="History"
      reading={history}
      curl={`/api/v1/customers/${encodeURIComponent(id)}/predictions?limit=400`}
    >
      <div role="group" aria-label="Figure" className="flex flex-wrap gap-1 px-3 pt-3">
        {pack?.tasks.map((known) => (
          <Button
            key={known.task}
            quiet
            aria-pressed={known.task === task.task}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => change({ figure: known.task })}
          >
            {shortTaskLabel(known.task)}
          </Button>
        ))}
      </div>
      <LazyPlot
        key={task.task}
        rangeKey="history"
        title={`${taskLabel(task.task)} over time`}
        height={180}
        stepped
        times_s={rows.map((row) => Date.parse(row.timestamp) / 1000)}
        lines={[{ label: taskLabel(task.task), tone: "--accent", format: (v) => figure(task, v) }]}
        values={[rows.map((row) => row.figures[task.task] ?? null)]}
      />
    </Panel>
  );
}
