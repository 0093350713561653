// What the playbook would do about a customer now.
import { count } from "../numbers";
import { sentence } from "../words";
import { Chip } from "./controls";
import { Ago } from "./live";
import { Panel } from "./panels";

export interface RecommendedAction {
  id: string;
  play: string;
  priority: string;
  channel: string | null;
  sentence: string;
  expected_cost: number;
  created: string;
}
const FIRST = ["high", "medium", "low"];

export function RecommendedActions({
  actions,
  currency,
}: {
  actions: readonly RecommendedAction[];
  currency: string | null | undefined;
}) {
  if (actions.length === 0) return null;
  const sorted = [...actions].sort(
    (a, b) => FIRST.indexOf(a.priority) - FIRST.indexOf(b.priority),
  );
  return (
    <Panel title="Recommended actions">
      <ul>
        {sorted.map((action) => (
          <li key={action.id} className="border-b border-line px-4 py-2.5 last:border-b-0">
            <p className="flex flex-wrap items-center gap-2">
              <Chip tone={action.priority === "high" ? "bad" : "plain"}>
                {sentence(action.priority)}
              </Chip>
              <span className="font-medium">{sentence(action.play)}</span>
              <span className="ml-auto text-xs text-faint">
                <Ago time={action.created} />
              </span>
            </p>
            <p className="mt-1 text-soft">{action.sentence}</p>
            <p className="mt-0.5 text-xs text-faint">
              {[
                action.channel && sentence(action.channel),
                action.expected_cost > 0 &&
                  `costs about ${count(action.expected_cost)} ${currency ?? ""}`,
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
