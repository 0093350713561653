// Words for people, made from the pack's names: nothing here knows a business.
import type { Pack, Pipeline } from "./api/client";
import { age } from "./numbers";

// "churn_risk_14d" is "Churn risk, 14 days".
export function taskLabel(task: string): string {
  const horizon = /^(.*)_(\d+)d$/.exec(task);
  const words = (horizon?.[1] ?? task).replaceAll("_", " ");
  const label = words.charAt(0).toUpperCase() + words.slice(1);
  return horizon ? `${label}, ${horizon[2]} days` : label;
}

export function shortTaskLabel(task: string): string {
  return taskLabel(task).replace(", ", " ").replace(" days", "d");
}

export function sentence(words: string): string {
  const text = words.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// Tiers from the best to the worst, where their names say so; else in the pack's order.
const BEST_FIRST = ["thriving", "high", "healthy", "medium", "at_risk", "low", "churned"];

export function inOrder<Row extends { tier: string }>(rows: readonly Row[]): Row[] {
  if (!rows.every((row) => BEST_FIRST.includes(row.tier))) return [...rows];
  return [...rows].sort((a, b) => BEST_FIRST.indexOf(a.tier) - BEST_FIRST.indexOf(b.tier));
}

const TONES: Record<string, string> = {
  thriving: "var(--tier-good)",
  high: "var(--tier-good)",
  healthy: "var(--tier-calm)",
  medium: "var(--tier-calm)",
  at_risk: "var(--tier-warn)",
  low: "var(--tier-warn)",
  churned: "var(--tier-bad)",
};
export function tierTone(tier: string | null): string {
  return (tier && TONES[tier]) || "var(--faint)";
}

// "health_score < 30 or churn_risk_14d > 0.7" with the tasks' labels.
export function ruleWords(rule: string, pack: Pack | undefined): string {
  if (rule === "true" || rule === "everything_else") return "Everything else";
  let text = rule;
  for (const { task, kind } of pack?.tasks ?? []) {
    const bound = new RegExp(`\\b${task} (<=|>=|<|>) ([0-9.]+)`, "g");
    text = text.replace(bound, (_, sign: string, number: string) => {
      const value = kind === "probability" ? `${Math.round(100 * Number(number))} %` : number;
      return `${shortTaskLabel(task)} ${sign.replace("<=", "≤").replace(">=", "≥")} ${value}`;
    });
  }
  return text;
}

const REASONS: Record<string, string> = {
  not_enough_data: "Not enough data",
  not_eligible: "Not eligible",
  lapsed: "Lapsed",
  no_model: "No model",
};
export function reasonWords(reason: string, pack: Pack | undefined): string {
  return REASONS[reason] ?? sentence(ruleWords(reason, pack));
}

const METRICS: Record<string, string> = {
  roc_auc: "ROC AUC",
  pr_auc: "PR AUC",
  brier: "Brier",
  brier_skill: "Brier skill",
  log_loss: "Log loss",
  ece: "ECE",
  lift_top_tenth: "Lift, top tenth",
  r2: "R²",
  mae: "MAE",
  rmse: "RMSE",
  corr: "Correlation",
};
export function metricLabel(metric: string): string {
  return METRICS[metric] ?? sentence(metric);
}

const FAMILIES: Record<string, string> = {
  network: "Network",
  xgboost: "XGBoost",
  logistic: "Logistic regression",
  linear: "Linear regression",
  recency: "Recency rule",
  base_rate: "Base rate",
  past: "Own past",
  mean: "Mean",
  mbg_nbd: "MBG/NBD",
  mbg_nbd_gamma_gamma: "MBG/NBD with gamma-gamma",
};
export function familyLabel(name: string): string {
  return FAMILIES[name] ?? sentence(name);
}

// How long the oldest event has waited, beside how many wait.
export function waitingWords({ lag, oldest_unprocessed_age_s: oldest }: Pipeline): string {
  if (lag === 0) return "all is applied";
  return oldest === null ? "just read" : `oldest for ${age(oldest)}`;
}
