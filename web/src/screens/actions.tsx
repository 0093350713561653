// Actions: the inbox, what to do first, and what doing it changes.
import { type UseInfiniteQueryResult, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Action, type ActionPage, actionsCsv } from "../api/client";
import { actionQuery, actionsQuery, packQuery } from "../api/queries";
import { useKeys } from "../keys";
import { count, fixed, percent } from "../numbers";
import { ActionAsk } from "../parts/action_asks";
import {
  ActionButtons,
  ActionHistory,
  ActionState,
  Measured,
  PriorityChip,
} from "../parts/action_card";
import { ActionFilters } from "../parts/action_filters";
import { ActionList } from "../parts/action_list";
import { type Step, useActionSteps } from "../parts/action_steps";
import { Button, TierMark } from "../parts/controls";
import { Drivers } from "../parts/drivers";
import { EffectPanel } from "../parts/effect";
import { Icon } from "../parts/icons";
import { Freshness } from "../parts/live";
import { Fact, Screen } from "../parts/panels";
import { Empty, Failure, SkeletonRows } from "../parts/states";
import { say } from "../parts/undo";
import { useUrlSearch } from "../url_search";
import { sentence } from "../words";

const FILTERS = ["status", "priority", "owner", "play", "tier", "q", "sort"];

export function ActionsScreen() {
  const { search, change } = useUrlSearch();
  const isEffect = search.view === "effect";
  const view = (name: string, words: string) => (
    <Button
      quiet
      aria-pressed={(name === "effect") === isEffect}
      className="h-8 aria-pressed:bg-pressed aria-pressed:text-ink"
      onClick={() => change({ view: name === "effect" ? name : undefined })}
    >
      {words}
    </Button>
  );
  return (
    <Screen
      title="Actions"
      fill={!isEffect}
      aside={
        <div role="group" aria-label="View" className="flex">
          {view("inbox", "Inbox")}
          {view("effect", "Effect")}
        </div>
      }
    >
      {isEffect ? <EffectPanel /> : <Inbox />}
    </Screen>
  );
}

type Listed = UseInfiniteQueryResult<{ pages: ActionPage[] }>;

function Inbox() {
  const { search, change } = useUrlSearch();
  const asked = Object.fromEntries(
    FILTERS.filter((key) => search[key]).map((key) => [key, search[key]!]),
  );
  const list = useInfiniteQuery(actionsQuery(asked)) as Listed;
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const { chosen, choose, clear } = useChosen(rows);
  const [ask, setAsk] = useState<Step>();
  const { take } = useActionSteps();
  const at = rows.findIndex((row) => row.id === search.open);
  const picked = rows.filter((row) => chosen.has(row.id));
  const subjects = picked.length > 0 ? picked : at >= 0 ? [rows[at]!] : [];
  const open = (id: string | undefined) => change({ open: id });
  const step = (name: Step) => {
    if (subjects.length === 0) return;
    if (name !== "done") return setAsk(name);
    take({ step: "done", actions: subjects });
    if (picked.length > 0) clear();
    else open((rows[at + 1] ?? rows[at - 1])?.id);
  };
  useInboxKeys({ rows, at, open, choose, step });
  return (
    <>
      <ActionFilters
        search={search}
        change={change}
        counts={list.data?.pages[0]?.counts}
        plays={rows.map((row) => row.play)}
        aside={<CsvButton asked={asked} />}
      />
      <div
        className="grid min-h-0 flex-1 gap-4 lg:grid-cols-[minmax(0,1.1fr)_minmax(360px,1fr)]
        lg:overflow-hidden"
      >
        <section aria-label="Inbox" className="panel flex min-h-0 min-w-0 flex-col">
          <ListHead list={list} rows={rows} picked={picked} step={step} clear={clear} />
          <div
            className="min-h-0 flex-1 overflow-y-auto"
            tabIndex={0}
            role="region"
            aria-label="Actions, list"
          >
            <Rows
              list={list}
              rows={rows}
              opened={search.open}
              chosen={chosen}
              open={open}
              choose={choose}
              filtered={Object.keys(asked).length > 0}
            />
          </div>
        </section>
        <Detail id={search.open} close={() => open(undefined)} />
      </div>
      <ActionAsk
        step={ask}
        actions={subjects}
        take={(given) => {
          take(given);
          clear();
        }}
        close={() => setAsk(undefined)}
      />
    </>
  );
}

