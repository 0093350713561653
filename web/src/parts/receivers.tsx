// Who is told: the receivers of alerts, what became of the last message, and how to add one.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Receiver, api } from "../api/client";
import { receiversQuery } from "../api/queries";
import { useUrlSearch } from "../url_search";
import { sentence } from "../words";
import { Button, Chip } from "./controls";
import { Ago } from "./live";
import { Panel } from "./panels";
import { ReceiverDrawer } from "./receiver_drawer";
import { Empty, Failure, SkeletonRows } from "./states";

export const NEW = "new";

export function Receivers() {
  const { search, change } = useUrlSearch();
  const receivers = useQuery(receiversQuery);
  const rows = receivers.data?.data ?? [];
  const open = search.receiver;
  return (
    <>
      <Panel
        title="Webhooks"
        reading={receivers}
        aside={<Button onClick={() => change({ receiver: NEW })}>Add a receiver</Button>}
      >
        {receivers.isPending && <SkeletonRows rows={4} />}
        {receivers.isError && !receivers.data && (
          <Failure error={receivers.error} retry={receivers.refetch} />
        )}
        {receivers.data && rows.length === 0 && (
          <Empty title="Nobody is told yet">
            Add a webhook, a Slack channel or mail addresses, and choose what each hears of.
          </Empty>
        )}
        {rows.length > 0 && <Rows rows={rows} open={(receiver) => change({ receiver })} />}
      </Panel>
      <ReceiverDrawer
        receiver={open === NEW ? null : rows.find((row) => row.id === open)}
        open={open === NEW || rows.some((row) => row.id === open)}
        show={(receiver) => change({ receiver })}
        close={() => change({ receiver: undefined })}
      />
    </>
  );
}

function Rows({
  rows,
  open,
}: {
  rows: readonly Receiver[];
  open: (id: string | undefined) => void;
}) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Webhooks, table">
      <table className="w-full">
        <thead>
          <tr className="label border-b border-line text-left">
            {["Name", "Goes to", "Hears of", "Last message", ""].map((name) => (
              <th key={name} scope="col" className="h-8 px-4 font-normal">
                {name || <span className="sr-only">Test</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ReceiverRow key={row.id} receiver={row} open={() => open(row.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ReceiverRow({ receiver, open }: { receiver: Receiver; open: () => void }) {
  const last = receiver.last_delivery;
  return (
    <tr className="h-10 border-b border-line last:border-b-0 hover:bg-hover">
      <td className="px-4">
        <button type="button" className="font-medium hover:underline" onClick={open}>
          {receiver.name}
        </button>{" "}
        {!receiver.active && <Chip tone="warn">{receiver.why_inactive ?? "Switched off"}</Chip>}
      </td>
      <td className="max-w-72 truncate px-4 text-soft">
        {sentence(receiver.kind)} · {receiver.target}
      </td>
      <td className="px-4 text-soft">{receiver.topics.map(sentence).join(", ")}</td>
      <td className="px-4 whitespace-nowrap">
        {last ? (
          <>
            <DeliveryChip status={last.status} /> <Ago time={last.time} />
          </>
        ) : (
          <span className="text-faint">None</span>
        )}
      </td>
      <td className="px-4 text-right">
        <SendTest receiver={receiver} />
      </td>
    </tr>
  );
}

export function DeliveryChip({ status }: { status: string }) {
  const tone = status === "delivered" ? "good" : status === "given_up" ? "bad" : "plain";
  return <Chip tone={tone}>{sentence(status)}</Chip>;
}

export function SendTest({ receiver }: { receiver: Receiver }) {
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => api.testReceiver(receiver.id),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["receivers"] });
      void client.invalidateQueries({ queryKey: ["deliveries", receiver.id] });
    },
  });
  const attempt = test.data?.attempts.at(-1);
  const arrived = test.data?.status === "delivered";
  return (
    <span className="inline-flex items-center gap-2">
      <span role="status" className={arrived ? "text-good" : "text-bad"}>
        {test.isError && test.error.message}
        {attempt && (arrived ? "Arrived" : (attempt.error ?? `Answered ${attempt.status}`))}
      </span>
      <Button disabled={test.isPending} onClick={() => test.mutate()}>
        {test.isPending ? "Sending" : "Send test"}
      </Button>
    </span>
  );
}
