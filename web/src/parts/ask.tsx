// A small dialog that asks for something before it is done.
import { useQuery } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { overviewQuery } from "../api/queries";
import { Button } from "./controls";
import { Icon } from "./icons";

export const FIELD = "h-8 w-full rounded-md border border-line-strong bg-panel px-2";

export function Ask({
  title,
  open,
  close,
  submit,
  label,
  usable = true,
  children,
}: {
  title: string;
  open: boolean;
  close: () => void;
  submit: () => void;
  label: string;
  usable?: boolean;
  children: ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={(now) => !now && close()}>
      <Dialog.Portal>
        <div className="fixed inset-0 z-30 bg-black/30" aria-hidden />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[18vh] left-1/2 z-40 w-[min(440px,calc(100vw-2rem))]
          -translate-x-1/2 animate-rise rounded-xl bg-panel shadow-float outline-none"
        >
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (usable) submit();
            }}
          >
            <div className="flex h-12 items-center justify-between border-b border-line pr-3 pl-5">
              <Dialog.Title className="font-semibold">{title}</Dialog.Title>
              <Dialog.Close
                aria-label="Close"
                className="rounded-md p-1 text-soft hover:bg-hover"
              >
                <Icon name="close" />
              </Dialog.Close>
            </div>
            <div className="flex flex-col gap-3 px-5 py-4">{children}</div>
            <div className="flex justify-end gap-2 border-t border-line px-5 py-3">
              <Button onClick={close}>Cancel</Button>
              <Button strong type="submit" disabled={!usable}>
                {label}
              </Button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const DAY_MS = 86_400_000;

// Days from the folder's own now, which need not be this machine's; "2026-01-31".
export function useDays() {
  const { data } = useQuery(overviewQuery);
  const now = data ? Date.parse(data.now) : Date.now();
  const time = (days: number) => new Date(now + days * DAY_MS).toISOString();
  return {
    time,
    day: (days: number) => time(days).slice(0, 10),
    isAhead: (day: string) => Date.parse(day) > now,
  };
}

export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className="flex flex-col gap-1">
      <span className="label">{label}</span>
      {children}
    </label>
  );
}
