// Which customers are chosen: some of them, or all that fit the filters.
import { useEffect, useMemo, useState } from "react";
import type { Prediction } from "../api/client";

export interface Selection {
  rows: ReadonlyMap<string, Prediction>;
  // All that fit, also those never shown.
  all: boolean;
  has: (id: string) => boolean;
  toggle: (row: Prediction, index: number, upTo: boolean) => void;
  chooseAll: () => void;
  clear: () => void;
}

// `name` changes with the filters: another list, nothing chosen.
export function useSelection(
  name: string,
  at: (index: number) => Prediction | undefined,
): Selection {
  const [rows, setRows] = useState<ReadonlyMap<string, Prediction>>(new Map());
  const [all, setAll] = useState(false);
  const [anchor, setAnchor] = useState(-1);
  const clear = () => {
    setRows(new Map());
    setAll(false);
    setAnchor(-1);
  };
  useEffect(clear, [name]);
  return useMemo(
    () => ({
      rows,
      all,
      has: (id: string) => all || rows.has(id),
      toggle: (row: Prediction, index: number, upTo: boolean) => {
        const next = new Map(all ? [] : rows);
        const chosen = !next.has(row.customer_id);
        const from = upTo && anchor >= 0 ? Math.min(anchor, index) : index;
        const until = upTo && anchor >= 0 ? Math.max(anchor, index) : index;
        for (let i = from; i <= until; ++i) {
          const one = i === index ? row : at(i);
          if (!one) continue;
          if (chosen) next.set(one.customer_id, one);
          else next.delete(one.customer_id);
        }
        setAll(false);
        setRows(next);
        setAnchor(index);
      },
      chooseAll: () => setAll(true),
      clear,
    }),
    [rows, all, anchor, at],
  );
}
