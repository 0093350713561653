// Whether what is shown is live, and how it is kept up when it is not.
import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../api/queries";
import { type Connection, useConnection } from "../api/stream";
import { ago, momentWords } from "../numbers";
import { useNow, useStale } from "./live";

const WORDS: Record<Connection, { text: string; tone: string }> = {
  connecting: { text: "Connecting", tone: "bg-faint" },
  live: { text: "Live", tone: "bg-good" },
  polling: { text: "Read every 5 s", tone: "bg-warn" },
  away: { text: "Not reachable", tone: "bg-bad" },
};

function useWords() {
  const overview = useQuery(overviewQuery);
  const connection = useConnection();
  const stale = useStale(overview);
  if (stale || (overview.isError && connection !== "live")) return WORDS.away;
  if (connection === "live" && overview.data?.as_of)
    return { text: "Time stands still", tone: "bg-faint" };
  return WORDS[connection];
}

export function LiveState() {
  const now = useNow();
  const overview = useQuery(overviewQuery);
  const { text, tone } = useWords();
  const frozen = overview.data?.as_of;
  return (
    <div
      className="rounded-lg border border-line bg-panel px-2.5 py-2 text-xs"
      role="status"
      aria-label="Connection"
    >
      <p className="flex items-center gap-2 font-medium">
        <span aria-hidden className={`size-1.5 rounded-full ${tone}`} />
        {text}
      </p>
      <p className="label mt-0.5 truncate">
        {frozen
          ? momentWords(frozen)
          : overview.dataUpdatedAt > 0
            ? `updated ${ago(overview.dataUpdatedAt, now)}`
            : "no figures yet"}
      </p>
      {overview.data && <p className="label truncate">Version {overview.data.program_version}</p>}
    </div>
  );
}

// The same on a narrow screen: a dot.
export function LiveDot() {
  const { text, tone } = useWords();
  return (
    <span role="img" aria-label={`Connection: ${text}`} title={text} className="px-1 md:hidden">
      <span className={`block size-2 rounded-full ${tone}`} />
    </span>
  );
}
