// Tiers and playbook: rules to be changed, what a change would do, and the versions there were.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Pack, type Rules, api } from "../api/client";
import { packQuery, rulesQuery } from "../api/queries";
import { count, momentWords } from "../numbers";
import { Button } from "../parts/controls";
import { Freshness } from "../parts/live";
import { Panel, Screen } from "../parts/panels";
import { Playbook } from "../parts/playbook";
import { Differences, RuleVersions } from "../parts/rule_versions";
import { Failure, SkeletonRows } from "../parts/states";
import { TierMatrix } from "../parts/tier_matrix";
import { TierPlane } from "../parts/tier_plane";
import { TierRules } from "../parts/tier_rules";
import { useUndoable } from "../parts/undo";
import { type Book, differences } from "../rules";
import { useUrlSearch } from "../url_search";

const PAUSE_MS = 200; // of typing, before a preview is asked for
const CHANGES = [["rules"], ["rule-versions"], ["tiers"], ["pack"], ["overview"]] as const;
const TABS = [
  { tab: "tiers", label: "Tiers" },
  { tab: "playbook", label: "Playbook" },
  { tab: "versions", label: "Versions" },
] as const;

export function RulesScreen() {
  const rules = useQuery(rulesQuery);
  const { data: pack } = useQuery(packQuery);
  return (
    <Screen title="Tiers and playbook" aside={<Freshness of={rules} />}>
      {rules.isError && !rules.data ? (
        <div className="panel">
          <Failure error={rules.error} retry={rules.refetch} />
        </div>
      ) : rules.data && pack ? (
        <Desk rules={rules.data} pack={pack} />
      ) : (
        <div className="panel">
          <SkeletonRows rows={10} className="h-12" />
        </div>
      )}
    </Screen>
  );
}

// A draft outlives a look at another screen.
let draftKept: { basedOn: number; book: Book } | null = null;

function useDraft(rules: Rules) {
  const [draft, setDraft] = useState<Book | null>(
    draftKept && draftKept.basedOn === rules.newest ? draftKept.book : null,
  );
  const set = (book: Book | null) => {
    draftKept = book && { basedOn: rules.newest, book };
    setDraft(book);
  };
  return { book: draft ?? rules.book, edited: draft, set };
}

function Desk({ rules, pack }: { rules: Rules; pack: Pack }) {
  const { search, change } = useUrlSearch();
  const tab = TABS.find((known) => known.tab === search.tab)?.tab ?? "tiers";
  const draft = useDraft(rules);
  const { preview, mistakes } = usePreview(draft.book, tab === "playbook" ? "plays" : "tiers");
  const saving = useSaving(rules, () => draft.set(null));
  const restoring = useUndoable<{ version: number; before: number }>({
    run: ({ version }) => api.restoreRules(version, rules.newest),
    back: ({ before }) => backTo(before),
    said: ({ version }) => `Version ${version} is in force again.`,
    changes: CHANGES,
  });
  return (
    <>
      {rules.problem && <p role="status" className="text-warn">{rules.problem}</p>}
      <div role="group" aria-label="Part" className="-mt-1 flex gap-1">
        {TABS.map((known) => (
          <Button
            key={known.tab}
            quiet
            aria-pressed={tab === known.tab}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => change({ tab: known.tab === "tiers" ? undefined : known.tab })}
          >
            {known.label}
          </Button>
        ))}
        <span className="label ml-auto self-center">
          {rules.version === 0
            ? "As in the pack’s file"
            : `Version ${rules.version}, saved ${momentWords(rules.saved!)}`}
        </span>
      </div>
      {tab === "tiers" && (
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)]">
          <TierRules book={draft.book} change={draft.set} pack={pack} mistakes={mistakes} />
          <TierPreview preview={preview.data?.tiers} failed={preview.error} pack={pack} />
        </div>
      )}
      {tab === "playbook" && (
        <Playbook
          book={draft.book}
          change={draft.set}
          preview={preview.data?.plays}
          mistakes={mistakes}
          currency={pack.currency}
        />
      )}
      {tab === "versions" && (
        <RuleVersions
          book={rules.book}
          busy={restoring.busy}
          restore={(version) => restoring.do({ version, before: rules.version })}
        />
      )}
      {draft.edited && tab !== "versions" && (
        <SaveBar
          rules={rules}
          book={draft.edited}
          blocked={mistakes.length > 0 || preview.isFetching}
          busy={saving.busy}
          discard={() => draft.set(null)}
          save={(note) => saving.do({ book: draft.edited!, note, before: rules.version })}
        />
      )}
    </>
  );
}

