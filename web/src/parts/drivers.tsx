// What pushes a figure of a customer up or down, in plain words, the largest first.
import { useQuery } from "@tanstack/react-query";
import type { Pack } from "../api/client";
import { driversQuery } from "../api/queries";
import { figure } from "../numbers";
import { useUrlSearch } from "../url_search";
import { familyLabel, reasonWords, sentence, shortTaskLabel } from "../words";
import { Button } from "./controls";
import { Panel } from "./panels";
import { Empty, Failure, SkeletonRows } from "./states";

const SHOWN = 8;

export function Drivers({ id, pack }: { id: string; pack: Pack | undefined }) {
  const { search, change } = useUrlSearch();
  const drivers = useQuery(driversQuery(id, search.why));
  const data = drivers.data;
  const path = `/api/v1/customers/${encodeURIComponent(id)}/drivers${
    search.why ? `?task=${encodeURIComponent(search.why)}` : ""
  }`;
  const task = pack?.tasks.find((known) => known.task === data?.task);
  return (
    <Panel title="What drives it" reading={drivers} curl={path}>
      <div role="group" aria-label="Figure explained" className="flex flex-wrap gap-1 px-3 pt-3">
        {pack?.tasks.map((known) => (
          <Button
            key={known.task}
            quiet
            aria-pressed={known.task === (search.why ?? data?.task)}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => change({ why: known.task })}
          >
            {shortTaskLabel(known.task)}
          </Button>
        ))}
      </div>
      {drivers.isPending && <SkeletonRows rows={SHOWN} />}
      {drivers.isError && !data && <Failure error={drivers.error} retry={drivers.refetch} />}
      {data && data.drivers.length === 0 && (
        <Empty title="Nothing to explain">
          {data.reason ? reasonWords(data.reason, pack) : "The model gives no reasons here."}
        </Empty>
      )}
      {data && data.drivers.length > 0 && (
        <>
          <DriverList drivers={data.drivers.slice(0, SHOWN)} />
          <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
            {task && `${figure(task, data.figure)}, by the ${familyLabel(data.champion ?? "")}. `}
            All contributions add up to the model’s own output.
          </p>
        </>
      )}
    </Panel>
  );
}

interface Driver {
  theme: string;
  sentence: string;
  contribution: number;
  direction: string;
}

function DriverList({ drivers }: { drivers: readonly Driver[] }) {
  const most = Math.max(...drivers.map((driver) => Math.abs(driver.contribution)), 1e-12);
  return (
    <ol className="py-2">
      {drivers.map((driver) => {
        const raises = driver.direction === "raises";
        return (
          <li
            key={driver.theme}
            className="grid min-h-9 grid-cols-[minmax(0,1fr)_minmax(5rem,11rem)_3.75rem]
              items-center gap-3 px-4 py-1"
          >
            <span dir="auto">{sentence(driver.sentence)}</span>
            <span aria-hidden className="grid grid-cols-2">
              <Bar share={raises ? 0 : Math.abs(driver.contribution) / most} left />
              <Bar share={raises ? driver.contribution / most : 0} />
            </span>
            <span className="text-right text-xs text-soft">
              <span aria-hidden>{raises ? "↑" : "↓"}</span> {driver.direction}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Bar({ share, left = false }: { share: number; left?: boolean }) {
  return (
    <span className={`flex h-2 ${left ? "justify-end border-r border-line-strong" : ""}`}>
      {share > 0 && (
        <span
          className={left ? "rounded-l-sm" : "rounded-r-sm"}
          style={{
            width: `${Math.max(2, 100 * share)}%`,
            background: left ? "var(--tier-calm)" : "var(--tier-warn)",
          }}
        />
      )}
    </span>
  );
}
