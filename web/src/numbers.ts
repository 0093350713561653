// Numbers and times as people read them. A figure that is missing is a dash.
import type { Pack } from "./api/client";

export type Task = Pack["tasks"][number];
type Feature = Pack["features"][number];
type Maybe = number | null | undefined;
export const MISSING = "–";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const formats = Array.from(
  { length: 10 },
  (_, digits) =>
    new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

const known = (value: Maybe): value is number => typeof value === "number";

export function count(value: Maybe): string {
  return known(value) ? whole.format(value) : MISSING;
}
export function short(value: Maybe): string {
  return known(value) ? (Math.abs(value) < 10_000 ? whole : compact).format(value) : MISSING;
}
export function fixed(value: Maybe, digits: number): string {
  return known(value) ? formats[digits]!.format(value) : MISSING;
}
export function rate(value: Maybe): string {
  if (!known(value)) return MISSING;
  return value >= 100 ? short(value) : fixed(value, 1);
}
export function percent(value: Maybe, digits = 0): string {
  return known(value) ? `${formats[digits]!.format(100 * value)} %` : MISSING;
}

// A task's figure: probabilities in percent, the others with what digits their range deserves.
export function figure(task: Task, value: Maybe): string {
  if (!known(value)) return MISSING;
  if (task.kind === "probability") return percent(value, value < 0.1 ? 1 : 0);
  return fixed(value, task.max !== null && task.max >= 50 ? 1 : 2);
}

// Where a figure lies in its range, 0 to 1; null where it has none.
export function share(task: Task, value: Maybe): number | null {
  const min = task.kind === "probability" ? 0 : task.min;
  const max = task.kind === "probability" ? 1 : task.max;
  if (!known(value) || min === null || max === null) return null;
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

export function featureValue(feature: Feature, value: Maybe): string {
  if (!known(value)) return MISSING;
  if (feature.form === "%") return percent(value);
  const digits = /^\.(\d)$/.exec(feature.form ?? "");
  if (digits) return fixed(value, Number(digits[1]));
  return feature.unit === "0..1" ? percent(value) : fixed(value, Number.isInteger(value) ? 0 : 2);
}

export function unitWords(unit: string): string {
  return /\.\.|ratio/.test(unit) ? "" : unit;
}

export function age(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 2 * 86_400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

export function ago(time: number | string, now: number): string {
  const at = typeof time === "string" ? Date.parse(time) : time;
  if (now - at < 1500) return now - at < -60_000 ? `in ${age((at - now) / 1000)}` : "just now";
  return `${age((now - at) / 1000)} ago`;
}

const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "short" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

export const dateWords = (time: string) => day.format(new Date(time));
export const dayWords = (time: string) => weekday.format(new Date(time));
export const clockWords = (time: string) => clock.format(new Date(time));
export const momentWords = (time: string | number) =>
  `${day.format(new Date(time))}, ${clockSeconds.format(new Date(time))}`;

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let size = value,
    unit = 0;
  while (size >= 1024 && unit < 3) {
    size /= 1024;
    unit += 1;
  }
  return `${fixed(size, unit > 0 && size < 10 ? 1 : 0)} ${units[unit]}`;
}
