// Keyboard: single keys and "g c" sequences, silent while somebody types.
import { useEffect, useRef } from "react";

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;
const SEQUENCE_MS = 900;

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

// Keys of the map: "j", "/", "g c", "mod+k" (Ctrl, or Cmd on a Mac; heard also while typing).
export function useKeys(map: KeyMap): void {
  const current = useRef(map);
  current.current = map;
  useEffect(() => {
    let first = "",
      firstAt = 0;
    const heard = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      const mod = event.ctrlKey || event.metaKey;
      const key = mod ? `mod+${event.key.toLowerCase()}` : event.key;
      if (!mod && (isTyping(event.target) || document.querySelector("[role=dialog]"))) return;
      const sequence = event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${key}` : "";
      const action = (sequence && current.current[sequence]) || current.current[key];
      first = key;
      firstAt = event.timeStamp;
      if (!action) return;
      event.preventDefault();
      action(event);
    };
    addEventListener("keydown", heard);
    return () => removeEventListener("keydown", heard);
  }, []);
}

// What "/" puts the cursor into; without one on the screen it opens the palette.
export function searchField(): HTMLInputElement | null {
  return document.querySelector("input[data-search]");
}
