// One dead letter beside the list: reason, place, payload to read and edit, retry, drop.
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { useMay } from "../api/access";
import { type DeadLetter, api } from "../api/client";
import { bytes, count, momentWords } from "../numbers";
import { sentence } from "../words";
import { Button, Chip } from "./controls";
import { Icon } from "./icons";
import { Fact } from "./panels";
import { Failure, SkeletonRows } from "./states";

const letterQuery = (id: string) =>
  queryOptions({
    queryKey: ["deadletter", id],
    queryFn: () => api.deadLetter(id),
    enabled: id !== "",
  });

export function DeadLetterDrawer({ id, close }: { id: string | undefined; close: () => void }) {
  const letter = useQuery(letterQuery(id ?? ""));
  return (
    <Dialog.Root
      open={Boolean(id)}
      onOpenChange={(open) => {
        if (!open) close();
      }}
    >
      <Dialog.Portal>
        <div className="fixed inset-0 z-30 bg-black/20" aria-hidden />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex
          w-[min(600px,100vw)] flex-col bg-panel shadow-float outline-none"
        >
          <div
            className="flex h-12 shrink-0 items-center justify-between border-b border-line
            pr-3 pl-5"
          >
            <Dialog.Title className="flex items-center gap-2 font-semibold">
              Dead letter{letter.data && <Chip>{sentence(letter.data.status)}</Chip>}
            </Dialog.Title>
            <Dialog.Close aria-label="Close" className="rounded-md p-1 text-soft hover:bg-hover">
              <Icon name="close" />
            </Dialog.Close>
          </div>
          {letter.isPending && <SkeletonRows rows={8} />}
          {letter.isError && !letter.data && (
            <Failure error={letter.error} retry={letter.refetch} />
          )}
          {letter.data && <Letter key={letter.data.id} letter={letter.data} close={close} />}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

// Indented where it is JSON whose numbers survive being read; else as it came.
function readable(payload: string): string {
  try {
    const text = JSON.stringify(JSON.parse(payload), null, 2);
    return /\d{16,}/.test(payload) ? payload : text;
  } catch {
    return payload;
  }
}

function Letter({ letter, close }: { letter: DeadLetter; close: () => void }) {
  const client = useQueryClient();
  const shown = readable(letter.payload);
  const [text, setText] = useState(shown);
  const [sure, setSure] = useState(false);
  const may = useMay("operate");
  const edited = text !== shown;
  const cut = letter.payload_bytes > new TextEncoder().encode(letter.payload).length;
  const settled = () => {
    for (const key of ["deadletters", "deadletter", "overview", "pipeline"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
  const retry = useMutation({
    mutationFn: () => api.retry(letter.id, edited ? text : undefined),
    onSettled: settled,
  });
  const drop = useMutation({
    mutationFn: () => api.drop(letter.id),
    onSettled: settled,
    onSuccess: close,
  });
  useEffect(() => {
    if (!sure) return;
    const timer = setTimeout(() => setSure(false), 4000);
    return () => clearTimeout(timer);
  }, [sure]);
  const failure = retry.error ?? drop.error;
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="border-b border-line px-5 py-4">
          <p className="font-medium">{sentence(letter.code)}</p>
          <p dir="auto" className="mt-0.5 break-words text-soft">
            {letter.reason}
          </p>
        </div>
        <dl className="border-b border-line px-1">
          <Fact label="Customer">
            <bdi className="name block">{letter.customer_id ?? "–"}</bdi>
          </Fact>
          <Fact label="Source">
            <bdi className="name block">{letter.source || "–"}</bdi>
          </Fact>
          <Fact label="Shard and offset">
            {letter.shard} : {letter.offset}
          </Fact>
          <Fact label="Attempts">{count(letter.attempts)}</Fact>
          <Fact label="First">{momentWords(letter.first_time)}</Fact>
          <Fact label="Last">{momentWords(letter.last_time)}</Fact>
        </dl>
        <div className="px-5 py-4">
          <label className="label flex justify-between" htmlFor="payload">
            <span>Payload{edited && ", edited"}</span>
            <span>
              {bytes(letter.payload_bytes)}
              {cut && ", cut off here"}
            </span>
          </label>
          <textarea
            id="payload"
            value={text}
            spellCheck={false}
            dir="auto"
            readOnly={letter.status !== "open" || !may}
            onChange={(event) => setText(event.target.value)}
            rows={Math.min(26, Math.max(8, text.split("\n").length + 1))}
            className="mt-1.5 block w-full resize-y rounded-lg border border-line-strong
              bg-ground p-3
            font-mono text-xs"
          />
        </div>
      </div>
      <div
        className="flex min-h-14 shrink-0 flex-wrap items-center gap-2 border-t border-line
        px-5 py-2"
      >
        {letter.status === "open" && may && (
          <>
            <Button
              strong
              className="h-8"
              disabled={retry.isPending}
              onClick={() => retry.mutate()}
            >
              {edited ? "Retry as edited" : "Retry"}
            </Button>
            <Button
              className="h-8 text-bad"
              disabled={drop.isPending}
              onClick={() => (sure ? drop.mutate() : setSure(true))}
            >
              {sure ? "Drop it for good?" : "Drop"}
            </Button>
          </>
        )}
        <p
          role="status"
          className={`min-w-0 flex-1 text-xs ${failure ? "text-bad" : "text-soft"}`}
        >
          {failure
            ? failure.message
            : retry.data
              ? verdict(retry.data)
              : may
                ? ""
                : "Your role may look at dead letters and not change them."}
        </p>
      </div>
    </>
  );
}

function verdict(answer: unknown): string {
  const told = answer as { verdict: string; code?: string; reason?: string };
  const words = told.reason ? `: ${told.reason}` : ".";
  return `${sentence(told.code ?? told.verdict)}${words}`;
}
