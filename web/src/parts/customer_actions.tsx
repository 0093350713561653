// What the playbook recommends for a customer, and what was made of what it recommended before.
import { useQuery } from "@tanstack/react-query";
import type { Action } from "../api/client";
import { customerActionsQuery } from "../api/queries";
import { sentence } from "../words";
import { ActionButtons, ActionState, Measured, PriorityChip } from "./action_card";
import { Ago } from "./live";
import { Panel } from "./panels";
import { Failure, SkeletonRows } from "./states";

const ORDER: readonly Action["priority"][] = ["high", "medium", "low"];
const PAST_SHOWN = 5;

export function CustomerActions({ id }: { id: string }) {
  const actions = useQuery(customerActionsQuery(id));
  const rows = actions.data?.data ?? [];
  const open = rows
    .filter((row) => row.status === "open")
    .sort((a, b) => ORDER.indexOf(a.priority) - ORDER.indexOf(b.priority));
  const past = rows.filter((row) => !["open", "withdrawn"].includes(row.status));
  return (
    <Panel title="Actions" reading={actions}>
      {actions.isPending && <SkeletonRows rows={2} className="h-16" />}
      {actions.isError && !actions.data && (
        <Failure error={actions.error} retry={actions.refetch} />
      )}
      {actions.data && (
        <>
          {open.length === 0 && (
            <p className="border-b border-line px-4 py-3 text-soft last:border-b-0">
              Nothing is recommended now.
            </p>
          )}
          <ul>
            {[...open, ...past.slice(0, PAST_SHOWN)].map((action) => (
              <CustomerAction key={action.id} action={action} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function CustomerAction({ action }: { action: Action }) {
  return (
    <li className="flex flex-col gap-1.5 border-b border-line px-4 py-3 last:border-b-0">
      <p className="flex flex-wrap items-center gap-2">
        <PriorityChip priority={action.priority} />
        <span className="font-medium">{sentence(action.play)}</span>
        <span className="ml-auto text-xs text-faint">
          <Ago time={action.created} />
        </span>
      </p>
      <p dir="auto" className="text-soft">
        {action.sentence}
      </p>
      <ActionState action={action} />
      <Measured action={action} />
      <ActionButtons action={action} />
    </li>
  );
}
