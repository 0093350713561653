// A key that was just made: shown once, with commands and code that hold it.
import { useState } from "react";
import type { NewKey } from "../api/access";
import { Button } from "./controls";
import { Panel } from "./panels";

// Code to paste, for what the key may do.
function snippetsOf({ key, scopes }: NewKey): Record<string, string> {
  const here = location.origin;
  const event = `'{"userId":"c1","event":"Signed In"}'`;
  if (!scopes.includes("ingest")) {
    return {
      curl: `curl -H 'Authorization: Bearer ${key}' '${here}/api/v1/predictions?limit=10'`,
      Python: `import urllib.request

request = urllib.request.Request(
    "${here}/api/v1/predictions?limit=10",
    headers={"Authorization": "Bearer ${key}"})
print(urllib.request.urlopen(request).read().decode())`,
    };
  }
  return {
    curl: `curl -u ${key}: ${here}/v1/track \\\n  -d ${event}`,
    Node: `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "${key}", host: "${here}" });
analytics.track({ userId: "c1", event: "Signed In" });`,
    "Web page": `import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load({
  writeKey: "${key}",
  cdnURL: "${here}",
});
analytics.identify("c1");
analytics.track("Signed In");`,
    RudderStack: `import { Analytics } from "@rudderstack/rudder-sdk-node";

const analytics = new Analytics("${key}", { dataPlaneUrl: "${here}" });
analytics.track({ userId: "c1", event: "Signed In" });`,
  };
}

export function KeySnippets({ made, close }: { made: NewKey; close: () => void }) {
  const snippets = snippetsOf(made);
  const [language, setLanguage] = useState("curl");
  return (
    <Panel title={`The key of ${made.id}, shown only now`} aside={<CloseButton close={close} />}>
      <div className="flex flex-col gap-3 p-4">
        <div className="flex flex-wrap items-center gap-2">
          <code
            data-key
            tabIndex={0}
            className="min-w-0 flex-1 overflow-x-auto rounded-md bg-accent-wash px-2.5 py-1.5
              font-mono text-xs whitespace-nowrap text-ink"
          >
            {made.key}
          </code>
          <CopyButton text={made.key} label="Copy the key" />
        </div>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span role="group" aria-label="Language" className="flex flex-wrap">
            {Object.keys(snippets).map((name) => (
              <Button
                key={name}
                quiet
                aria-pressed={name === language}
                className="aria-pressed:bg-pressed aria-pressed:text-ink"
                onClick={() => setLanguage(name)}
              >
                {name}
              </Button>
            ))}
          </span>
          <CopyButton text={snippets[language]!} label="Copy" />
        </div>
        <pre
          tabIndex={0}
          aria-label={`Code: ${language}`}
          className="overflow-x-auto rounded-lg border border-line bg-ground p-3 font-mono text-xs"
        >
          {snippets[language]}
        </pre>
      </div>
    </Panel>
  );
}

function CloseButton({ close }: { close: () => void }) {
  return (
    <Button quiet onClick={close}>
      I have it
    </Button>
  );
}

function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <Button
      onBlur={() => setCopied(false)}
      onClick={() => {
        void navigator.clipboard?.writeText(text).then(() => setCopied(true));
      }}
    >
      {copied ? "Copied" : label}
    </Button>
  );
}
