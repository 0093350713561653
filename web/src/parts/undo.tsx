// What was just done, said at the foot of the page for a while, with a way back.
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useKeys } from "../keys";
import { Button, Key } from "./controls";
import { Icon } from "./icons";

const SHOWN_MS = 7_000;
const SHOWN_MAX = 3; // older ones leave early

export interface Notice {
  text: string;
  tone?: "plain" | "bad";
  undo?: () => void;
  // Called once when it leaves and was not undone.
  gone?: () => void;
}
type Shown = Notice & { id: number };

let shown: readonly Shown[] = [];
let lastId = 0;
const watchers = new Set<() => void>();

function show(next: readonly Shown[]): void {
  shown = next;
  for (const watcher of watchers) watcher();
}

function leave(id: number, undone = false): void {
  const notice = shown.find((known) => known.id === id);
  if (!notice) return;
  show(shown.filter((known) => known.id !== id));
  if (undone) notice.undo?.();
  else notice.gone?.();
}

// Says it at the foot of the page; from anywhere.
export function say(notice: Notice): void {
  lastId += 1;
  const id = lastId;
  for (const old of shown.slice(0, Math.max(0, shown.length + 1 - SHOWN_MAX))) leave(old.id);
  show([...shown, { ...notice, id }]);
  setTimeout(() => leave(id), SHOWN_MS);
}

// What a closing page still waits to do is done at once.
addEventListener("pagehide", () => {
  for (const { id } of shown) leave(id);
});

export interface Undoable<Given> {
  // The call to the API.
  run: (given: Given) => Promise<unknown>;
  // The call that takes it back. Without one `run` waits until the notice is gone, and undoing it
  // means that it never runs.
  back?: (given: Given) => Promise<unknown>;
  said: (given: Given) => string;
  // The queries that it changes: put back when it fails or is undone, read again when it is done.
  changes: readonly QueryKey[];
  // Shows the change before the API has answered.
  patch?: (given: Given) => void;
}

// `do(given)` shows the change at once, makes the call, and offers to undo it.
export function useUndoable<Given>(work: Undoable<Given>): {
  do: (given: Given) => void;
  busy: boolean;
} {
  const client = useQueryClient();
  const readAgain = () => {
    for (const queryKey of work.changes) void client.invalidateQueries({ queryKey });
  };
  const failed = (error: Error) => {
    say({ text: error.message, tone: "bad" });
    readAgain();
  };
  const call = useMutation({
    mutationFn: ({ given }: { given: Given; restore: () => void }) => work.run(given),
    onError: (error, { restore }) => {
      restore();
      failed(error);
    },
    onSuccess: (_, { given, restore }) => {
      readAgain();
      if (!work.back) return;
      const undo = () => {
        restore();
        work.back!(given).then(readAgain, failed);
      };
      say({ text: work.said(given), undo });
    },
  });
  const start = async (given: Given) => {
    await Promise.all(work.changes.map((queryKey) => client.cancelQueries({ queryKey })));
    const known = work.changes.flatMap((queryKey) => client.getQueriesData({ queryKey }));
    const restore = () => {
      for (const [key, data] of known) client.setQueryData(key, data);
    };
    work.patch?.(given);
    if (work.back) return call.mutate({ given, restore });
    say({ text: work.said(given), undo: restore, gone: () => call.mutate({ given, restore }) });
  };
  return { do: (given) => void start(given), busy: call.isPending };
}

// Once, in the shell.
export function Notices() {
  const notices = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => shown,
  );
  const newest = notices.findLast((notice) => notice.undo);
  useKeys(newest ? { u: () => leave(newest.id, true) } : {});
  return (
    <div
      role="status"
      aria-label="Notices"
      className="pointer-events-none fixed inset-x-4 bottom-18 z-50 flex flex-col items-center
        gap-2 md:bottom-6"
    >
      {notices.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} last={notice.id === newest?.id} />
      ))}
    </div>
  );
}

function NoticeLine({ notice, last }: { notice: Shown; last: boolean }) {
  return (
    <div
      className="pointer-events-auto flex max-w-full animate-rise items-center gap-3 rounded-lg
        bg-panel py-1.5 pr-1.5 pl-4 shadow-float"
    >
      <span dir="auto" className={`name max-w-[70vw] ${notice.tone === "bad" ? "text-bad" : ""}`}>
        {notice.text}
      </span>
      {notice.undo && (
        <Button quiet className="text-accent" onClick={() => leave(notice.id, true)}>
          Undo
          {last && (
            <span aria-hidden>
              <Key>u</Key>
            </span>
          )}
        </Button>
      )}
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => leave(notice.id)}
        className="rounded-md p-1 text-soft hover:bg-hover"
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
