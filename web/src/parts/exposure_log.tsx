// Who came into which arm of a pilot when, and what became of it.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Exposure, type PilotWithReport, exposuresQuery } from "../api/insights";
import { count, dateWords, fixed } from "../numbers";
import { Button, TierMark } from "./controls";
import { Panel } from "./panels";
import { Failure, SkeletonRows } from "./states";

export function ExposureLog({ pilot }: { pilot: PilotWithReport }) {
  const log = useInfiniteQuery(exposuresQuery(pilot.id));
  const rows = log.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Panel
      title="Exposure log"
      aside={<span className="label">{count(pilot.report.customers)} customers</span>}
    >
      {log.isPending && <SkeletonRows rows={5} />}
      {log.isError && !log.data && <Failure error={log.error} retry={log.refetch} />}
      {rows.length > 0 && (
        <div
          className="max-h-96 overflow-auto"
          tabIndex={0}
          role="region"
          aria-label="Exposure log, table"
        >
          <table className="w-full">
            <thead>
              <tr className="label border-b border-line text-left">
                <th className="px-4 py-2 font-normal">Customer</th>
                <th className="px-4 py-2 font-normal">Arm</th>
                <th className="px-4 py-2 font-normal">Since</th>
                <th className="px-4 py-2 font-normal">Tier then</th>
                <th className="px-4 py-2 font-normal">Came back</th>
                <th className="px-4 py-2 text-right font-normal">Amount</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <LogRow key={row.customer_id} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {log.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button
            quiet
            disabled={log.isFetchingNextPage}
            onClick={() => void log.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </Panel>
  );
}

function LogRow({ row }: { row: Exposure }) {
  return (
    <tr className="border-b border-line last:border-b-0">
      <td className="px-4 py-1.5">
        <Link
          to="/customers/$id"
          params={{ id: row.customer_id }}
          className="name block max-w-48 font-medium text-accent hover:underline"
        >
          <bdi>{row.customer_id}</bdi>
        </Link>
      </td>
      <td className="px-4">{row.arm}</td>
      <td className="px-4 whitespace-nowrap">{dateWords(row.time)}</td>
      <td className="px-4">
        <TierMark tier={row.tier} />
      </td>
      <td className="px-4">
        {row.retained === null ? (
          <span className="text-faint">not known yet</span>
        ) : row.retained ? (
          "yes"
        ) : (
          "no"
        )}
      </td>
      <td className="px-4 text-right tabular-nums">{fixed(row.amount, 2)}</td>
    </tr>
  );
}
