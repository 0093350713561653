// What a customer did, newest first, by day.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { StoredEvent } from "../api/client";
import { eventsQuery } from "../api/queries";
import { clockWords, dayWords } from "../numbers";
import { Button } from "./controls";
import { CopyCurl } from "./copy_curl";
import { Freshness } from "./live";
import { Empty, Failure, SkeletonRows } from "./states";

export function EventTimeline({ id }: { id: string }) {
  const events = useInfiniteQuery(eventsQuery(id));
  const rows = events.data?.pages.flatMap((page) => page.data) ?? [];
  const days = new Map<string, StoredEvent[]>();
  for (const row of rows) {
    const day = new Date(row.event_time).toDateString();
    days.set(day, [...(days.get(day) ?? []), row]);
  }
  return (
    <section aria-label="Events" className="panel flex min-w-0 flex-col">
      <header className="flex min-h-11 items-center justify-between border-b border-line px-4">
        <h2 className="font-medium">Events</h2>
        <span className="flex items-center gap-1">
          <Freshness of={events} />
          <CopyCurl path={`/api/v1/customers/${encodeURIComponent(id)}/events?limit=25`} />
          <Button
            quiet
            className="-mr-2"
            disabled={events.isFetching}
            onClick={() => void events.refetch()}
          >
            Refresh
          </Button>
        </span>
      </header>
      {events.isPending && <SkeletonRows rows={12} />}
      {events.isError && !events.data && <Failure error={events.error} retry={events.refetch} />}
      {events.data && rows.length === 0 && <Empty title="No events" />}
      {[...days].map(([day, ofDay]) => (
        <section key={day}>
          <h3 className="label border-b border-line bg-rail px-4 py-1">
            {dayWords(ofDay[0]!.event_time)}
          </h3>
          <ol>
            {ofDay.map((row) => (
              <EventRow key={`${row.shard}:${row.offset}`} row={row} />
            ))}
          </ol>
        </section>
      ))}
      {events.hasNextPage && (
        <div className="p-2 text-center">
          <Button
            quiet
            disabled={events.isFetchingNextPage}
            onClick={() => void events.fetchNextPage()}
          >
            {events.isFetchingNextPage ? "Loading" : "Show earlier events"}
          </Button>
        </div>
      )}
    </section>
  );
}

function EventRow({ row }: { row: StoredEvent }) {
  const properties = Object.entries(row.properties);
  return (
    <li
      className="grid grid-cols-[2.75rem_minmax(0,1fr)] gap-x-3 border-b border-line px-4 py-1.5
      last:border-b-0"
    >
      <time dateTime={row.event_time} className="text-faint">
        {clockWords(row.event_time)}
      </time>
      <div className="min-w-0">
        <p className="truncate" dir="auto">
          {row.event ?? row.type}
        </p>
        {properties.length > 0 && (
          <p className="flex flex-wrap gap-x-3 text-2xs text-faint">
            {properties.map(([name, value]) => (
              <span key={name} className="name max-w-full">
                {name}{" "}
                <bdi className="text-soft">
                  {typeof value === "object" ? JSON.stringify(value) : String(value)}
                </bdi>
              </span>
            ))}
          </p>
        )}
      </div>
    </li>
  );
}
