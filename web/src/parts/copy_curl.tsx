// The same figures from a terminal: copies the request behind a panel as curl.
import { useState } from "react";
import { knownKey } from "../known_key";
import { Icon } from "./icons";
import { say } from "./undo";

const COPIED_MS = 1500;

// In single quotes for a shell; a quote inside ends, escapes and begins again.
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function curlOf(path: string, accept?: string): string {
  const key = knownKey();
  const who = key ? ` -u ${quoted(`${key}:`)}` : ' -u "$TIDELINE_KEY:"';
  const as = accept ? ` -H ${quoted(`Accept: ${accept}`)}` : "";
  return `curl -s${who}${as} ${quoted(location.origin + path)}`;
}

// Says so when the browser does not let a page copy.
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    say({ text: "The browser did not let this page copy.", tone: "bad" });
    return false;
  }
}

export function CopyCurl({ path, accept }: { path: string; accept?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(curlOf(path, accept)))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <button
      type="button"
      aria-label={copied ? "Copied" : "Copy as curl"}
      title={`Copy as curl: ${path}`}
      onClick={() => void copy()}
      className="-m-1 grid size-6 place-items-center rounded text-faint hover:bg-hover
        hover:text-ink"
    >
      <Icon name={copied ? "check" : "terminal"} />
    </button>
  );
}
