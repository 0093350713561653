// Explore: SQL over the lake. The query stands in the URL; one that runs can be cancelled.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Problem } from "../api/client";
import { type SqlResult, errorPlace, sql } from "../api/sql";
import { Button, Key } from "../parts/controls";
import { Icon } from "../parts/icons";
import { Panel, Screen } from "../parts/panels";
import { QuickChart, chartOf } from "../parts/quick_chart";
import { SavedQueries, Views } from "../parts/saved_queries";
import { SqlEditor } from "../parts/sql_editor";
import { SqlResultTable } from "../parts/sql_result";
import { Empty, SkeletonRows } from "../parts/states";
import { useUrlSearch } from "../url_search";
import { count, momentWords } from "../numbers";

const FIRST =
  "select event, count(*) as events\nfrom events\ngroup by event\norder by events desc";

interface Run {
  id: string;
  query: string;
  abort: AbortController;
}

// One query at a time: a new one takes the place of the one that runs.
function useSql() {
  const [running, setRunning] = useState<Run | null>(null);
  const [result, setResult] = useState<{ query: string; result: SqlResult } | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const current = useRef<Run | null>(null);
  const stop = () => {
    const run = current.current;
    current.current = null;
    setRunning(null);
    if (!run) return;
    run.abort.abort();
    void sql.cancel(run.id);
  };
  const start = async (query: string) => {
    stop();
    const id = crypto.getRandomValues(new Uint32Array(3)).join("-");
    const run = { id, query, abort: new AbortController() };
    current.current = run;
    setRunning(run);
    setFailure(null);
    try {
      const answer = await sql.run(query, run.id, run.abort.signal);
      if (current.current === run) setResult({ query, result: answer });
    } catch (error) {
      if (current.current === run) setFailure(error as Error);
    }
    if (current.current !== run) return;
    current.current = null;
    setRunning(null);
  };
  useEffect(() => stop, []);
  return { running: running !== null, result, failure, start, stop };
}

export function ExploreScreen() {
  const { search, change } = useUrlSearch();
  const [text, setText] = useState(search.q ?? FIRST);
  const { running, result, failure, start, stop } = useSql();
  const tables = useQuery({
    queryKey: ["sql-tables"],
    queryFn: ({ signal }) => sql.tables(signal),
    staleTime: Infinity,
  });
  const run = (query: string) => {
    if (query.trim() === "") return;
    change({ q: query });
    void start(query);
  };
  const take = (query: string) => {
    setText(query);
    run(query);
  };
  useEffect(() => {
    if (search.q) void start(search.q);
  }, []);
  const place = failure instanceof Problem ? errorPlace(failure.message) : null;
  return (
    <Screen title="Explore">
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_260px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel
            title="Query"
            aside={<RunButtons running={running} run={() => run(text)} stop={stop} />}
          >
            <SqlEditor
              text={text}
              change={setText}
              run={() => run(text)}
              tables={tables.data ?? []}
              place={place}
            />
            {failure && <FailureWords failure={failure} />}
          </Panel>
          {running && !result && (
            <Panel title="Result">
              <SkeletonRows rows={6} />
            </Panel>
          )}
          {result && <Answer {...result} stale={running || failure !== null} />}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <SavedQueries text={text} take={take} />
          {tables.data && <Views tables={tables.data} take={take} />}
        </div>
      </div>
    </Screen>
  );
}

function RunButtons(props: { running: boolean; run: () => void; stop: () => void }) {
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className="hidden gap-1 sm:flex">
        <Key>Ctrl</Key>
        <Key>Enter</Key>
      </span>
      {props.running ? (
        <Button onClick={props.stop}>Cancel</Button>
      ) : (
        <Button strong onClick={props.run}>
          Run
        </Button>
      )}
    </span>
  );
}

function FailureWords({ failure }: { failure: Error }) {
  return (
    <p
      role="alert"
      className="border-t border-line bg-bad-wash px-4 py-2 font-mono text-xs
      whitespace-pre-wrap text-bad"
    >
      {failure.message}
    </p>
  );
}

function Answer(props: { query: string; result: SqlResult; stale: boolean }) {
  const { query, result, stale } = props;
  const [chart, setChart] = useState(false);
  const words =
    `${count(result.row_count)} ${result.row_count === 1 ? "row" : "rows"}` +
    `${result.truncated ? " (there are more)" : ""}, ` +
    `${count(Math.round(result.elapsed_ms))} ms, as of ${momentWords(result.as_of)}`;
  return (
    <Panel
      title="Result"
      aside={
        <>
          {chartOf(result) && (
            <Button quiet aria-pressed={chart} onClick={() => setChart(!chart)}>
              {chart ? "Table" : "Chart"}
            </Button>
          )}
          <Download query={query} />
        </>
      }
    >
      <p
        role="status"
        className={`label border-b border-line px-4 py-1.5 ${stale ? "stale" : ""}`}
      >
        {words}
      </p>
      {result.row_count === 0 ? (
        <Empty title="No rows">The query found nothing.</Empty>
      ) : chart ? (
        <QuickChart result={result} />
      ) : (
        <SqlResultTable result={result} />
      )}
    </Panel>
  );
}

function Download({ query }: { query: string }) {
  const [failure, setFailure] = useState("");
  const save = async (format: "csv" | "parquet") => {
    setFailure("");
    try {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await sql.file(query, format));
      link.download = `query.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (error) {
      setFailure((error as Error).message);
    }
  };
  return (
    <span className="flex items-center gap-1">
      {failure && (
        <span role="alert" className="text-bad">
          {failure}
        </span>
      )}
      <Button quiet onClick={() => void save("csv")}>
        <Icon name="download" /> CSV
      </Button>
      <Button quiet onClick={() => void save("parquet")}>
        <Icon name="download" /> Parquet
      </Button>
    </span>
  );
}
