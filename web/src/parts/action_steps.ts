// What people do with actions: shown at once, sent in one request, taken back with Undo.
import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type Action, type ActionPage, Problem, api } from "../api/client";
import { sentence } from "../words";
import { say, useUndoable } from "./undo";

export type Step = "assign" | "done" | "snooze" | "dismiss" | "reopen" | "outcome";

export interface StepGiven {
  step: Step;
  actions: readonly Action[];
  owner?: string;
  until?: string;
  reason?: string;
  outcome?: "worked" | "did_not" | "no_answer";
  note?: string;
}

const STATUS_AFTER: Partial<Record<Step, Action["status"]>> = {
  done: "done",
  snooze: "snoozed",
  dismiss: "dismissed",
  reopen: "open",
};

const SAID: Record<Step, string> = {
  assign: "assigned",
  done: "done",
  snooze: "snoozed",
  dismiss: "dismissed",
  reopen: "opened again",
  outcome: "has an outcome",
};

function said({ step, actions, owner, outcome }: StepGiven): string {
  const what = actions.length === 1 ? sentence(actions[0]!.play) : `${actions.length} actions`;
  if (step === "assign") return `${what} ${owner ? `given to ${owner}` : "given to nobody"}`;
  if (step === "outcome") return `${what}: ${sentence(outcome ?? "")}`;
  return `${what} ${SAID[step]}`;
}

function after(action: Action, given: StepGiven): Action {
  return {
    ...action,
    status: STATUS_AFTER[given.step] ?? action.status,
    owner: given.step === "assign" ? given.owner || null : action.owner,
    until: given.step === "snooze" ? (given.until ?? null) : null,
    reason: given.step === "dismiss" ? (given.reason ?? null) : action.reason,
    outcome: given.outcome ?? action.outcome,
    note: given.note || action.note,
  };
}

type Pages = InfiniteData<ActionPage>;

// Rows that no longer pass the list's filter of status leave it.
function patch(client: QueryClient, given: StepGiven): void {
  const ids = new Set(given.actions.map((action) => action.id));
  const changed = (action: Action) => (ids.has(action.id) ? after(action, given) : action);
  for (const [key, pages] of client.getQueriesData<Pages>({ queryKey: ["actions"] })) {
    const status = (key[1] as Record<string, string>).status ?? "open";
    if (!pages) continue;
    client.setQueryData<Pages>(key, {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        data: page.data
          .map(changed)
          .filter((action) => status === "any" || action.status === status),
      })),
    });
  }
  client.setQueriesData<Action>({ queryKey: ["action"] }, (known) => known && changed(known));
  client.setQueriesData<{ data: Action[] }>(
    { queryKey: ["customer-actions"] },
    (known) => known && { ...known, data: known.data.map(changed) },
  );
}

// Versions as answered, so that Undo does not undo what somebody else did meanwhile.
const versions = new Map<string, number>();

async function send({ step, actions, ...rest }: StepGiven): Promise<void> {
  const answer = await api.changeActions({
    change: step,
    actions: actions.map(({ id, version }) => ({ id, version: versions.get(id) ?? version })),
    ...rest,
  });
  const refused = answer.results.filter((result) => result.code);
  for (const { id, action } of answer.results) {
    if (action) versions.set(id, action.version);
    else versions.delete(id);
  }
  if (refused.length === 0) return;
  const [{ code, detail }] = refused as [(typeof refused)[number]];
  const text = detail ?? "This could not be changed.";
  if (refused.length === actions.length) throw new Problem(409, code ?? "conflict", text, null);
  const many = `${refused.length} of ${actions.length} could not be changed`;
  say({ text: `${many}: ${text}`, tone: "bad" });
}

function opposite(given: StepGiven): Promise<unknown> {
  const { step, actions } = given;
  if (step !== "assign") return send({ step: step === "reopen" ? "done" : "reopen", actions });
  const owners = new Map<string, Action[]>();
  for (const action of actions) {
    const owner = action.owner ?? "";
    owners.set(owner, [...(owners.get(owner) ?? []), action]);
  }
  return Promise.all([...owners].map(([owner, own]) => send({ step, actions: own, owner })));
}

export function useActionSteps(): { take: (given: StepGiven) => void; busy: boolean } {
  const client = useQueryClient();
  const changes = [["actions"], ["action"], ["customer-actions"]];
  const undoable = useUndoable<StepGiven>({
    run: send,
    back: opposite,
    said,
    changes,
    patch: (given) => patch(client, given),
  });
  return {
    take: (given) => {
      for (const { id, version } of given.actions) {
        if ((versions.get(id) ?? 0) < version) versions.delete(id);
      }
      undoable.do(given);
    },
    busy: undoable.busy,
  };
}