function useChosen(rows: readonly Action[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = new Set(rows.filter((row) => ids.has(row.id)).map((row) => row.id));
  return {
    chosen,
    choose: (id: string) => {
      const next = new Set(chosen);
      if (!next.delete(id)) next.add(id);
      setIds(next);
    },
    clear: () => setIds(new Set()),
  };
}

function useInboxKeys({
  rows,
  at,
  open,
  choose,
  step,
}: {
  rows: readonly Action[];
  at: number;
  open: (id: string | undefined) => void;
  choose: (id: string) => void;
  step: (name: Step) => void;
}) {
  const go = (to: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (row) open(row.id);
  };
  useKeys({
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => {
      if (rows[at]) choose(rows[at].id);
    },
    e: () => step("done"),
    s: () => step("snooze"),
    a: () => step("assign"),
    d: () => step("dismiss"),
    Escape: () => open(undefined),
  });
}

function ListHead({
  list,
  rows,
  picked,
  step,
  clear,
}: {
  list: Listed;
  rows: readonly Action[];
  picked: readonly Action[];
  step: (name: Step) => void;
  clear: () => void;
}) {
  return (
    <header
      className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5"
    >
      {picked.length > 0 ? (
        <>
          <span className="font-medium">{count(picked.length)} selected</span>
          <Button onClick={() => step("done")}>Done</Button>
          <Button onClick={() => step("snooze")}>Snooze…</Button>
          <Button onClick={() => step("assign")}>Assign…</Button>
          <Button onClick={() => step("dismiss")}>Dismiss…</Button>
          <Button quiet className="ml-auto" onClick={clear}>
            Clear
          </Button>
        </>
      ) : (
        <>
          <h2 className="font-medium">Inbox</h2>
          <span className="label">
            {rows.length > 0 && `${count(rows.length)}${list.hasNextPage ? " and more" : ""}`}
          </span>
          <span className="ml-auto">
            <Freshness of={list} />
          </span>
        </>
      )}
    </header>
  );
}

function Rows({
  list,
  filtered,
  ...rest
}: { list: Listed; filtered: boolean } & React.ComponentProps<typeof ActionList>) {
  if (list.isPending) return <SkeletonRows rows={8} className="h-16" />;
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  if (rest.rows.length === 0) {
    return filtered ? (
      <Empty title="Nothing fits these filters" />
    ) : (
      <Empty title="Nothing to do">
        What the playbook recommends comes here, the most urgent first.
      </Empty>
    );
  }
  return (
    <>
      <ActionList {...rest} />
      {list.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button
            quiet
            disabled={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

function Detail({ id, close }: { id: string | undefined; close: () => void }) {
  const action = useQuery(actionQuery(id ?? ""));
  if (!id) {
    return (
      <section aria-label="Action" className="panel hidden lg:block">
        <Empty title="Choose an action">
          With j and k one goes through them, e is done, s snoozes, x selects.
        </Empty>
      </section>
    );
  }
  return (
    <section aria-label="Action" className="panel min-h-0 overflow-y-auto">
      {action.isPending && <SkeletonRows rows={8} />}
      {action.isError && !action.data && <Failure error={action.error} retry={action.refetch} />}
      {action.data && <DetailOf key={action.data.id} action={action.data} close={close} />}
    </section>
  );
}

function DetailOf({ action, close }: { action: Action; close: () => void }) {
  const { data: pack } = useQuery(packQuery);
  return (
    <>
      <header className="flex min-h-11 items-center gap-2 border-b border-line pr-2 pl-4">
        <PriorityChip priority={action.priority} />
        <h2 className="font-medium">{sentence(action.play)}</h2>
        <button
          type="button"
          aria-label="Close"
          onClick={close}
          className="ml-auto rounded-md p-1 text-soft hover:bg-hover"
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="flex flex-col gap-3 border-b border-line p-4">
        <p dir="auto" className="text-base">
          {action.sentence}
        </p>
        <ActionState action={action} />
        <Measured action={action} />
        <ActionButtons action={action} />
      </div>
      <dl>
        <Fact label="Customer">
          <Link
            to="/customers/$id"
            params={{ id: action.customer_id }}
            className="name block max-w-60 font-medium text-accent hover:underline"
          >
            <bdi>{action.customer_id}</bdi>
          </Link>
        </Fact>
        <Fact label="Tier">
          <TierMark tier={action.tier} />
        </Fact>
        <Fact label="Risk of leaving">{percent(action.risk)}</Fact>
        <Fact label="Health">{fixed(action.health, 1)}</Fact>
        {action.channel && <Fact label="Channel">{sentence(action.channel)}</Fact>}
        {action.expected_cost > 0 && (
          <Fact label="Expected cost">
            {count(action.expected_cost)} {pack?.currency ?? ""}
          </Fact>
        )}
      </dl>
      <div className="border-y border-line p-4">
        <h3 className="label mb-2">History</h3>
        <ActionHistory action={action} />
      </div>
      <div className="p-4">
        <Drivers id={action.customer_id} pack={pack} />
      </div>
    </>
  );
}

function CsvButton({ asked }: { asked: Record<string, string> }) {
  const download = async () => {
    try {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await actionsCsv(asked));
      link.download = "actions.csv";
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) {
      say({ text: String((error as Error).message), tone: "bad" });
    }
  };
  return (
    <Button className="h-8" onClick={() => void download()}>
      <Icon name="download" />
      CSV
    </Button>
  );
}
