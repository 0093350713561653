// One answer of the assistant: the sentence, a chart, the rows, and how they can be had again.
import { type Answer, type Reply, type Suggestion, asResult, isNumber } from "../api/assistant";
import { count, momentWords } from "../numbers";
import { Button } from "./controls";
import { copyText } from "./copy_curl";
import { QuickChart, chartOf } from "./quick_chart";
import { say } from "./undo";

const ROWS_SHOWN = 20;

export function AssistantReply({ reply, ask }: { reply: Reply; ask: (text: string) => void }) {
  return (
    <div className="flex flex-col gap-3">
      <p dir="auto" className="leading-5">
        {reply.sentence}
      </p>
      {reply.respelt.map(({ written, taken }) => (
        <p key={written} className="label">
          Read “{written}” as “{taken}”.
        </p>
      ))}
      {reply.kind === "answer" ? (
        <Evidence answer={reply} />
      ) : (
        <Suggestions all={reply.suggestions} ask={ask} />
      )}
    </div>
  );
}

export function Suggestions({ all, ask }: { all: Suggestion[]; ask: (text: string) => void }) {
  return (
    <ul className="flex flex-wrap gap-2" aria-label="Questions that can be asked">
      {all.map(({ question, example }) => (
        <li key={question}>
          <Button onClick={() => ask(example)}>{example}</Button>
        </li>
      ))}
    </ul>
  );
}

function Evidence({ answer }: { answer: Answer }) {
  const drawn = answer.chart !== "none" && chartOf(asResult(answer)) !== null;
  return (
    <>
      {answer.wording && (
        <p dir="auto" className="border-l-2 border-line-strong pl-3 text-soft">
          {answer.wording}
        </p>
      )}
      {drawn && <QuickChart result={asResult(answer)} />}
      {answer.rows.length > 0 && <Rows answer={answer} />}
      <p className="label">
        {answer.period ? `${answer.period} · ` : ""}
        {answer.population}
      </p>
      <p className="label">
        {count(answer.row_count)} rows in {count(Math.round(answer.elapsed_ms))} ms · as of{" "}
        {momentWords(answer.as_of)}
        {answer.chosen_by === "model" ? ` · read by a model as: ${answer.about}` : ""}
      </p>
      {answer.query && <Query text={answer.query.text} />}
    </>
  );
}

function Rows({ answer }: { answer: Answer }) {
  return (
    <div className="overflow-x-auto" role="region" aria-label="Rows of the answer" tabIndex={0}>
      <table className="w-full text-xs">
        <thead>
          <tr className="border-b border-line text-left text-soft">
            {answer.columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={`px-2 py-1 font-medium ${isNumber(column) ? "text-right" : ""}`}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer.cells.slice(0, ROWS_SHOWN).map((row, i) => (
            <tr key={i} className="border-b border-line">
              {row.map((cell, k) => (
                <td
                  key={k}
                  dir="auto"
                  className={`px-2 py-1 ${
                    isNumber(answer.columns[k]!) ? "text-right tabular-nums" : ""
                  }`}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {answer.cells.length > ROWS_SHOWN && (
        <p className="label py-1">The first {ROWS_SHOWN} rows are shown.</p>
      )}
    </div>
  );
}

function Query({ text }: { text: string }) {
  const copy = async () => {
    if (await copyText(text)) say({ text: "The query is copied." });
  };
  return (
    <details className="rounded-md border border-line">
      <summary className="cursor-pointer px-3 py-1.5 text-xs text-soft">Query</summary>
      <pre className="overflow-x-auto px-3 pb-2 text-2xs" tabIndex={0}>
        {text}
      </pre>
      <div className="px-3 pb-2">
        <Button onClick={() => void copy()}>Copy the query</Button>
      </div>
    </details>
  );
}
