// One action: what to do and why, its state and history, and what can be done with it.
import { useState } from "react";
import type { Action } from "../api/client";
import { fixed, momentWords, percent } from "../numbers";
import { sentence } from "../words";
import { ActionAsk, outcomeWords } from "./action_asks";
import { type Step, useActionSteps } from "./action_steps";
import { Button, Chip } from "./controls";
import { Ago } from "./live";

export function PriorityChip({ priority }: { priority: Action["priority"] }) {
  const tone = priority === "high" ? "bad" : priority === "medium" ? "warn" : "plain";
  return <Chip tone={tone}>{sentence(priority)}</Chip>;
}

// Its buttons, and the dialogs that they need. `ask` and `setAsk` where somebody else opens them.
export function ActionButtons({ action }: { action: Action }) {
  const [ask, setAsk] = useState<Step>();
  const { take, busy } = useActionSteps();
  const actions = [action];
  const waits = action.status === "open" || action.status === "snoozed";
  const button = (label: string, press: () => void, strong = false) => (
    <Button key={label} strong={strong} disabled={busy} className="h-8" onClick={press}>
      {label}
    </Button>
  );
  return (
    <div className="flex flex-wrap gap-2">
      {waits && button("Done", () => take({ step: "done", actions }), true)}
      {waits && button("Snooze…", () => setAsk("snooze"))}
      {waits && button("Assign…", () => setAsk("assign"))}
      {waits && button("Dismiss…", () => setAsk("dismiss"))}
      {action.status === "done" && button("Outcome…", () => setAsk("outcome"), !action.outcome)}
      {!["open", "withdrawn"].includes(action.status) &&
        button("Open again", () => take({ step: "reopen", actions }))}
      <ActionAsk step={ask} actions={actions} take={take} close={() => setAsk(undefined)} />
    </div>
  );
}

// What is known beside the sentence, in one line.
export function ActionState({ action }: { action: Action }) {
  const parts = [
    action.status !== "open" && sentence(action.status),
    action.until && `until ${momentWords(action.until)}`,
    action.owner && `with ${action.owner}`,
    !action.holds && action.status !== "withdrawn" && "no longer fits the customer",
    action.outcome && outcomeWords(action.outcome),
    action.reason,
    action.note,
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return (
    <p dir="auto" className="text-xs break-words text-soft">
      {parts.join(" · ")}
    </p>
  );
}

export function Measured({ action }: { action: Action }) {
  const { measured } = action;
  if (!measured) return null;
  const { before, after } = measured;
  const move = (from: number | null, to: number | null, words: (n: number) => string) =>
    from !== null && to !== null ? `${words(from)} to ${words(to)}` : null;
  const rows = [
    before.tier && after.tier && before.tier !== after.tier
      ? `tier ${sentence(before.tier)} to ${sentence(after.tier)}`
      : null,
    move(before.risk, after.risk, (n) => percent(n)) &&
      `risk ${move(before.risk, after.risk, (n) => percent(n))}`,
    move(before.health, after.health, (n) => fixed(n, 0)) &&
      `health ${move(before.health, after.health, (n) => fixed(n, 0))}`,
  ].filter(Boolean);
  return (
    <p className="text-xs text-soft">
      <span className={measured.retained ? "text-good" : "text-bad"}>
        {measured.retained ? "The customer came back" : "The customer did not come back"}
      </span>
      {rows.length > 0 && ` · ${rows.join(" · ")}`}
    </p>
  );
}

const CHANGES: Record<string, string> = {
  recommend: "Recommended",
  assign: "Assigned",
  done: "Done",
  snooze: "Snoozed",
  dismiss: "Dismissed",
  reopen: "Opened again",
  outcome: "Outcome",
  wake: "Snooze ended",
  withdraw: "Withdrawn: the customer no longer fits",
  release: "The customer no longer fits",
};

export function ActionHistory({ action }: { action: Action }) {
  return (
    <ol aria-label="History" className="flex flex-col gap-1.5">
      {[...action.changes].reverse().map((change) => (
        <li key={change.time + change.change} className="flex gap-3 text-xs">
          <span className="w-20 shrink-0 text-faint">
            <Ago time={change.time} />
          </span>
          <span dir="auto" className="min-w-0 break-words text-soft">
            <span className="text-ink">{CHANGES[change.change] ?? sentence(change.change)}</span>
            {change.by && ` by ${change.by}`}
            {change.note && change.change !== "recommend" && `: ${noteWords(change.note)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

function noteWords(note: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(note) ? momentWords(note) : sentence(note);
}
