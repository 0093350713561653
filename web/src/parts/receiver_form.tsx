// What a receiver hears of and where it is; checked while one types and again by the program.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { type Receiver, type ReceiverWish, api } from "../api/client";
import { packQuery } from "../api/queries";
import { sentence } from "../words";
import { Button } from "./controls";

const KINDS = ["webhook", "slack", "mail"] as const;
const TOPICS = [
  "tier_entered",
  "tier_left",
  "action",
  "dead_letters",
  "trouble",
  "report",
] as const;
const PRIORITIES = ["low", "medium", "high"] as const;
const DIGESTS = { 0: "At once", 900: "Every 15 minutes", 3600: "Hourly", 86400: "Daily" };
type Topic = (typeof TOPICS)[number];

interface Wish {
  kind: (typeof KINDS)[number];
  name: string;
  target: string;
  topics: Topic[];
  tiers: string[];
  min_priority: (typeof PRIORITIES)[number];
  digest_s: number;
  active: boolean;
}

function wishOf(receiver: Receiver | null): Wish {
  if (!receiver) {
    return {
      kind: "webhook",
      name: "",
      target: "",
      topics: [...TOPICS],
      tiers: [],
      min_priority: "low",
      digest_s: 0,
      active: true,
    };
  }
  const { kind, name, target, topics, tiers, min_priority, digest_s, active } = receiver;
  return { kind, name, target, topics: topics as Topic[], tiers, min_priority, digest_s, active };
}

// What is wrong with it, as far as it can be seen here; the address is looked at when it is used.
function wrongWith(wish: Wish): string | undefined {
  if (wish.topics.length === 0) return "Choose at least one topic.";
  if (wish.target.trim() === "") return undefined;
  if (wish.kind === "mail") {
    const bad = wish.target.split(",").find((one) => !/^[^@\s]+@[^@\s]+$/.test(one.trim()));
    return bad === undefined ? undefined : `"${bad.trim()}" is no mail address.`;
  }
  if (!/^https?:\/\/[^/@\s]+(\/\S*)?$/.test(wish.target.trim())) {
    return "A URL begins with https:// and holds no user name.";
  }
  return undefined;
}

export function ReceiverForm({
  receiver,
  done,
}: {
  receiver: Receiver | null;
  done: (saved: Receiver) => void;
}) {
  const client = useQueryClient();
  const [wish, setWish] = useState(() => wishOf(receiver));
  const set = (changes: Partial<Wish>) => setWish((before) => ({ ...before, ...changes }));
  const save = useMutation({
    mutationFn: () => {
      const { kind, name, ...rest } = { ...wish, target: wish.target.trim() };
      if (receiver) return api.changeReceiver(receiver.id, { name, ...rest });
      return api.createReceiver({ kind, ...(name && { name }), ...rest } as ReceiverWish);
    },
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ["receivers"] });
      done(saved);
    },
  });
  const wrong = wrongWith(wish);
  return (
    <form
      aria-label="Receiver"
      className="flex flex-col gap-4 border-b border-line px-5 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) save.mutate();
      }}
    >
      <Where wish={wish} set={set} isNew={!receiver} />
      <What wish={wish} set={set} />
      {(wrong ?? save.error?.message) && (
        <p role="alert" className="text-bad">
          {wrong ?? save.error?.message}
        </p>
      )}
      <div className="flex items-center gap-3">
        <Button strong type="submit" disabled={Boolean(wrong) || !wish.target || save.isPending}>
          {receiver ? "Save" : "Add"}
        </Button>
        {save.isSuccess && receiver && (
          <span role="status" className="text-good">
            Saved
          </span>
        )}
      </div>
    </form>
  );
}

interface Part {
  wish: Wish;
  set: (changes: Partial<Wish>) => void;
}
const box = "h-8 w-full rounded-md border border-line-strong bg-panel px-2";

function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="label mb-1 block">
        {label}
      </label>
      {children(id)}
    </div>
  );
}

function Where({ wish, set, isNew }: Part & { isNew: boolean }) {
  const isMail = wish.kind === "mail";
  return (
    <>
      {isNew && (
        <Choices
          label="Kind"
          all={KINDS}
          chosen={[wish.kind]}
          single
          choose={(kind) => set({ kind, target: "" })}
        />
      )}
      <Field label={isMail ? "Mail addresses, commas between" : "URL"}>
        {(id) => (
          <input
            id={id}
            required
            className={`${box} font-mono text-xs`}
            value={wish.target}
            placeholder={isMail ? "team@example.com" : "https://"}
            onChange={(event) => set({ target: event.target.value })}
          />
        )}
      </Field>
      <Field label="Name">
        {(id) => (
          <input
            id={id}
            className={box}
            maxLength={100}
            value={wish.name}
            placeholder={isNew ? "Taken from the address unless given" : ""}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function toggled<T>(all: readonly T[], one: T): T[] {
  return all.includes(one) ? all.filter((other) => other !== one) : [...all, one];
}

function What({ wish, set }: Part) {
  const tiers = useQuery(packQuery).data?.tiers.map((rule) => rule.tier) ?? [];
  const hearsOfTiers = wish.topics.some((topic) => topic.startsWith("tier"));
  return (
    <>
      <Choices
        label="Hears of"
        all={TOPICS}
        chosen={wish.topics}
        choose={(topic) => set({ topics: toggled(wish.topics, topic) })}
      />
      {hearsOfTiers && (
        <Choices
          label="Tiers; none chosen: all"
          all={tiers}
          chosen={wish.tiers}
          choose={(tier) => set({ tiers: toggled(wish.tiers, tier) })}
        />
      )}
      {wish.topics.includes("action") && (
        <Choices
          label="Actions from this priority on"
          all={PRIORITIES}
          chosen={[wish.min_priority]}
          single
          choose={(min_priority) => set({ min_priority })}
        />
      )}
      <Field label="Sent">
        {(id) => (
          <select
            id={id}
            className={box}
            value={wish.digest_s}
            onChange={(event) => set({ digest_s: Number(event.target.value) })}
          >
            {Object.entries({ [wish.digest_s]: `Every ${wish.digest_s} s`, ...DIGESTS }).map(
              ([seconds, words]) => (
                <option key={seconds} value={seconds}>
                  {words}
                </option>
              ),
            )}
          </select>
        )}
      </Field>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          checked={wish.active}
          onChange={(event) => set({ active: event.target.checked })}
        />
        Switched on
      </label>
    </>
  );
}

function Choices<T extends string>({
  label,
  all,
  chosen,
  single,
  choose,
}: {
  label: string;
  all: readonly T[];
  chosen: readonly T[];
  single?: boolean;
  choose: (one: T) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="label mb-1">{label}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {all.map((one) => (
          <label key={one} className="flex items-center gap-1.5">
            <input
              type={single ? "radio" : "checkbox"}
              name={single ? name : undefined}
              checked={chosen.includes(one)}
              onChange={() => choose(one)}
            />
            {sentence(one)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
