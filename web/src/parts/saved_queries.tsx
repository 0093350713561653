// Queries that people keep: take one, save the one at hand, remove one.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type SqlTable, sql } from "../api/sql";
import { Button } from "./controls";
import { Icon } from "./icons";
import { Panel } from "./panels";
import { SkeletonRows } from "./states";

export function SavedQueries({ text, take }: { text: string; take: (query: string) => void }) {
  const client = useQueryClient();
  const saved = useQuery({ queryKey: ["queries"], queryFn: ({ signal }) => sql.queries(signal) });
  const changed = () => client.invalidateQueries({ queryKey: ["queries"] });
  const save = useMutation({
    mutationFn: (name: string) => sql.save(name, text),
    onSuccess: changed,
  });
  const remove = useMutation({ mutationFn: sql.remove, onSuccess: changed });
  const failure = save.error ?? remove.error;
  return (
    <Panel title="Saved queries">
      <NameForm disabled={text.trim() === "" || save.isPending} save={save.mutate} />
      {failure && (
        <p role="alert" className="px-4 py-2 text-bad">
          {failure.message}
        </p>
      )}
      {saved.isPending && <SkeletonRows rows={2} />}
      {saved.data?.length === 0 && <p className="px-4 py-3 text-soft">None yet.</p>}
      <ul>
        {saved.data?.map((query) => (
          <li
            key={query.id}
            className="flex items-center border-b border-line last:border-b-0 hover:bg-hover"
          >
            <button
              type="button"
              title={query.query}
              onClick={() => take(query.query)}
              className="name min-w-0 flex-1 px-4 py-2 text-left"
            >
              {query.name}
            </button>
            <button
              type="button"
              aria-label={`Remove ${query.name}`}
              onClick={() => remove.mutate(query.id)}
              className="mr-2 rounded p-1 text-faint hover:text-ink"
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NameForm({ disabled, save }: { disabled: boolean; save: (name: string) => void }) {
  const [name, setName] = useState("");
  return (
    <form
      className="flex gap-2 border-b border-line p-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        save(name.trim());
        setName("");
      }}
    >
      <input
        value={name}
        onChange={(event) => setName(event.target.value)}
        aria-label="Name of the query"
        placeholder="Name this query"
        maxLength={100}
        className="h-7 min-w-0 flex-1 rounded-md border border-line-strong bg-panel px-2"
      />
      <Button type="submit" disabled={disabled || name.trim() === ""}>
        Save
      </Button>
    </form>
  );
}

export function Views({
  tables,
  take,
}: {
  tables: readonly SqlTable[];
  take: (query: string) => void;
}) {
  return (
    <Panel title="Views">
      {tables.map((table) => (
        <details key={table.name} className="border-b border-line last:border-b-0">
          <summary className="cursor-default px-4 py-2 hover:bg-hover">
            {table.name}
            <span className="label ml-2">{table.columns.length} columns</span>
          </summary>
          <dl className="px-4 pb-2">
            {table.columns.map((column) => (
              <div key={column.name} className="flex justify-between gap-3 py-0.5 text-xs">
                <dt className="name font-mono">{column.name}</dt>
                <dd className="text-faint">{column.type.toLowerCase()}</dd>
              </div>
            ))}
          </dl>
          <div className="px-4 pb-3">
            <Button quiet onClick={() => take(`select * from ${table.name} limit 100`)}>
              First 100 rows
            </Button>
          </div>
        </details>
      ))}
    </Panel>
  );
}
