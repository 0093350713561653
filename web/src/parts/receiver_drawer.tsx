// One receiver beside the list: its form, its secret once, and what was sent to it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { type Receiver, api } from "../api/client";
import { momentWords } from "../numbers";
import { Button } from "./controls";
import { Deliveries } from "./deliveries";
import { Icon } from "./icons";
import { ReceiverForm } from "./receiver_form";
import { SendTest } from "./receivers";

// `receiver` null: a new one.
export function ReceiverDrawer({
  receiver,
  open,
  show,
  close,
}: {
  receiver: Receiver | null | undefined;
  open: boolean;
  show: (id: string) => void;
  close: () => void;
}) {
  const [secret, setSecret] = useState<string>();
  useEffect(() => {
    if (!open) setSecret(undefined);
  }, [open]);
  return (
    <Dialog.Root open={open} onOpenChange={(stays) => !stays && close()}>
      <Dialog.Portal>
        <div className="fixed inset-0 z-30 bg-black/20" aria-hidden />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex w-[min(640px,100vw)] flex-col
          overflow-y-auto bg-panel shadow-float outline-none"
        >
          <div
            className="flex h-12 shrink-0 items-center justify-between border-b border-line
            pr-3 pl-5"
          >
            <Dialog.Title className="min-w-0 truncate font-semibold">
              {receiver ? receiver.name : "New receiver"}
            </Dialog.Title>
            <Dialog.Close aria-label="Close" className="rounded-md p-1 text-soft hover:bg-hover">
              <Icon name="close" />
            </Dialog.Close>
          </div>
          {secret && <Secret text={secret} />}
          <ReceiverForm
            key={receiver?.id ?? "new"}
            receiver={receiver ?? null}
            done={(saved) => {
              if (saved.secret) setSecret(saved.secret);
              if (!receiver) show(saved.id);
            }}
          />
          {receiver && <Handling receiver={receiver} secret={setSecret} close={close} />}
          {receiver && <Deliveries receiver={receiver} />}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Secret({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div role="status" className="border-b border-line bg-rail px-5 py-3">
      <p className="font-medium">The secret, shown only now</p>
      <p className="label">Whoever receives the webhook verifies its signature with it.</p>
      <div className="mt-2 flex items-center gap-2">
        <code
          tabIndex={0}
          className="min-w-0 flex-1 overflow-x-auto rounded-md border border-line bg-panel px-2
          py-1 font-mono text-xs whitespace-nowrap"
        >
          {text}
        </code>
        <Button
          onClick={() => {
            void navigator.clipboard?.writeText(text);
            setCopied(true);
          }}
        >
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
    </div>
  );
}

function Handling({
  receiver,
  secret,
  close,
}: {
  receiver: Receiver;
  secret: (text: string) => void;
  close: () => void;
}) {
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const onSettled = () => client.invalidateQueries({ queryKey: ["receivers"] });
  const rotate = useMutation({
    mutationFn: () => api.rotateSecret(receiver.id),
    onSuccess: (changed) => changed.secret && secret(changed.secret),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: () => api.removeReceiver(receiver.id),
    onSuccess: close,
    onSettled,
  });
  const failure = rotate.error ?? remove.error;
  const until = receiver.old_secret_until;
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-5 py-3">
      <SendTest receiver={receiver} />
      {receiver.kind === "webhook" && (
        <Button disabled={rotate.isPending} onClick={() => rotate.mutate()}>
          Replace the secret
        </Button>
      )}
      <Button
        className={sure ? "text-bad" : ""}
        disabled={remove.isPending}
        onClick={() => (sure ? remove.mutate() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        {sure ? "Remove it and all it was sent" : "Remove"}
      </Button>
      {until && Date.parse(until) > Date.now() && (
        <span className="label">The old secret signs until {momentWords(until)}</span>
      )}
      {failure && (
        <p role="alert" className="w-full text-bad">
          {failure.message}
        </p>
      )}
    </div>
  );
}
