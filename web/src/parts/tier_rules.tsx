// The rules of the tiers, to be changed by sliders and numbers, or as text.
import { useId, useState } from "react";
import type { Pack } from "../api/client";
import {
  type Book,
  type Mistake,
  type Threshold,
  mistakeAt,
  sliderRange,
  thresholds,
  withThreshold,
} from "../rules";
import { sentence, shortTaskLabel, taskLabel } from "../words";
import { Button, TierMark } from "./controls";
import { Panel } from "./panels";

const SIGNS: Record<string, string> = { "<=": "≤", ">=": "≥", "<": "<", ">": ">" };

export function TierRules({
  book,
  change,
  pack,
  mistakes,
}: {
  book: Book;
  change: (book: Book) => void;
  pack: Pack;
  mistakes: readonly Mistake[];
}) {
  const [asText, setAsText] = useState(false);
  const setRule = (i: number, rule: string) =>
    change({ ...book, tiers: book.tiers.map((tier, k) => (k === i ? { ...tier, rule } : tier)) });
  return (
    <Panel
      title="Tiers, checked in this order"
      aside={
        <Button quiet aria-pressed={asText} onClick={() => setAsText(!asText)}
          className="aria-pressed:bg-pressed aria-pressed:text-ink">
          Edit as text
        </Button>
      }
    >
      <ol>
        {book.tiers.map(({ tier, rule }, i) => (
          <li key={tier} className="border-b border-line px-4 py-3">
            <div className="flex items-center justify-between gap-3">
              <TierMark tier={tier} />
              {!asText && thresholds(rule, pack.tasks).length === 0 && (
                <span className="label">
                  {rule === "true" ? "everybody who is left" : <code>{rule}</code>}
                </span>
              )}
            </div>
            {asText ? (
              <RuleText tier={tier} rule={rule} set={(text) => setRule(i, text)} />
            ) : (
              thresholds(rule, pack.tasks).map((at, k, all) => (
                <ThresholdRow
                  key={`${k} ${at.task.task}`}
                  tier={tier}
                  at={at}
                  join={k === 0 ? "when" : joint(rule, all[k - 1]!, at)}
                  set={(value) => setRule(i, withThreshold(rule, at, value))}
                />
              ))
            )}
            <MistakeLine text={mistakeAt(mistakes, `tiers[${i}].rule`)} />
          </li>
        ))}
      </ol>
      <Margins book={book} change={change} mistakes={mistakes} />
    </Panel>
  );
}

// The word between two comparisons.
function joint(rule: string, before: Threshold, after: Threshold): string {
  const between = rule.slice(before.to, after.from);
  return /\bor\b/.test(between) ? "or" : "and";
}

export function MistakeLine({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <p role="alert" className="mt-1.5 text-xs text-bad">
      {sentence(text)}
    </p>
  );
}

function RuleText({
  tier,
  rule,
  set,
}: {
  tier: string;
  rule: string;
  set: (text: string) => void;
}) {
  return (
    <textarea
      aria-label={`Rule of ${sentence(tier)}`}
      value={rule}
      rows={Math.max(1, Math.ceil(rule.length / 56))}
      spellCheck={false}
      onChange={(event) => set(event.target.value)}
      className="mt-2 block w-full resize-y rounded-md border border-line-strong bg-ground px-2.5
        py-1.5 font-mono text-xs"
    />
  );
}

function ThresholdRow({
  tier,
  at,
  join,
  set,
}: {
  tier: string;
  at: Threshold;
  join: string;
  set: (value: number) => void;
}) {
  const id = useId();
  const { min, max, step } = sliderRange(at.task, at.value);
  const scale = at.task.kind === "probability" ? 100 : 1;
  const name = `${sentence(tier)}: ${taskLabel(at.task.task)} ${at.sign}`;
  return (
    <div
      className="mt-2 grid grid-cols-[minmax(0,1fr)_5.5rem] items-center gap-x-3 gap-y-1
        sm:grid-cols-[12.5rem_minmax(0,1fr)_5.5rem]"
    >
      <label htmlFor={id} className="text-soft">
        <span className="text-faint">{join}</span> {shortTaskLabel(at.task.task)} {SIGNS[at.sign]}
      </label>
      <input
        type="range"
        aria-label={`${name}, slider`}
        min={min}
        max={max}
        step={step}
        value={at.value}
        onChange={(event) => set(Number(event.target.value))}
        className="h-5 w-full accent-(--accent) max-sm:col-span-2 max-sm:row-start-2"
      />
      <span className="flex items-center gap-1">
        <input
          id={id}
          type="number"
          aria-label={name}
          min={min * scale}
          max={greatest(at) * scale}
          step={step * scale}
          value={Number((at.value * scale).toFixed(4))}
          onChange={(event) =>
            event.target.value !== "" && set(Number(event.target.value) / scale)
          }
          className="h-7 w-16 rounded-md border border-line-strong bg-ground px-2 text-right"
        />
        <span className="w-3 text-faint">{scale === 100 ? "%" : ""}</span>
      </span>
    </div>
  );
}

function greatest({ task, value }: Threshold): number {
  return task.kind === "probability" ? 1 : (task.max ?? Math.max(value, 1e6));
}

function Margins({
  book,
  change,
  mistakes,
}: {
  book: Book;
  change: (book: Book) => void;
  mistakes: readonly Mistake[];
}) {
  const set = (kind: "number" | "probability", value: number) =>
    change({ ...book, margins: { ...book.margins, [kind]: value } });
  return (
    <div className="px-4 py-3">
      <p className="text-xs text-soft">
        A tier changes once a figure passes a border by this much, or stays over it for two
        scheduled scorings.
      </p>
      <div className="mt-2 flex flex-wrap gap-x-6 gap-y-2">
        {(["number", "probability"] as const).map((kind) => (
          <label key={kind} className="flex items-center gap-2 text-soft">
            Margin of {kind === "number" ? "numbers" : "probabilities"}
            <input
              type="number"
              min={0}
              max={kind === "number" ? 100 : 1}
              step={kind === "number" ? 0.5 : 0.01}
              value={book.margins[kind]}
              onChange={(event) => set(kind, Number(event.target.value))}
              className="h-7 w-16 rounded-md border border-line-strong bg-ground px-2 text-right
                text-ink"
            />
          </label>
        ))}
      </div>
      <MistakeLine
        text={mistakeAt(mistakes, "margins.number") ?? mistakeAt(mistakes, "margins.probability")}
      />
    </div>
  );
}
