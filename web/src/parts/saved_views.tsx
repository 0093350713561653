// Views of the list that people kept: filters, order and columns under a name.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Popover } from "radix-ui";
import { useState } from "react";
import { type Search, type View, api } from "../api/client";
import { viewsQuery } from "../api/queries";
import { Button, Chip } from "./controls";
import { Icon } from "./icons";
import { Failure } from "./states";
import { useUndoable } from "./undo";

const MENU = "z-40 w-72 animate-rise rounded-lg bg-panel p-1.5 shadow-float";

const same = (a: Search, b: Search) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

interface ViewsProps {
  // What stands in the URL now.
  search: Search;
  open: (search: Search) => void;
}

export function SavedViews({ search, open }: ViewsProps) {
  const [shown, setShown] = useState(false);
  const views = useQuery(viewsQuery);
  const show = (wanted: Search) => {
    setShown(false);
    open(wanted);
  };
  const current = views.data?.data.find((view) => same(view.search, search));
  return (
    <Popover.Root open={shown} onOpenChange={setShown}>
      <Popover.Trigger asChild>
        <Button className="h-8 max-w-48">
          <Icon name="bookmark" />
          <span className="name">{current?.name ?? "Views"}</span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="end" sideOffset={6} aria-label="Views" className={MENU}>
          {views.isError && !views.data && (
            <Failure error={views.error} retry={() => void views.refetch()} />
          )}
          <ul aria-label="Views">
            {views.data?.data.map((view) => (
              <ViewLine key={view.id} view={view} current={view.id === current?.id} open={show} />
            ))}
          </ul>
          {views.data?.data.length === 0 && (
            <p className="px-2.5 py-3 text-soft">
              No views yet. Set filters, order and columns, then save them under a name.
            </p>
          )}
          <SaveView search={search} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ViewLine({
  view,
  current,
  open,
}: {
  view: View;
  current: boolean;
  open: (search: Search) => void;
}) {
  const client = useQueryClient();
  const remove = useUndoable<View>({
    run: ({ id }) => api.deleteView(id),
    said: ({ name }) => `The view “${name}” is deleted.`,
    changes: [viewsQuery.queryKey],
    patch: ({ id }) =>
      client.setQueryData(
        viewsQuery.queryKey,
        (known) => known && { ...known, data: known.data.filter((other) => other.id !== id) },
      ),
  });
  return (
    <li className="flex items-center gap-1">
      <button
        type="button"
        aria-pressed={current}
        onClick={() => open(view.search)}
        className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-2.5 text-left
          hover:bg-hover aria-pressed:font-medium"
      >
        <span dir="auto" className="name flex-1">
          {view.name}
        </span>
        {view.shared && <Chip>Shared</Chip>}
      </button>
      {view.own && (
        <button
          type="button"
          aria-label={`Delete the view ${view.name}`}
          onClick={() => remove.do(view)}
          className="grid size-8 place-items-center rounded-md text-faint hover:bg-hover
            hover:text-ink"
        >
          <Icon name="trash" />
        </button>
      )}
    </li>
  );
}

function SaveView({ search }: { search: Search }) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useUndoable<{ id?: string }>({
    run: async (made) => {
      const view = { name: name.trim(), screen: "customers", search, shared };
      made.id = (await api.saveView(view)).id;
      setName("");
    },
    back: async ({ id }) => id && api.deleteView(id),
    said: () => `The view “${name.trim()}” is saved.`,
    changes: [viewsQuery.queryKey],
  });
  const usable = name.trim() !== "" && !save.busy;
  return (
    <div className="mt-1.5 flex flex-col gap-2 border-t border-line p-2 pt-3">
      <div className="flex gap-2">
        <input
          aria-label="Name of the view"
          placeholder="Save this view as…"
          maxLength={60}
          dir="auto"
          value={name}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && usable) save.do({});
          }}
          className="h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-panel px-2"
        />
        <Button strong className="h-8" disabled={!usable} onClick={() => save.do({})}>
          Save
        </Button>
      </div>
      <label className="flex items-center gap-2 text-soft">
        <input
          type="checkbox"
          checked={shared}
          onChange={(event) => setShared(event.target.checked)}
          className="accent-(--accent)"
        />
        For everybody
      </label>
    </div>
  );
}
