// Books of rules as the page edits them: thresholds in a rule's text, and how two books differ.
import type { Task } from "./numbers";

export interface TierRule {
  tier: string;
  rule: string;
}
export interface PlayRule {
  play: string;
  when: string;
  priority: "low" | "medium" | "high";
  say: string;
  cooldown: string;
  channel: string;
  cost: number;
  on: boolean;
  parts: { name: string; value: string }[];
}
export interface Book {
  margins: { number: number; probability: number };
  tiers: TierRule[];
  plays: PlayRule[];
}
export interface Mistake {
  place: string;
  message: string;
}

export const PRIORITIES = ["high", "medium", "low"] as const;
export const NEW_PLAY: PlayRule = {
  play: "",
  when: "",
  priority: "medium",
  say: "",
  cooldown: "14d",
  channel: "",
  cost: 0,
  on: true,
  parts: [],
};

// A number that a rule compares a task's figure with, and where in the text it stands.
export interface Threshold {
  task: Task;
  sign: string;
  value: number;
  from: number;
  to: number;
}

export function thresholds(rule: string, tasks: readonly Task[]): Threshold[] {
  if (tasks.length === 0) return [];
  const names = tasks.map(({ task }) => task).join("|");
  const number = "(\\d+(?:\\.\\d+)?)(?![\\d.]|\\s*[*/])";
  const bound = new RegExp(`\\b(${names})\\s*(<=|>=|<|>)\\s*${number}`, "g");
  return [...rule.matchAll(bound)].map((found) => {
    const to = found.index + found[0].length;
    return {
      task: tasks.find(({ task }) => task === found[1])!,
      sign: found[2]!,
      value: Number(found[3]),
      from: to - found[3]!.length,
      to,
    };
  });
}

export function withThreshold(rule: string, at: Threshold, value: number): string {
  return rule.slice(0, at.from) + String(Number(value.toFixed(6))) + rule.slice(at.to);
}

// Where a slider of a task's figure begins and ends, and its step.
export function sliderRange(task: Task, value: number) {
  if (task.kind === "probability") return { min: 0, max: 1, step: 0.01 };
  const min = task.min ?? 0;
  const max = task.max ?? Math.max(10, 2 * value);
  return { min, max, step: max - min >= 50 ? 1 : 0.1 };
}

export function mistakeAt(mistakes: readonly Mistake[], place: string): string | undefined {
  return mistakes.find((known) => known.place === place)?.message;
}

export interface Difference {
  what: string;
  before: string;
  after: string;
}

const FIELDS = ["when", "say", "priority", "cooldown", "channel", "cost", "on"] as const;

function parts(play: PlayRule): string {
  return play.parts.map(({ name, value }) => `${name} = ${value}`).join("\n");
}

function text(value: string | number | boolean): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}

// What the second book has otherwise than the first.
export function differences(before: Book, after: Book): Difference[] {
  const found: Difference[] = [];
  const note = (what: string, a: string, b: string) => {
    if (a !== b) found.push({ what, before: a, after: b });
  };
  for (const kind of ["number", "probability"] as const)
    note(`margin of ${kind === "number" ? "numbers" : "probabilities"}`,
      text(before.margins[kind]), text(after.margins[kind]));
  for (const { tier, rule } of after.tiers)
    note(`tier ${tier}`, before.tiers.find((known) => known.tier === tier)?.rule ?? "", rule);
  for (const play of after.plays) {
    const old = before.plays.find((known) => known.play === play.play);
    if (!old) {
      note(`play ${play.play}`, "", play.when);
      continue;
    }
    for (const field of FIELDS)
      note(`play ${play.play}, ${field}`, text(old[field]), text(play[field]));
    note(`play ${play.play}, parts`, parts(old), parts(play));
  }
  for (const { play, when } of before.plays)
    if (!after.plays.some((known) => known.play === play)) note(`play ${play}`, when, "");
  return found;
}
