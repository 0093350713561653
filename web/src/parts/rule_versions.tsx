// The versions of tiers and playbook: who saved them, how they differ from now, and the way back.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { RuleVersion } from "../api/client";
import { ruleVersionQuery, ruleVersionsQuery } from "../api/queries";
import { momentWords } from "../numbers";
import { type Book, type Difference, differences } from "../rules";
import { useUrlSearch } from "../url_search";
import { sentence } from "../words";
import { Button, Chip } from "./controls";
import { Panel } from "./panels";
import { Failure, SkeletonRows } from "./states";

type Version = Omit<RuleVersion, "book">;

export function RuleVersions({
  book,
  busy,
  restore,
}: {
  book: Book; // in force
  busy: boolean;
  restore: (version: number) => void;
}) {
  const { search, change } = useUrlSearch();
  const versions = useInfiniteQuery(ruleVersionsQuery);
  const rows = versions.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Panel title="Versions">
      {versions.isPending && <SkeletonRows rows={4} />}
      {versions.isError && !versions.data && (
        <Failure error={versions.error} retry={versions.refetch} />
      )}
      <ul>
        {rows.map((version) => (
          <li key={version.version} className="border-b border-line last:border-b-0">
            <VersionHead
              version={version}
              open={search.version === String(version.version)}
              toggle={() =>
                change({
                  version:
                    search.version === String(version.version)
                      ? undefined
                      : String(version.version),
                })
              }
            />
            {search.version === String(version.version) && (
              <Compared version={version} book={book} busy={busy} restore={restore} />
            )}
          </li>
        ))}
      </ul>
      {versions.hasNextPage && (
        <div className="border-t border-line px-4 py-2">
          <Button onClick={() => void versions.fetchNextPage()}>Earlier ones</Button>
        </div>
      )}
    </Panel>
  );
}

function VersionHead({
  version,
  open,
  toggle,
}: {
  version: Version;
  open: boolean;
  toggle: () => void;
}) {
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={toggle}
      className="flex min-h-11 w-full flex-wrap items-center gap-x-4 gap-y-0.5 px-4 py-1.5
        text-left hover:bg-hover"
    >
      <span className="w-20 font-medium">Version {version.version}</span>
      <span className="min-w-0 flex-1 truncate text-soft" dir="auto">
        {version.note ?? (version.version === 0 ? "The pack’s file" : "No note")}
      </span>
      <span className="label">
        {version.who?.startsWith("user:") && `${version.who.slice(5)}, `}
        {version.saved && momentWords(version.saved)}
      </span>
      {version.in_force && <Chip tone="good">In force</Chip>}
    </button>
  );
}

function Compared({
  version,
  book,
  busy,
  restore,
}: {
  version: Version;
  book: Book;
  busy: boolean;
  restore: (version: number) => void;
}) {
  const whole = useQuery(ruleVersionQuery(version.version));
  if (whole.isPending) return <SkeletonRows rows={2} />;
  if (whole.isError) return <Failure error={whole.error} retry={whole.refetch} />;
  const rows = differences(whole.data.book, book);
  return (
    <div className="bg-rail px-4 py-3">
      {rows.length === 0 ? (
        <p className="text-soft">The same as what is in force.</p>
      ) : (
        <Differences rows={rows} before={`Version ${version.version}`} after="In force" />
      )}
      {!version.in_force && rows.length > 0 && (
        <Button className="mt-3" disabled={busy} onClick={() => restore(version.version)}>
          Restore version {version.version}
        </Button>
      )}
    </div>
  );
}

export function Differences({
  rows,
  before,
  after,
}: {
  rows: readonly Difference[];
  before: string;
  after: string;
}) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Differences">
      <table className="w-full">
        <thead>
          <tr className="label">
            {["What", before, after].map((head) => (
              <th key={head} scope="col" className="h-7 pr-4 text-left font-normal">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.what} className="border-t border-line align-top">
              <th scope="row" className="py-1 pr-4 text-left font-normal whitespace-nowrap">
                {sentence(row.what)}
              </th>
              <td className="py-1 pr-4 font-mono text-xs text-soft">{row.before || "–"}</td>
              <td className="py-1 font-mono text-xs">{row.after || "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
