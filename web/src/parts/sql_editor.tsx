// The text of a query: completion of names, Ctrl-Enter runs it, an error is marked at its place.
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { SqlTable } from "../api/sql";
import { type Suggestion, suggestions, wordBefore } from "./sql_words";

interface EditorProps {
  text: string;
  change: (text: string) => void;
  run: () => void;
  tables: readonly SqlTable[];
  place: { line: number; column: number } | null; // of the error
}

export function SqlEditor({ text, change, run, tables, place }: EditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const [cursor, setCursor] = useState<number | null>(null); // null: nothing is suggested
  const [chosen, setChosen] = useState(0);
  const offered = useMemo(
    () => (cursor === null ? [] : suggestions(tables, text, cursor)),
    [tables, text, cursor],
  );
  useEffect(() => setChosen(0), [offered]);
  useEffect(() => {
    if (!place || !field.current) return;
    const at = offsetOf(field.current.value, place);
    field.current.focus();
    field.current.setSelectionRange(at, at + (/^\w+/.exec(text.slice(at))?.[0].length ?? 1));
  }, [place?.line, place?.column]);

  const take = (suggestion: Suggestion) => {
    const { from } = wordBefore(text, cursor ?? 0);
    const whole = text.slice(0, from) + suggestion.text + text.slice(cursor ?? 0);
    change(whole);
    setCursor(null);
    const at = from + suggestion.text.length;
    requestAnimationFrame(() => field.current?.setSelectionRange(at, at));
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      setCursor(null);
      run();
    } else if (event.key === "Escape" && offered.length > 0) {
      setCursor(null);
    } else if (offered.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : offered.length - 1;
      setChosen((chosen + step) % offered.length);
    } else if (offered.length > 0 && (event.key === "Tab" || event.key === "Enter")) {
      take(offered[chosen]!);
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div className="relative">
      <textarea
        ref={field}
        value={text}
        aria-label="Query"
        role="combobox"
        aria-expanded={offered.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={offered.length > 0 ? `${list}-${chosen}` : undefined}
        aria-invalid={place !== null}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        rows={Math.min(18, Math.max(6, text.split("\n").length + 1))}
        onChange={(event) => {
          change(event.target.value);
          setCursor(event.target.selectionStart);
        }}
        onKeyDown={pressed}
        onBlur={() => setCursor(null)}
        className="block w-full resize-y rounded-b-[10px] bg-transparent px-4 py-3 font-mono
        text-sm leading-6 outline-offset-[-2px]"
      />
      <Suggestions id={list} offered={offered} chosen={chosen} take={take} />
    </div>
  );
}

function offsetOf(text: string, place: { line: number; column: number }): number {
  const before = text.split("\n").slice(0, place.line - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + place.column - 1;
}

function Suggestions({
  id,
  offered,
  chosen,
  take,
}: {
  id: string;
  offered: readonly Suggestion[];
  chosen: number;
  take: (suggestion: Suggestion) => void;
}) {
  return (
    <ul
      id={id}
      role="listbox"
      aria-label="Completions"
      hidden={offered.length === 0}
      className="absolute top-full left-4 z-30 -mt-2 w-80 overflow-hidden rounded-md bg-panel py-1
      shadow-float"
    >
      {offered.map((suggestion, i) => (
        <li
          key={suggestion.text}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            take(suggestion);
          }}
          className="flex items-baseline justify-between gap-3 px-3 py-1 font-mono text-xs
          aria-selected:bg-pressed"
        >
          <span className="truncate">{suggestion.text}</span>
          <span className="truncate font-sans text-2xs text-faint">{suggestion.note}</span>
        </li>
      ))}
    </ul>
  );
}
