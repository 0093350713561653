// Events that could not be applied: browse, see payload and reason, edit, retry, drop.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { DeadLetter } from "../api/client";
import { deadLettersQuery, overviewQuery } from "../api/queries";
import { count } from "../numbers";
import { useUrlSearch } from "../url_search";
import { sentence } from "../words";
import { Button, Chip } from "./controls";
import { DeadLetterDrawer } from "./dead_letter_drawer";
import { Ago } from "./live";
import { Panel } from "./panels";
import { Empty, Failure, SkeletonRows } from "./states";

const STATUSES = ["open", "retried", "dropped"] as const;

export function DeadLetters() {
  const { search, change } = useUrlSearch();
  const status = search.status ?? "open";
  const asked = { status: STATUSES.find((known) => known === status), code: search.code };
  const letters = useInfiniteQuery(deadLettersQuery(asked));
  const { data: overview } = useQuery(overviewQuery);
  const rows = letters.data?.pages.flatMap((page) => page.data) ?? [];
  const codes = Object.keys(overview?.events.codes ?? {});
  return (
    <div id="dead-letters">
      <Panel
        title="Dead letters"
        reading={letters}
        curl={`/api/v1/deadletters?limit=100${asked.status ? `&status=${asked.status}` : ""}${
          asked.code ? `&code=${asked.code}` : ""
        }`}
        aside={<Filters status={status} code={search.code} codes={codes} change={change} />}
      >
        {letters.isPending && <SkeletonRows rows={4} />}
        {letters.isError && !letters.data && (
          <Failure error={letters.error} retry={letters.refetch} />
        )}
        {letters.data && rows.length === 0 && (
          <Empty title={status === "open" ? "No open dead letters" : "None here"}>
            An event that cannot be applied comes here with its payload and the reason.
          </Empty>
        )}
        {rows.length > 0 && <Rows rows={rows} open={(letter) => change({ letter })} />}
        {letters.hasNextPage && (
          <div className="border-t border-line p-2 text-center">
            <Button
              quiet
              disabled={letters.isFetchingNextPage}
              onClick={() => void letters.fetchNextPage()}
            >
              Show more
            </Button>
          </div>
        )}
      </Panel>
      <DeadLetterDrawer id={search.letter} close={() => change({ letter: undefined })} />
    </div>
  );
}

function Filters({
  status,
  code,
  codes,
  change,
}: {
  status: string;
  code: string | undefined;
  codes: readonly string[];
  change: (changes: Record<string, string | undefined>) => void;
}) {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <span role="group" aria-label="Status" className="flex">
        {[...STATUSES, "all"].map((name) => (
          <Button
            key={name}
            quiet
            aria-pressed={status === name}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => change({ status: name === "open" ? undefined : name })}
          >
            {sentence(name)}
          </Button>
        ))}
      </span>
      {codes.length > 0 && (
        <select
          aria-label="Reason"
          value={code ?? ""}
          className="h-7 rounded-md border
          border-line-strong bg-panel px-1.5 text-xs"
          onChange={(event) => change({ code: event.target.value || undefined })}
        >
          <option value="">Every reason</option>
          {codes.map((name) => (
            <option key={name} value={name}>
              {sentence(name)}
            </option>
          ))}
        </select>
      )}
    </span>
  );
}

function Rows({ rows, open }: { rows: readonly DeadLetter[]; open: (id: string) => void }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Dead letters, table">
      <table className="w-full">
        <thead>
          <tr className="label border-b border-line text-left">
            <th scope="col" className="h-8 px-4 font-normal">
              Reason
            </th>
            <th scope="col" className="px-3 font-normal">
              What is wrong
            </th>
            <th scope="col" className="px-3 font-normal">
              Customer
            </th>
            <th scope="col" className="px-3 font-normal">
              Source
            </th>
            <th scope="col" className="px-3 text-right font-normal">
              Attempts
            </th>
            <th scope="col" className="px-4 text-right font-normal">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.id}
              onClick={() => open(row.id)}
              className="h-9 border-b border-line
              last:border-b-0 hover:bg-hover"
            >
              <td className="px-4 whitespace-nowrap">
                <button
                  type="button"
                  className="font-medium hover:underline"
                  onClick={(event) => {
                    event.stopPropagation();
                    open(row.id);
                  }}
                >
                  {sentence(row.code)}
                </button>
                {row.status !== "open" && (
                  <span className="ml-2">
                    <Chip>{sentence(row.status)}</Chip>
                  </span>
                )}
              </td>
              <td className="px-3 text-soft">
                <span className="name block max-w-[26rem]" dir="auto" title={row.reason}>
                  {row.reason}
                </span>
              </td>
              <td className="px-3">
                <bdi className="name block max-w-40">{row.customer_id ?? "–"}</bdi>
              </td>
              <td className="px-3 text-soft">
                <bdi className="name block max-w-32">{row.source || "–"}</bdi>
              </td>
              <td className="px-3 text-right">{count(row.attempts)}</td>
              <td className="px-4 text-right whitespace-nowrap text-soft">
                <Ago time={row.last_time} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
