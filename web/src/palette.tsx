// Search and commands: customers by id, screens, tiers, themes.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { api } from "./api/client";
import { packQuery } from "./api/queries";
import { Key, TierMark } from "./parts/controls";
import { Icon } from "./parts/icons";
import { SCREENS } from "./shell";
import { chooseTheme } from "./theme_choice";
import { inOrder, sentence } from "./words";

interface Command {
  id: string;
  group: string;
  text: string;
  show: ReactNode;
  run: () => void;
}

export function Palette({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <div className="fixed inset-0 z-30 bg-black/30" aria-hidden />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-40
          w-[min(600px,calc(100vw-2rem))] -translate-x-1/2 animate-rise overflow-hidden rounded-xl
          bg-panel shadow-float outline-none"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Commands close={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useCommands(text: string): Command[] {
  const navigate = useNavigate();
  const { data: pack } = useQuery(packQuery);
  const wanted = text.trim();
  const { data: found } = useQuery({
    queryKey: ["palette", wanted],
    queryFn: ({ signal }) => api.customers({ q: wanted }, 8, signal),
    enabled: wanted !== "",
    placeholderData: keepPreviousData,
  });
  const customers = (wanted === "" ? [] : (found?.data ?? [])).map((row): Command => ({
    id: `customer-${row.customer_id}`,
    group: "Customers",
    text: row.customer_id,
    show: (
      <>
        <span className="name">{row.customer_id}</span>
        <TierMark tier={row.tier} />
      </>
    ),
    run: () => void navigate({ to: "/customers/$id", params: { id: row.customer_id } }),
  }));
  const screens = SCREENS.map(({ to, label, icon, keys }): Command => ({
    id: `screen-${label}`,
    group: "Go to",
    text: label,
    show: (
      <>
        <span className="flex gap-2.5">
          <Icon name={icon} />
          {label}
        </span>
        <span className="flex gap-1">
          {keys.split(" ").map((k) => (
            <Key key={k}>{k}</Key>
          ))}
        </span>
      </>
    ),
    run: () => void navigate({ to }),
  }));
  const tiers = inOrder(pack?.tiers ?? []).map(({ tier }): Command => ({
    id: `tier-${tier}`,
    group: "Customers by tier",
    text: `Customers ${sentence(tier)}`,
    show: <TierMark tier={tier} />,
    run: () => void navigate({ to: "/customers", search: { tier } }),
  }));
  const themes = (["light", "dark", "system"] as const).map((choice): Command => ({
    id: `theme-${choice}`,
    group: "Theme",
    text: `Theme ${choice}`,
    show: <span>{sentence(choice)}</span>,
    run: () => chooseTheme(choice),
  }));
  const fixed = [...screens, ...tiers, ...themes].filter(({ text: words }) =>
    words.toLowerCase().includes(wanted.toLowerCase()),
  );
  return [...customers, ...fixed];
}

function Commands({ close }: { close: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const shown = useRef<HTMLDivElement>(null);
  const commands = useCommands(text);
  const index = Math.min(at, commands.length - 1);
  useEffect(() => {
    shown.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [index]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((index + step + commands.length) % Math.max(1, commands.length));
    else if (event.key === "Enter") run(commands[index]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4 text-faint">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={list}
          value={text}
          aria-activedescendant={commands[index] && `${list}-${index}`}
          onKeyDown={pressed}
          aria-label="Search and commands"
          placeholder="Find a customer or go somewhere…"
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          className="h-12 w-full bg-transparent text-base text-ink outline-none"
        />
        <Key>Esc</Key>
      </div>
      <div
        ref={shown}
        id={list}
        role="listbox"
        aria-label="Results"
        className="max-h-[min(420px,60vh)] overflow-y-auto p-2"
      >
        {commands.length === 0 && <p className="px-3 py-8 text-center text-soft">Nothing found</p>}
        {commands.map((command, i) => (
          <div key={command.id}>
            {commands[i - 1]?.group !== command.group && (
              <p aria-hidden className="label px-2.5 pt-2 pb-1">
                {command.group}
              </p>
            )}
            <div
              id={`${list}-${i}`}
              role="option"
              aria-selected={i === index}
              onPointerMove={() => setAt(i)}
              onClick={() => run(command)}
              className="flex h-9 items-center justify-between gap-4 rounded-md px-2.5
              aria-selected:bg-hover"
            >
              {command.show}
            </div>
          </div>
        ))}
      </div>
    </>
  );
}
