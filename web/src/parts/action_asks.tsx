// What a step needs to know before it is taken: until when, why not, to whom, what came of it.
import { useState } from "react";
import type { Action } from "../api/client";
import { sentence } from "../words";
import type { Step, StepGiven } from "./action_steps";
import { Ask, FIELD, Labelled, useDays } from "./ask";
import { Button } from "./controls";

interface AskProps {
  actions: readonly Action[];
  take: (given: StepGiven) => void;
  close: () => void;
}

// Nothing while `step` needs nothing.
export function ActionAsk({ step, ...rest }: AskProps & { step: Step | undefined }) {
  if (rest.actions.length === 0) return null;
  if (step === "snooze") return <AskUntil {...rest} />;
  if (step === "dismiss") return <AskReason {...rest} />;
  if (step === "assign") return <AskOwner {...rest} />;
  if (step === "outcome") return <AskOutcome {...rest} />;
  return null;
}

const SPANS = [
  ["Tomorrow", 1],
  ["In 3 days", 3],
  ["In a week", 7],
  ["In a month", 30],
] as const;

function AskUntil({ actions, take, close }: AskProps) {
  const days = useDays();
  const [day, setDay] = useState(days.day(7));
  const snooze = (until: string) => {
    take({ step: "snooze", actions, until });
    close();
  };
  return (
    <Ask
      title="Snooze until"
      open
      close={close}
      label="Snooze"
      usable={days.isAhead(day)}
      submit={() => snooze(new Date(`${day}T00:00:00Z`).toISOString())}
    >
      <div className="grid grid-cols-2 gap-2">
        {SPANS.map(([words, count]) => (
          <Button
            key={words}
            className="h-8 justify-center"
            onClick={() => snooze(days.time(count))}
          >
            {words}
          </Button>
        ))}
      </div>
      <Labelled label="Or until a day">
        <input
          type="date"
          className={FIELD}
          value={day}
          min={days.day(1)}
          max={days.day(365)}
          onChange={(event) => setDay(event.target.value)}
        />
      </Labelled>
    </Ask>
  );
}

function AskReason({ actions, take, close }: AskProps) {
  const [reason, setReason] = useState("");
  return (
    <Ask
      title="Why not?"
      open
      close={close}
      label="Dismiss"
      usable={reason.trim() !== ""}
      submit={() => {
        take({ step: "dismiss", actions, reason: reason.trim() });
        close();
      }}
    >
      <Labelled label="Reason">
        <input
          className={FIELD}
          dir="auto"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Labelled>
    </Ask>
  );
}

function AskOwner({ actions, take, close }: AskProps) {
  const [owner, setOwner] = useState(actions[0]?.owner ?? localStorage.getItem("owner") ?? "");
  return (
    <Ask
      title="Who takes care?"
      open
      close={close}
      label={owner.trim() ? "Assign" : "Give to nobody"}
      submit={() => {
        if (owner.trim()) localStorage.setItem("owner", owner.trim());
        take({ step: "assign", actions, owner: owner.trim() });
        close();
      }}
    >
      <Labelled label="Name; empty: nobody">
        <input
          className={FIELD}
          dir="auto"
          maxLength={120}
          value={owner}
          onChange={(event) => setOwner(event.target.value)}
        />
      </Labelled>
    </Ask>
  );
}

export const OUTCOMES = ["worked", "did_not", "no_answer"] as const;

export function outcomeWords(outcome: string): string {
  return outcome === "did_not" ? "Did not work" : sentence(outcome);
}

function AskOutcome({ actions, take, close }: AskProps) {
  const known = OUTCOMES.find((one) => one === actions[0]?.outcome);
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]>(known ?? "worked");
  const [note, setNote] = useState(actions[0]?.note ?? "");
  return (
    <Ask
      title="What came of it?"
      open
      close={close}
      label="Save"
      submit={() => {
        take({ step: "outcome", actions, outcome, note: note.trim() });
        close();
      }}
    >
      <fieldset className="flex flex-col gap-1">
        <legend className="label mb-1">Outcome</legend>
        {OUTCOMES.map((one) => (
          <label key={one} className="flex h-7 items-center gap-2">
            <input
              type="radio"
              name="outcome"
              checked={outcome === one}
              onChange={() => setOutcome(one)}
            />
            {outcomeWords(one)}
          </label>
        ))}
      </fieldset>
      <Labelled label="Note">
        <input
          className={FIELD}
          dir="auto"
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </Labelled>
    </Ask>
  );
}
