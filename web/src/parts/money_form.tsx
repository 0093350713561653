// The calculator's inputs, each with its range and where its value comes from.
import type { Money, MoneyInput } from "../api/insights";
import { Button } from "./controls";
import { Field, Refusal } from "./fields";

type Search = Record<string, string | undefined>;

export function MoneyForm({
  known,
  search,
  change,
  reset,
  error,
}: {
  known: Money;
  search: Search;
  change: (changes: Search) => void;
  reset?: () => void;
  error: unknown;
}) {
  return (
    <form
      aria-label="Inputs"
      className="flex flex-col gap-3 p-4"
      onSubmit={(event) => event.preventDefault()}
    >
      {known.inputs.map((input) => (
        <InputField
          key={input.key}
          input={input}
          currency={known.currency}
          text={search[input.key]}
          change={(text) => change({ [input.key]: text })}
        />
      ))}
      <Refusal error={error} />
      <div className="flex items-center gap-3">
        <Button disabled={!reset} onClick={reset}>
          As known
        </Button>
        <span className="label">What you enter stays in the address, and is kept nowhere.</span>
      </div>
    </form>
  );
}

// A share is entered as it is: 0.1 is a tenth.
function rounded(input: MoneyInput): string {
  const digits = input.unit === "share" ? 4 : 2;
  return String(Number(input.value.toFixed(digits)));
}

function unitOf(input: MoneyInput, currency: string | null): string {
  if (input.unit === "money") return currency ?? "";
  return input.unit === "share" ? "0 to 1" : input.unit;
}

function InputField({
  input,
  currency,
  text,
  change,
}: {
  input: MoneyInput;
  currency: string | null;
  text: string | undefined;
  change: (text: string | undefined) => void;
}) {
  const unit = unitOf(input, currency);
  const value = text ?? rounded(input);
  const number = Number(value);
  const wrong = value !== "" && !(number >= input.low && number <= input.high);
  const known = text === undefined && input.source ? ` Known: ${input.source}.` : "";
  return (
    <Field
      label={unit ? `${input.title}, ${unit}` : input.title}
      inputMode="decimal"
      autoComplete="off"
      value={value}
      aria-invalid={wrong}
      onChange={(event) => change(event.target.value)}
      note={
        wrong
          ? `From ${input.low} to ${input.high}.`
          : `${input.about}.${known}`
      }
    />
  );
}

