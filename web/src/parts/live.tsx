// How old a figure is, said and seen: "3 s ago", and marked once it is no longer kept up.
import { type ReactNode, createContext, useContext, useEffect, useState } from "react";
import { STALE_MS } from "../api/queries";
import { ago, clockWords } from "../numbers";

const Now = createContext(Date.now());

// One clock for the whole page, so that all ages tick together.
export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <Now.Provider value={now}>{children}</Now.Provider>;
}
export const useNow = () => useContext(Now);

export interface Reading {
  dataUpdatedAt: number;
  isError?: boolean;
}
export function useStale(reading: Reading): boolean {
  const now = useNow();
  return reading.dataUpdatedAt > 0 && now - reading.dataUpdatedAt > STALE_MS;
}

export function Freshness({ of: reading }: { of: Reading }) {
  const now = useNow();
  const stale = useStale(reading);
  if (reading.dataUpdatedAt === 0) return <span className="label">&nbsp;</span>;
  if (stale) {
    const at = clockWords(new Date(reading.dataUpdatedAt).toISOString());
    return (
      <span className="text-xs text-warn" data-stale>
        Figures of {at}, not updated since
      </span>
    );
  }
  return <span className="label">updated {ago(reading.dataUpdatedAt, now)}</span>;
}

export function Ago({ time }: { time: string | null | undefined }) {
  const now = useNow();
  if (!time) return <>–</>;
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {ago(time, now)}
    </time>
  );
}
