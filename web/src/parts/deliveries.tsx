// What was sent to a receiver: each message, every attempt with what was answered, and resending.
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Delivery, type Receiver, api } from "../api/client";
import { deliveriesQuery } from "../api/queries";
import { momentWords } from "../numbers";
import { Button, Chip } from "./controls";
import { Ago } from "./live";
import { DeliveryChip } from "./receivers";
import { Empty, Failure, SkeletonRows } from "./states";

export function Deliveries({ receiver }: { receiver: Receiver }) {
  const deliveries = useInfiniteQuery(deliveriesQuery(receiver.id));
  const rows = deliveries.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section aria-label="Deliveries">
      <h3 className="px-5 pt-4 pb-2 font-medium">Deliveries</h3>
      {deliveries.isPending && <SkeletonRows rows={4} />}
      {deliveries.isError && !deliveries.data && (
        <Failure error={deliveries.error} retry={deliveries.refetch} />
      )}
      {deliveries.data && rows.length === 0 && (
        <Empty title="Nothing was sent yet">Send a test to try it.</Empty>
      )}
      <ul>
        {rows.map((row) => (
          <DeliveryRow key={row.id} receiver={receiver} delivery={row} />
        ))}
      </ul>
      {deliveries.hasNextPage && (
        <div className="p-2 text-center">
          <Button
            quiet
            disabled={deliveries.isFetchingNextPage}
            onClick={() => void deliveries.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}

function DeliveryRow({ receiver, delivery }: { receiver: Receiver; delivery: Delivery }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="border-t border-line">
      <button
        type="button"
        aria-expanded={open}
        className="flex min-h-10 w-full items-center gap-3 px-5 py-1.5 text-left hover:bg-hover"
        onClick={() => setOpen(!open)}
      >
        <DeliveryChip status={delivery.status} />
        <span className="min-w-0 flex-1 truncate">{delivery.subject}</span>
        <span className="label whitespace-nowrap">
          <Ago time={delivery.created} />
        </span>
      </button>
      {open && <Details receiver={receiver} delivery={delivery} />}
    </li>
  );
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Details({ receiver, delivery }: { receiver: Receiver; delivery: Delivery }) {
  const client = useQueryClient();
  const resend = useMutation({
    mutationFn: () => api.resend(receiver.id, delivery.id),
    onSettled: () => client.invalidateQueries({ queryKey: ["deliveries", receiver.id] }),
  });
  return (
    <div className="flex flex-col gap-3 px-5 pb-4">
      <ol className="flex flex-col gap-1">
        {delivery.attempts.map((attempt) => (
          <li key={attempt.time} className="flex flex-wrap items-center gap-2">
            <Chip tone={attempt.status && attempt.status < 300 ? "good" : "bad"}>
              {attempt.status ?? "No answer"}
            </Chip>
            <span>{momentWords(attempt.time)}</span>
            <span className="label">{attempt.latency_ms} ms</span>
            <span className="min-w-0 break-words text-soft">
              {attempt.error ?? attempt.answer}
            </span>
          </li>
        ))}
        {delivery.next_try && (
          <li className="label">Next try at {momentWords(delivery.next_try)}</li>
        )}
      </ol>
      <pre
        tabIndex={0}
        aria-label="What was sent"
        className="max-h-72 overflow-auto rounded-md border border-line bg-rail p-3 font-mono
        text-xs"
      >
        {readable(delivery.body)}
      </pre>
      <div className="flex items-center gap-3">
        <Button disabled={resend.isPending} onClick={() => resend.mutate()}>
          Send again
        </Button>
        <code className="label font-mono">{delivery.id}</code>
        {resend.isError && (
          <span role="alert" className="text-bad">
            {resend.error.message}
          </span>
        )}
      </div>
    </div>
  );
}
