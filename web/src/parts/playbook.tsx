// The playbook: every play with whom it would be recommended for, opened to be edited.
import { type ReactNode, useState } from "react";
import type { RulePreview } from "../api/client";
import { count } from "../numbers";
import { type Book, type Mistake, NEW_PLAY, PRIORITIES, type PlayRule, mistakeAt } from "../rules";
import { sentence } from "../words";
import { Button, Chip } from "./controls";
import { Icon } from "./icons";
import { Panel } from "./panels";
import { MistakeLine } from "./tier_rules";

type Preview = NonNullable<RulePreview["plays"]>;

export function Playbook({
  book,
  change,
  preview,
  mistakes,
  currency,
}: {
  book: Book;
  change: (book: Book) => void;
  preview: Preview | null | undefined;
  mistakes: readonly Mistake[];
  currency: string | null;
}) {
  const [open, setOpen] = useState<number | null>(null);
  const set = (plays: PlayRule[]) => change({ ...book, plays });
  const setPlay = (i: number, play: PlayRule) =>
    set(book.plays.map((old, k) => (k === i ? play : old)));
  const add = () => {
    set([...book.plays, NEW_PLAY]);
    setOpen(book.plays.length);
  };
  return (
    <Panel title="Plays" aside={<Button onClick={add}>Add a play</Button>}>
      <ul>
        {book.plays.map((play, i) => {
          const place = `plays[${i}]`;
          const wrong = mistakes.some((known) => known.place.startsWith(place));
          return (
            <li key={i} className="border-b border-line last:border-b-0">
              <PlayHead
                play={play}
                open={open === i}
                wrong={wrong}
                customers={preview?.plays[i]?.customers}
                toggle={() => setOpen(open === i ? null : i)}
                turn={(on) => setPlay(i, { ...play, on })}
              />
              {(open === i || wrong) && (
                <PlayForm
                  play={play}
                  set={(changed) => setPlay(i, changed)}
                  drop={() => {
                    set(book.plays.filter((_, k) => k !== i));
                    setOpen(null);
                  }}
                  mistake={(field) => mistakeAt(mistakes, `${place}.${field}`)}
                  example={preview?.plays[i]?.example ?? null}
                  currency={currency}
                />
              )}
            </li>
          );
        })}
      </ul>
      {preview && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
          Counted on {count(preview.looked_at)} of {count(preview.customers)} customers as of now;
          the holdout is left out.
        </p>
      )}
    </Panel>
  );
}

function PlayHead({
  play,
  open,
  wrong,
  customers,
  toggle,
  turn,
}: {
  play: PlayRule;
  open: boolean;
  wrong: boolean;
  customers: number | undefined;
  toggle: () => void;
  turn: (on: boolean) => void;
}) {
  const name = play.play || "New play";
  return (
    <div className="flex min-h-11 items-center gap-3 pr-4 hover:bg-hover">
      <button
        type="button"
        aria-expanded={open}
        onClick={toggle}
        className="grid min-h-11 min-w-0 flex-1 grid-cols-[1rem_minmax(7rem,auto)_minmax(0,1fr)]
          items-center gap-2 pl-3 text-left"
      >
        <Icon name={open ? "down" : "right"} className="text-faint" />
        <span className={`truncate font-medium ${play.on ? "" : "text-faint"}`}>
          {sentence(name)}
        </span>
        <code className="truncate text-xs text-faint max-md:hidden">{play.when}</code>
      </button>
      {wrong && <Chip tone="bad">Mistake</Chip>}
      <Chip tone={play.priority === "high" ? "warn" : "plain"}>{sentence(play.priority)}</Chip>
      <span className="w-20 text-right tabular-nums" title="Customers it would hold for now">
        {customers === undefined ? "" : count(customers)}
      </span>
      <button
        type="button"
        role="switch"
        aria-checked={play.on}
        aria-label={`${sentence(name)} is on`}
        onClick={() => turn(!play.on)}
        className="flex h-5 w-9 shrink-0 items-center rounded-full border border-line-strong
          bg-pressed p-0.5 transition-colors aria-checked:bg-accent"
      >
        <span
          className={`size-3.5 rounded-full bg-panel transition-transform
            ${play.on ? "translate-x-4" : ""}`}
        />
      </button>
    </div>
  );
}

