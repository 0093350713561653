// What people type into: fields with their labels, choices, and what was wrong.
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import { Problem } from "../api/client";
import { sentence } from "../words";

const BOX = `h-8 w-full rounded-md border border-line-strong bg-panel px-2.5 text-sm text-ink
  disabled:opacity-50`;

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  note?: ReactNode;
}
export function Field({ label, note, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="label">
        {label}
      </label>
      <input
        id={id}
        spellCheck={false}
        autoCapitalize="none"
        aria-describedby={note ? `${id}-note` : undefined}
        {...rest}
        className={BOX}
      />
      {note && (
        <p id={`${id}-note`} className="label">
          {note}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps extends SelectHTMLAttributes<HTMLSelectElement> {
  label: string;
  options: readonly string[];
  bare?: boolean; // the label is for those who cannot see it
}
export function Choice({ label, options, bare, ...rest }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={bare ? "sr-only" : "label"}>
        {label}
      </label>
      <select id={id} {...rest} className={BOX}>
        {options.map((option) => (
          <option key={option} value={option}>
            {sentence(option)}
          </option>
        ))}
      </select>
    </div>
  );
}

// Why the last attempt failed; nothing while there is no failure.
export function Refusal({ error }: { error: unknown }) {
  if (!error) return null;
  const text = error instanceof Problem ? error.message : String(error);
  return (
    <p role="alert" className="rounded-md bg-bad-wash px-3 py-2 text-bad">
      {sentence(text)}
      {/[.!?]$/.test(text) ? "" : "."}
    </p>
  );
}
