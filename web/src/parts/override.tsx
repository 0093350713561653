// A tier set by hand, beside the model's own: its banner, and how to set and end it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Override, type Pack, api } from "../api/client";
import { dateWords } from "../numbers";
import { sentence } from "../words";
import { Ask, FIELD, Labelled, useDays } from "./ask";
import { Button, TierMark } from "./controls";
import { say } from "./undo";

const DAYS_MAX = 365;

export function OverrideBanner({ id, override }: { id: string; override: Override }) {
  const { end, busy } = useOverride(id, override);
  return (
    <div
      role="note"
      aria-label="Tier set by hand"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-line
      bg-warn-wash px-4 py-2.5"
    >
      <span className="font-medium">
        Set by hand: <TierMark tier={override.tier} />
      </span>
      <span dir="auto" className="min-w-0 break-words text-soft">
        {override.reason}
      </span>
      <span className="text-xs text-soft">
        {override.by && `by ${override.by}, `}until {dateWords(override.expires)}
      </span>
      <Button className="ml-auto" disabled={busy} onClick={() => end()}>
        End it
      </Button>
    </div>
  );
}

function useOverride(id: string, before: Override | null) {
  const client = useQueryClient();
  const settled = () => {
    for (const key of ["customer", "customers", "newest"])
      void client.invalidateQueries({ queryKey: [key] });
  };
  const failed = (error: Error) => say({ text: error.message, tone: "bad" });
  const put = useMutation({
    mutationFn: (asked: { tier: string; reason: string; expires: string }) =>
      api.setOverride(id, asked),
    onSettled: settled,
    onError: failed,
  });
  const away = useMutation({
    mutationFn: () => api.endOverride(id),
    onSettled: settled,
    onError: failed,
    onSuccess: () =>
      say({
        text: "The tier is the model’s again",
        undo: before
          ? () => put.mutate({ ...before, tier: before.tier, expires: before.expires })
          : undefined,
      }),
  });
  return { set: put.mutate, end: () => away.mutate(), busy: put.isPending || away.isPending };
}

export function OverrideButton({
  id,
  pack,
  override,
  tier,
}: {
  id: string;
  pack: Pack | undefined;
  override: Override | null;
  tier: string | null;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Set tier by hand…</Button>
      {open && pack && (
        <OverrideForm
          id={id}
          pack={pack}
          override={override}
          tier={tier}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}

function OverrideForm({
  id,
  pack,
  override,
  tier,
  close,
}: {
  id: string;
  pack: Pack;
  override: Override | null;
  tier: string | null;
  close: () => void;
}) {
  const tiers = pack.tiers.map((known) => known.tier);
  const [chosen, setChosen] = useState(override?.tier ?? tier ?? tiers[0] ?? "");
  const [reason, setReason] = useState(override?.reason ?? "");
  const days = useDays();
  const [day, setDay] = useState(days.day(30));
  const { set } = useOverride(id, override);
  const lies = days.isAhead(day) && day <= days.day(DAYS_MAX);
  return (
    <Ask
      title="Set tier by hand"
      open
      close={close}
      label="Set"
      usable={reason.trim() !== "" && lies}
      submit={() => {
        const expires = new Date(`${day}T00:00:00Z`).toISOString();
        set({ tier: chosen, reason: reason.trim(), expires });
        close();
      }}
    >
      <p className="text-soft">It stands beside the model’s own tier, and changes nothing else.</p>
      <Labelled label="Tier">
        <select
          className={FIELD}
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          {tiers.map((name) => (
            <option key={name} value={name}>
              {sentence(name)}
            </option>
          ))}
        </select>
      </Labelled>
      <Labelled label="Reason">
        <input
          className={FIELD}
          dir="auto"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Labelled>
      <Labelled label="Until">
        <input
          type="date"
          className={FIELD}
          value={day}
          min={days.day(1)}
          max={days.day(DAYS_MAX)}
          onChange={(event) => setDay(event.target.value)}
        />
      </Labelled>
    </Ask>
  );
}
