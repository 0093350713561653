// Keys of programs: list, make, revoke; a new one with what can be pasted at once.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiKey, type NewKey, type Permission, access, keysQuery } from "../api/access";
import { rememberKey } from "../known_key";
import { dateWords } from "../numbers";
import { Button, Chip } from "../parts/controls";
import { Choice, Field, Refusal } from "../parts/fields";
import { KeySnippets } from "../parts/key_snippets";
import { Ago } from "../parts/live";
import { Panel } from "../parts/panels";
import { Empty, Failure, SkeletonRows } from "../parts/states";

const USES: Record<string, { scopes: Permission[]; words: string }> = {
  "send events": {
    scopes: ["ingest"],
    words: "A web page or an app may hold it: it sends events and does nothing else.",
  },
  "send events and read": {
    scopes: ["ingest", "read"],
    words: "For a server of yours. Keep it secret.",
  },
  read: { scopes: ["read"], words: "For a report or a chart elsewhere. Keep it secret." },
  "work on customers": {
    scopes: ["act"],
    words: "Reads, and works on actions and overrides. Keep it secret.",
  },
  "run the program": {
    scopes: ["operate"],
    words: "Also dead letters, models, tiers and alerts. Keep it secret.",
  },
  administer: {
    scopes: ["administer"],
    words: "Everything, users and keys too. Keep it very secret.",
  },
};
const LASTS: Record<string, number> = {
  "for ever": 0,
  "30 days": 30,
  "90 days": 90,
  "1 year": 365,
};
const DAY_MS = 86_400_000;

export function KeysTab() {
  const keys = useQuery(keysQuery);
  const [made, setMade] = useState<NewKey | null>(null);
  return (
    <>
      {made && <KeySnippets made={made} close={() => setMade(null)} />}
      <NewKeyPanel show={setMade} />
      <Panel title="Keys" reading={keys}>
        {keys.isPending && <SkeletonRows rows={3} className="h-12" />}
        {keys.isError && !keys.data && <Failure error={keys.error} retry={keys.refetch} />}
        {keys.data?.data.length === 0 && (
          <Empty title="No keys yet">A program shows a key to send events or to read.</Empty>
        )}
        <ul>
          {keys.data?.data.map((key) => (
            <KeyRow key={key.id} apiKey={key} />
          ))}
        </ul>
      </Panel>
    </>
  );
}

function NewKeyPanel({ show }: { show: (made: NewKey) => void }) {
  const client = useQueryClient();
  const [id, setId] = useState("");
  const [use, setUse] = useState("send events");
  const [lasts, setLasts] = useState("for ever");
  const create = useMutation({
    mutationFn: () => {
      const days = LASTS[lasts]!;
      const expires = days ? new Date(Date.now() + days * DAY_MS).toISOString() : undefined;
      return access.createKey({ id: id || undefined, scopes: USES[use]!.scopes, expires });
    },
    onSuccess: (made) => {
      setId("");
      if (made.scopes.includes("ingest") || made.scopes.includes("read")) rememberKey(made.key);
      show(made);
    },
    onSettled: () => void client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  return (
    <Panel title="New key">
      <form
        className="grid items-start gap-4 p-4 md:grid-cols-[1fr_14rem_9rem_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Field
          label="Name of the key and of the source"
          autoComplete="off"
          maxLength={128}
          placeholder="web-shop"
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
        <Choice
          label="It may"
          options={Object.keys(USES)}
          value={use}
          onChange={(event) => setUse(event.target.value)}
        />
        <Choice
          label="It lasts"
          options={Object.keys(LASTS)}
          value={lasts}
          onChange={(event) => setLasts(event.target.value)}
        />
        <Button type="submit" disabled={create.isPending} className="mt-[1.375rem] h-8">
          Make
        </Button>
        <p className="label md:col-span-4">{USES[use]!.words}</p>
        <div className="md:col-span-4">
          <Refusal error={create.error} />
        </div>
      </form>
    </Panel>
  );
}

function KeyRow({ apiKey: key }: { apiKey: ApiKey }) {
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const revoke = useMutation({
    mutationFn: () => access.revokeKey(key.id),
    onSettled: () => void client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const over = key.revoked || key.expired;
  return (
    <li className="border-b border-line px-4 py-2.5 last:border-b-0">
      <div
        className="grid items-center gap-x-4 gap-y-1
          md:grid-cols-[minmax(9rem,1.2fr)_8rem_minmax(0,1.2fr)_minmax(0,1fr)_auto]"
      >
        <bdi className={`name font-medium ${over ? "text-faint" : ""}`}>{key.id}</bdi>
        <code className="font-mono text-xs text-soft">{key.prefix}…</code>
        <span className="flex flex-wrap gap-1">
          {key.revoked && <Chip tone="bad">Revoked</Chip>}
          {!key.revoked && key.expired && <Chip tone="warn">Expired</Chip>}
          {!over && key.scopes.map((scope) => <Chip key={scope}>{scope}</Chip>)}
        </span>
        <span className="label truncate">
          {key.last_used ? (
            <>
              used <Ago time={key.last_used} />
            </>
          ) : (
            "never used"
          )}
          {key.expires && !over && `, until ${dateWords(key.expires)}`}
        </span>
        {!over && (
          <Button
            disabled={revoke.isPending}
            onBlur={() => setSure(false)}
            onClick={() => (sure ? revoke.mutate() : setSure(true))}
          >
            {sure ? "Revoke for good?" : "Revoke"}
          </Button>
        )}
      </div>
      <Refusal error={revoke.error} />
    </li>
  );
}
