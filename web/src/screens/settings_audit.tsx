// Who did what, newest first.
import { useInfiniteQuery } from "@tanstack/react-query";
import { type AuditEntry, auditQuery } from "../api/access";
import { momentWords } from "../numbers";
import { Button, Chip } from "../parts/controls";
import { Panel } from "../parts/panels";
import { Empty, Failure, SkeletonRows } from "../parts/states";
import { sentence } from "../words";

export function AuditTab() {
  const audit = useInfiniteQuery(auditQuery);
  const entries = audit.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Panel title="Audit log" reading={audit}>
      {audit.isPending && <SkeletonRows rows={8} />}
      {audit.isError && !audit.data && <Failure error={audit.error} retry={audit.refetch} />}
      {audit.data && entries.length === 0 && (
        <Empty title="Nothing yet">
          Logins, users, keys and changes of the program come here.
        </Empty>
      )}
      {entries.length > 0 && <Entries entries={entries} />}
      {audit.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button
            quiet
            disabled={audit.isFetchingNextPage}
            onClick={() => void audit.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
      <p className="label border-t border-line px-4 py-2.5">
        Each entry holds the hash of the one before; <code>tideline verify</code> checks them all.
      </p>
    </Panel>
  );
}

const HEADS = ["Number", "When", "Who", "What", "On what", "Outcome"];

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Audit log, table">
      <table className="w-full">
        <thead>
          <tr className="label border-b border-line text-left">
            {HEADS.map((head) => (
              <th key={head} scope="col" className="h-8 px-4 font-normal">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.number} className="h-9 border-b border-line last:border-b-0">
              <td className="px-4 text-faint">{entry.number}</td>
              <td className="px-4 whitespace-nowrap text-soft">{momentWords(entry.time)}</td>
              <td className="px-4">
                <bdi className="name block max-w-56" title={entry.role ?? undefined}>
                  {entry.who.replace(":", " ")}
                </bdi>
              </td>
              <td className="px-4 whitespace-nowrap">{sentence(entry.what)}</td>
              <td className="px-4 text-soft">
                <bdi className="name block max-w-64" title={entry.target ?? undefined}>
                  {entry.target ?? "–"}
                </bdi>
              </td>
              <td className="px-4 whitespace-nowrap">
                {entry.outcome === "done" ? (
                  <span className="text-soft">Done</span>
                ) : (
                  <Chip tone="warn">{sentence(entry.outcome)}</Chip>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
