// Small things to press, and marks.
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { type Task, figure } from "../numbers";
import { sentence, tierTone } from "../words";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  quiet?: boolean;
  strong?: boolean;
}
export function Button({ quiet, strong, className = "", ...rest }: ButtonProps) {
  const look = quiet
    ? "text-soft hover:bg-hover hover:text-ink"
    : strong
      ? "border border-transparent bg-ink text-ground hover:opacity-90"
      : "border border-line-strong bg-panel text-ink hover:bg-hover";
  return (
    <button
      type="button"
      {...rest}
      className={`inline-flex h-7 items-center gap-1.5 rounded-md
      px-2.5 text-xs font-medium whitespace-nowrap transition-colors disabled:opacity-50
      ${look} ${className}`}
    />
  );
}

export function TierMark({ tier, children }: { tier: string | null; children?: ReactNode }) {
  if (!tier) return <span className="text-faint">{children ?? "–"}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span
        aria-hidden
        className="size-2 shrink-0 rounded-[3px]"
        style={{ background: tierTone(tier) }}
      />
      {children ?? sentence(tier)}
    </span>
  );
}

export function Chip({
  tone = "plain",
  children,
}: {
  tone?: "plain" | "good" | "warn" | "bad";
  children: ReactNode;
}) {
  const look = {
    plain: "border-line text-soft",
    good: "border-line text-good",
    warn: "border-transparent bg-warn-wash text-warn",
    bad: "border-transparent bg-bad-wash text-bad",
  }[tone];
  return (
    <span
      className={`inline-flex h-5 items-center rounded-[5px] border px-1.5 text-2xs font-medium
      whitespace-nowrap ${look}`}
    >
      {children}
    </span>
  );
}

export function Figure({ task, value }: { task: Task; value: number | null | undefined }) {
  return typeof value === "number" ? (
    <>{figure(task, value)}</>
  ) : (
    <span className="text-faint">–</span>
  );
}

export function Key({ children }: { children: ReactNode }) {
  return <kbd className="key">{children}</kbd>;
}

// A thin bar; `share` 0 to 1.
export function Meter({
  share,
  tone = "var(--accent)",
  label,
}: {
  share: number | null;
  tone?: string;
  label: string;
}) {
  return (
    <span
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * (share ?? 0))}
      className="block h-1 overflow-hidden rounded-full bg-pressed"
    >
      {share !== null && (
        <span
          className="block h-full rounded-full transition-[width] duration-500"
          style={{ width: `${share > 0 ? Math.max(1, 100 * share) : 0}%`, background: tone }}
        />
      )}
    </span>
  );
}
