// A new pilot: whom it is about, what they get, and how many it takes to find what it is for.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  type Pilot,
  type PilotDraft,
  type SizeAsked,
  insights,
  pilotsQuery,
  sizeQuery,
} from "../api/insights";
import { packQuery } from "../api/queries";
import { count, percent } from "../numbers";
import { sentence } from "../words";
import { Button } from "./controls";
import { Choice, Field, Refusal } from "./fields";
import { Panel } from "./panels";

interface Wish {
  name: string;
  treatment: string;
  hypothesis: string;
  tiers: readonly string[];
  outcome: "retained" | "amount";
  treated: string; // per cent
  baseline: string;
  change: string;
  deviation: string;
  first: string; // per cent of the first phase
}
const EMPTY: Wish = {
  name: "",
  treatment: "",
  hypothesis: "",
  tiers: [],
  outcome: "retained",
  treated: "50",
  baseline: "45",
  change: "5",
  deviation: "",
  first: "10",
};

// People write shares in per cent.
const share = (text: string) => Number(text) / 100;
function draftOf(wish: Wish): PilotDraft {
  const isShare = wish.outcome === "retained";
  const first = share(wish.first);
  return {
    name: wish.name,
    treatment: wish.treatment,
    ...(wish.hypothesis && { hypothesis: wish.hypothesis }),
    tiers: [...wish.tiers],
    arms: [
      { name: "control", share: 1 - share(wish.treated) },
      { name: "treated", share: share(wish.treated) },
    ],
    outcome: wish.outcome,
    baseline: isShare ? share(wish.baseline) : 0,
    change: isShare ? share(wish.change) : Number(wish.change),
    ...(!isShare && { deviation: Number(wish.deviation) }),
    power: 0.8,
    phases: first < 1 ? [first, 1] : [1],
  };
}

export function PilotForm({ done, close }: { done: (pilot: Pilot) => void; close: () => void }) {
  const client = useQueryClient();
  const [wish, setWish] = useState(EMPTY);
  const set = (changes: Partial<Wish>) => setWish((before) => ({ ...before, ...changes }));
  const create = useMutation({
    mutationFn: () => insights.createPilot(draftOf(wish)),
    onSuccess: async (pilot) => {
      await client.invalidateQueries({ queryKey: pilotsQuery.queryKey });
      done(pilot);
    },
  });
  return (
    <Panel title="New pilot">
      <form
        aria-label="New pilot"
        className="flex flex-col gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Words wish={wish} set={set} />
        <Plan wish={wish} set={set} />
        <Size wish={wish} />
        <Refusal error={create.error} />
        <div className="flex gap-2">
          <Button
            strong
            type="submit"
            disabled={!wish.name || !wish.treatment || create.isPending}
          >
            Make a draft
          </Button>
          <Button quiet onClick={close}>
            Cancel
          </Button>
        </div>
      </form>
    </Panel>
  );
}

interface Part {
  wish: Wish;
  set: (changes: Partial<Wish>) => void;
}

function Words({ wish, set }: Part) {
  const { data: pack } = useQuery(packQuery);
  const toggle = (tier: string) =>
    set({
      tiers: wish.tiers.includes(tier)
        ? wish.tiers.filter((one) => one !== tier)
        : [...wish.tiers, tier],
    });
  return (
    <>
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="Name"
          maxLength={100}
          placeholder="Tutor match, spring"
          value={wish.name}
          onChange={(event) => set({ name: event.target.value })}
        />
        <Field
          label="What the treated get"
          maxLength={2000}
          placeholder="a mail with three tutors that fit"
          value={wish.treatment}
          onChange={(event) => set({ treatment: event.target.value })}
        />
      </div>
      <Field
        label="What you believe, and why"
        maxLength={2000}
        value={wish.hypothesis}
        onChange={(event) => set({ hypothesis: event.target.value })}
      />
      <fieldset>
        <legend className="label mb-1">About customers in these tiers; none: all</legend>
        <div className="flex flex-wrap gap-4">
          {pack?.tiers.map(({ tier }) => (
            <label key={tier} className="flex items-center gap-1.5">
              <input
                type="checkbox"
                checked={wish.tiers.includes(tier)}
                onChange={() => toggle(tier)}
              />
              {sentence(tier)}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}

function Plan({ wish, set }: Part) {
  const isShare = wish.outcome === "retained";
  const least = "Least change worth finding";
  const number = (
    label: string,
    key: "treated" | "baseline" | "change" | "deviation" | "first",
  ) => (
    <Field
      label={label}
      inputMode="decimal"
      value={wish[key]}
      onChange={(event) => set({ [key]: event.target.value })}
    />
  );
  return (
    <div className="grid gap-4 sm:grid-cols-2 md:grid-cols-5">
      <Choice
        label="Outcome"
        options={["retained", "amount"]}
        value={wish.outcome}
        onChange={(event) => set({ outcome: event.target.value as Wish["outcome"] })}
      />
      {isShare
        ? number("Came back so far, %", "baseline")
        : number("Standard deviation of the amount", "deviation")}
      {number(isShare ? `${least}, points` : least, "change")}
      {number("Treated, %", "treated")}
      {number("First phase, %", "first")}
    </div>
  );
}

function Size({ wish }: { wish: Wish }) {
  const draft = draftOf(wish);
  const isShare = draft.outcome !== "amount";
  const spread = isShare ? draft.baseline : draft.deviation; // what makes finding it hard
  const asked: SizeAsked = {
    outcome: wish.outcome,
    ...(isShare ? { baseline: spread } : { deviation: spread }),
    change: draft.change,
    power: 0.8,
    treated_share: share(wish.treated),
  };
  const known = [spread, asked.change, asked.treated_share].every(
    (value) => Number.isFinite(value) && value !== 0,
  );
  const size = useQuery(sizeQuery(asked, known));
  return (
    <p role="status" className="rounded-md bg-pressed px-3 py-2">
      {size.data && known
        ? `${count(size.data.customers)} customers, ${count(size.data.treated)} of them treated,
           find it with a chance of ${percent(0.8)}.`
        : size.isError
          ? sentence(size.error.message)
          : "Say what is worth finding, and this says how many customers that takes."}
    </p>
  );
}
