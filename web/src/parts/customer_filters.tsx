// Filters of the list of customers: tier, bounds of figures; and which columns are shown.
import { DropdownMenu, Popover } from "radix-ui";
import { useState } from "react";
import type { Pack, TierList } from "../api/client";
import { count } from "../numbers";
import type { Search } from "../routes";
import { inOrder, taskLabel } from "../words";
import { Button, TierMark } from "./controls";
import { optionalColumns } from "./customer_columns";
import { Icon } from "./icons";

type Change = (changes: Record<string, string | undefined>) => void;

export function TierFilter({
  tiers,
  chosen,
  choose,
}: {
  tiers: TierList | undefined;
  chosen: string | undefined;
  choose: (tier?: string) => void;
}) {
  const look = `flex h-8 items-center gap-1.5 px-2.5 whitespace-nowrap text-soft hover:bg-hover
    aria-pressed:bg-pressed aria-pressed:text-ink`;
  return (
    <div
      role="group"
      aria-label="Tier"
      className="flex max-w-full divide-x divide-line overflow-x-auto
      rounded-md border border-line-strong bg-panel"
    >
      <button type="button" aria-pressed={!chosen} className={look} onClick={() => choose()}>
        All
      </button>
      {inOrder(tiers?.data ?? []).map(({ tier, customers }) => (
        <button
          key={tier}
          type="button"
          aria-pressed={chosen === tier}
          className={look}
          onClick={() => choose(chosen === tier ? undefined : tier)}
        >
          <TierMark tier={tier} />
          <span className="text-faint">{count(customers)}</span>
        </button>
      ))}
    </div>
  );
}

const BOUND = /^(.+)\[(gte|lte)\]$/;
const MENU = `z-40 min-w-56 animate-rise rounded-lg bg-panel p-1.5 shadow-float`;

// Bounds are typed as people read them: a probability in percent.
export function FigureFilters({
  pack,
  search,
  change,
}: {
  pack: Pack | undefined;
  search: Search;
  change: Change;
}) {
  const [shown, setShown] = useState(false);
  const bounds = Object.keys(search).filter((key) => BOUND.test(key) && search[key]);
  return (
    <>
      {bounds.map((key) => {
        const [, name = "", sign] = BOUND.exec(key)!;
        const task = pack?.tasks.find((known) => known.task === name);
        const value = Number(search[key]);
        const shown =
          task?.kind === "probability" ? `${+(100 * value).toFixed(2)} %` : String(value);
        return (
          <Button
            key={key}
            className="h-8 bg-accent-wash"
            aria-label={`Remove filter ${taskLabel(name)}`}
            onClick={() => change({ [key]: undefined })}
          >
            {taskLabel(name)} {sign === "gte" ? "≥" : "≤"} {shown}
            <Icon name="close" />
          </Button>
        );
      })}
      <Popover.Root open={shown} onOpenChange={setShown}>
        <Popover.Trigger asChild>
          <Button className="h-8">
            <Icon name="filter" />
            Filter
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content align="end" sideOffset={6} aria-label="Filter" className={MENU}>
            <FilterForm
              pack={pack}
              change={(changes) => {
                setShown(false);
                change(changes);
              }}
            />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </>
  );
}

function FilterForm({ pack, change }: { pack: Pack | undefined; change: Change }) {
  const [name, setName] = useState(pack?.tasks[0]?.task ?? "");
  const [sign, setSign] = useState("gte");
  const [value, setValue] = useState("");
  const task = pack?.tasks.find((known) => known.task === name);
  const isShare = task?.kind === "probability";
  const number = Number(value);
  const field = "h-8 rounded-md border border-line-strong bg-panel px-2";
  const usable = value.trim() !== "" && Number.isFinite(number);
  const apply = () =>
    change({ [`${name}[${sign}]`]: String(isShare ? +(number / 100).toFixed(6) : number) });
  return (
    <div className="flex flex-col gap-2 p-2">
      <select
        aria-label="Figure"
        className={field}
        value={name}
        onChange={(event) => setName(event.target.value)}
      >
        {pack?.tasks.map((known) => (
          <option key={known.task} value={known.task}>
            {taskLabel(known.task)}
          </option>
        ))}
      </select>
      <div className="flex items-center gap-2">
        <select
          aria-label="At least or at most"
          className={field}
          value={sign}
          onChange={(event) => setSign(event.target.value)}
        >
          <option value="gte">at least</option>
          <option value="lte">at most</option>
        </select>
        <input
          aria-label="Bound"
          inputMode="decimal"
          className={`${field} w-20 text-right`}
          value={value}
          onChange={(event) => setValue(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && usable) apply();
          }}
        />
        <span className="w-4 text-faint">{isShare ? "%" : ""}</span>
      </div>
      <Button strong disabled={!usable} className="justify-center" onClick={apply}>
        Add filter
      </Button>
    </div>
  );
}

export function ColumnsMenu({
  pack,
  hidden,
  change,
}: {
  pack: Pack | undefined;
  hidden: string;
  change: (hide: string | undefined) => void;
}) {
  const gone = hidden.split(",").filter(Boolean);
  const toggle = (name: string) => {
    const next = gone.includes(name) ? gone.filter((other) => other !== name) : [...gone, name];
    change(next.length > 0 ? next.join(",") : undefined);
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button className="h-8">
          <Icon name="columns" />
          Columns
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className={MENU}>
          {optionalColumns(pack).map(({ id: name, label }) => (
            <DropdownMenu.CheckboxItem
              key={name}
              checked={!gone.includes(name)}
              onCheckedChange={() => toggle(name)}
              onSelect={(event) => event.preventDefault()}
              className="flex h-8 items-center gap-2 rounded-md pr-3 pl-8 outline-none
              data-highlighted:bg-hover relative"
            >
              <DropdownMenu.ItemIndicator className="absolute left-2.5 text-accent">
                ✓
              </DropdownMenu.ItemIndicator>
              {label}
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