const INPUT = "h-7 w-full rounded-md border border-line-strong bg-ground px-2";
const TEXT = `${INPUT} block h-auto resize-y py-1.5`;

function Field({
  label,
  mistake,
  wide,
  children,
}: {
  label: string;
  mistake: string | undefined;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <label className={`flex min-w-0 flex-col gap-1 ${wide ? "col-span-full" : ""}`}>
      <span className="label">{label}</span>
      {children}
      <MistakeLine text={mistake} />
    </label>
  );
}

function PlayForm({
  play,
  set,
  drop,
  mistake,
  example,
  currency,
}: {
  play: PlayRule;
  set: (play: PlayRule) => void;
  drop: () => void;
  mistake: (field: string) => string | undefined;
  example: string | null;
  currency: string | null;
}) {
  const text = (field: "play" | "cooldown" | "channel", label: string, place: string = field) => (
    <Field label={label} mistake={mistake(place)}>
      <input
        className={INPUT}
        value={play[field]}
        onChange={(event) => set({ ...play, [field]: event.target.value })}
      />
    </Field>
  );
  return (
    <div className="grid grid-cols-2 gap-3 bg-rail px-4 py-3 sm:grid-cols-3 lg:grid-cols-5">
      <Field label="When" mistake={mistake("when")} wide>
        <textarea
          className={`${TEXT} font-mono text-xs`}
          rows={2}
          spellCheck={false}
          value={play.when}
          onChange={(event) => set({ ...play, when: event.target.value })}
        />
      </Field>
      <Field label="Sentence, with {figures}" mistake={mistake("say")} wide>
        <textarea
          className={TEXT}
          rows={2}
          value={play.say}
          onChange={(event) => set({ ...play, say: event.target.value })}
        />
      </Field>
      {example && <p className="col-span-full text-xs text-soft">For one of them: “{example}”</p>}
      {text("play", "Name", "name")}
      <Field label="Priority" mistake={mistake("priority")}>
        <select
          className={INPUT}
          value={play.priority}
          onChange={(event) =>
            set({ ...play, priority: event.target.value as PlayRule["priority"] })
          }
        >
          {PRIORITIES.map((priority) => (
            <option key={priority} value={priority}>
              {sentence(priority)}
            </option>
          ))}
        </select>
      </Field>
      {text("cooldown", "Not again for")}
      {text("channel", "Channel")}
      <Field label={`Cost${currency ? ` in ${currency}` : ""}`} mistake={mistake("cost")}>
        <input
          type="number"
          min={0}
          step={0.5}
          className={INPUT}
          value={play.cost}
          onChange={(event) => set({ ...play, cost: Number(event.target.value) })}
        />
      </Field>
      <Parts play={play} set={set} mistake={mistake} />
      <div className="col-span-full flex justify-end">
        <Button className="text-bad" onClick={drop}>
          Remove this play
        </Button>
      </div>
    </div>
  );
}

// Named parts that the condition and the sentence may use.
function Parts({
  play,
  set,
  mistake,
}: {
  play: PlayRule;
  set: (play: PlayRule) => void;
  mistake: (field: string) => string | undefined;
}) {
  const change = (i: number, part: { name: string; value: string } | null) =>
    set({
      ...play,
      parts: play.parts.flatMap((old, k) => (k !== i ? [old] : part === null ? [] : [part])),
    });
  return (
    <div className="col-span-full">
      {play.parts.map((part, i) => (
        <div key={i} className="mb-1.5 grid grid-cols-[9rem_minmax(0,1fr)_auto] gap-2">
          <input
            aria-label={`Name of part ${i + 1}`}
            className={INPUT}
            value={part.name}
            onChange={(event) => change(i, { ...part, name: event.target.value })}
          />
          <input
            aria-label={`Part ${i + 1}`}
            className={`${INPUT} font-mono text-xs`}
            spellCheck={false}
            value={part.value}
            onChange={(event) => change(i, { ...part, value: event.target.value })}
          />
          <Button quiet aria-label={`Remove part ${i + 1}`} onClick={() => change(i, null)}>
            <Icon name="close" />
          </Button>
          <MistakeLine text={mistake(`parts[${i}]`)} />
        </div>
      ))}
      <Button
        quiet
        onClick={() => set({ ...play, parts: [...play.parts, { name: "", value: "" }] })}
      >
        Add a named part
      </Button>
    </div>
  );
}
