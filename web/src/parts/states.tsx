// The states every list and panel has besides its data: loading, empty, failing.
import { type ReactNode, useState } from "react";
import { Problem } from "../api/client";
import { knownKey } from "../known_key";
import { Button } from "./controls";
import { copyText } from "./copy_curl";

export function Skeleton({ className = "" }: { className?: string }) {
  return (
    <span aria-hidden className={`block animate-pulse-soft rounded bg-pressed ${className}`} />
  );
}

// As many rows of the final height as there will be.
export function SkeletonRows({ rows, className = "h-9" }: { rows: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={`flex items-center gap-6 border-b border-line px-4 ${className}`}>
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-3 w-16" />
          <Skeleton className="ml-auto h-3 w-28" />
        </div>
      ))}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry: () => void }) {
  const problem = error instanceof Problem ? error : null;
  const away = problem?.status === 0;
  if (problem?.status === 403) {
    return (
      <Empty title="Your role does not open this">An admin can change what you may do.</Empty>
    );
  }
  return (
    <div role="alert" className="flex flex-col items-center gap-1 px-6 py-12 text-center">
      <p className="font-medium">{away ? "Tideline does not answer" : "This could not be read"}</p>
      <p className="max-w-md text-soft">
        {away
          ? "It may be restarting. The page tries again by itself."
          : (problem?.message ?? String(error))}
      </p>
      {problem?.requestId && (
        <p className="label">
          {problem.code} · request <span className="font-mono">{problem.requestId}</span>
        </p>
      )}
      <Button className="mt-3" onClick={retry}>
        Try again
      </Button>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-12 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-xl text-soft">{children}</div>}
    </div>
  );
}

// What an empty folder needs, to be pasted: one event by curl, or by the SDK.
export function FirstEvent() {
  const [way, setWay] = useState<"curl" | "Node">("curl");
  const key = knownKey() || "YOUR_KEY";
  const text = firstEvent(way, key);
  return (
    <div className="mt-4 text-left">
      <div
        className="flex items-center justify-between rounded-t-lg border border-line bg-rail
        px-3 py-1.5"
      >
        <span role="group" aria-label="Send a first event by" className="flex">
          {(["curl", "Node"] as const).map((name) => (
            <Button
              key={name}
              quiet
              aria-pressed={way === name}
              className="aria-pressed:bg-pressed aria-pressed:text-ink"
              onClick={() => setWay(name)}
            >
              {name}
            </Button>
          ))}
        </span>
        <Button quiet onClick={() => void copyText(text)}>
          Copy
        </Button>
      </div>
      <pre
        tabIndex={0}
        className="overflow-x-auto rounded-b-lg border border-t-0 border-line
        bg-panel p-3 font-mono text-xs text-ink"
      >
        {text}
      </pre>
      <p className="label mt-2">
        {knownKey()
          ? "With the key that was just made."
          : "The first key was printed when the folder was made;"}{" "}
        {!knownKey() && (
          <>
            <code>tideline keys create</code> makes another.
          </>
        )}
      </p>
    </div>
  );
}

function firstEvent(way: "curl" | "Node", key: string): string {
  const { origin } = location;
  if (way === "curl") {
    return `curl -u ${key}: ${origin}/v1/track \\
  -d '{"userId":"c1","event":"Signed In"}'`;
  }
  return `import { Analytics } from "@segment/analytics-node";

const tideline = new Analytics({ writeKey: "${key}", host: "${origin}", path: "/v1/batch" });
tideline.track({ userId: "c1", event: "Signed In" });
await tideline.closeAndFlush();`;
}
