// How old a figure is, said and seen: "3 s ago", and marked once it is no longer kept up.
import { type ReactNode, createContext, useContext, useEffect, useState } from "react";
import { STALE_MS } from "../api/queries";
import { useConnection } from "../api/stream";
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
  error?: unknown;
}
export function useStale(reading: Reading): boolean {
  const now = useNow();
  return reading.dataUpdatedAt > 0 && now - reading.dataUpdatedAt > STALE_MS;
}

// Why a figure is old, as far as the page can tell.
function useWhyStale(reading: Reading): string {
  const connection = useConnection();
  if (connection === "away") return "Tideline does not answer";
  const status = (reading.error as { status?: number } | null | undefined)?.status;
  if (reading.isError && status === 0) return "Tideline does not answer";
  if (reading.isError) return "reading them again fails";
  return "not updated since";
}

export function Freshness({ of: reading, brief }: { of: Reading; brief?: boolean }) {
  const now = useNow();
  const stale = useStale(reading);
  const why = useWhyStale(reading);
  if (reading.dataUpdatedAt === 0) return <span className="label">&nbsp;</span>;
  const at = clockWords(new Date(reading.dataUpdatedAt).toISOString());
  if (stale) {
    return (
      <span className="text-xs text-warn" data-stale title={`Figures of ${at}, ${why}`}>
        {brief ? `of ${at}` : `Figures of ${at}, ${why}`}
      </span>
    );
  }
  const age = ago(reading.dataUpdatedAt, now);
  if (brief) {
    return (
      <span className="text-2xs text-faint" title={`updated ${age}`}>
        {age.replace("just now", "now").replace(" ago", "")}
      </span>
    );
  }
  return <span className="label">updated {age}</span>;
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