const backTo = async (version: number) =>
  api.restoreRules(version, (await api.rules()).newest);

function useSaving(rules: Rules, saved: () => void) {
  return useUndoable<{ book: Book; note: string; before: number }>({
    run: async ({ book, note }) => {
      await api.saveRules(book, note, rules.newest);
      saved();
    },
    back: ({ before }) => backTo(before),
    said: () => `Saved as version ${rules.newest + 1}. Everybody is judged by it now.`,
    changes: CHANGES,
  });
}

// What the draft would do, asked for once typing pauses.
function usePreview(book: Book, of: "tiers" | "plays") {
  const [settled, setSettled] = useState(book);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(book), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [book]);
  const preview = useQuery({
    queryKey: ["rule-preview", of, settled],
    queryFn: ({ signal }) => api.previewRules(settled, of, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 60_000,
  });
  return { preview, mistakes: preview.data?.mistakes ?? [] };
}

function TierPreview({
  preview,
  failed,
  pack,
}: {
  preview: Awaited<ReturnType<typeof api.previewRules>>["tiers"] | undefined;
  failed: Error | null;
  pack: Pack;
}) {
  return (
    <Panel title="What this would do" className="xl:sticky xl:top-4">
      {failed && <p role="alert" className="px-4 py-3 text-bad">{failed.message}</p>}
      {preview ? (
        <>
          <TierMatrix preview={preview} />
          {preview.plane && (
            <div className="border-t border-line">
              <TierPlane
                plane={preview.plane}
                tiers={pack.tiers.map(({ tier }) => tier)}
                tasks={pack.tasks}
              />
            </div>
          )}
        </>
      ) : (
        !failed && <p className="px-4 py-6 text-center text-soft">Mend the mistake to see it.</p>
      )}
    </Panel>
  );
}

function SaveBar({
  rules,
  book,
  blocked,
  busy,
  discard,
  save,
}: {
  rules: Rules;
  book: Book;
  blocked: boolean;
  busy: boolean;
  discard: () => void;
  save: (note: string) => void;
}) {
  const [note, setNote] = useState("");
  const rows = differences(rules.book, book);
  return (
    <section
      aria-label="Draft"
      className="panel sticky bottom-16 z-10 shadow-float md:bottom-4"
    >
      <details>
        <summary className="flex min-h-10 cursor-default items-center px-4 font-medium">
          Draft: {rows.length === 0 ? "no change" : `${count(rows.length)} changes`}
        </summary>
        <div className="max-h-60 overflow-y-auto border-t border-line px-4 py-2">
          <Differences rows={rows} before="In force" after="Draft" />
        </div>
      </details>
      <form
        className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2"
        onSubmit={(event) => {
          event.preventDefault();
          save(note);
        }}
      >
        <input
          aria-label="Note"
          placeholder="Why, for those who come after"
          value={note}
          maxLength={200}
          onChange={(event) => setNote(event.target.value)}
          className="h-8 min-w-40 flex-1 rounded-md border border-line-strong bg-ground px-2.5"
        />
        <Button className="h-8" onClick={discard}>
          Discard
        </Button>
        <Button
          strong
          type="submit"
          className="h-8"
          disabled={blocked || busy || rows.length === 0}
        >
          Save as version {rules.newest + 1}
        </Button>
      </form>
    </section>
  );
}
