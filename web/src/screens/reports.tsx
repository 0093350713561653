// Reports: three PDF files, and the query behind every figure in them.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type Paper,
  type ReportFigures,
  type ReportName,
  keepReport,
  pdfAddress,
  reportQuery,
  reportsQuery,
} from "../api/reports";
import { count, momentWords } from "../numbers";
import { Button } from "../parts/controls";
import { Choice, Refusal } from "../parts/fields";
import { Icon } from "../parts/icons";
import { Panel, Screen } from "../parts/panels";
import { ReportSchedule } from "../parts/report_schedule";
import { Empty, Failure, SkeletonRows } from "../parts/states";
import { useUrlSearch } from "../url_search";

const REPORTS = {
  engagement: {
    title: "Engagement",
    about: "Activity, the model and how far to trust it, tiers, tactics, the initiative",
  },
  cost: {
    title: "Cost and budget",
    about: "What was measured, prices, cost at three sizes, what else the same would cost",
  },
  architecture: {
    title: "Architecture and its reasons",
    about: "Parts, choices, promises, limits, controls offered and not offered",
  },
} as const;
const NAMES = Object.keys(REPORTS) as ReportName[];

export function ReportsScreen() {
  const { search, change } = useUrlSearch();
  const paper: Paper = search.paper === "letter" ? "letter" : "a4";
  const chosen = NAMES.find((name) => name === search.report) ?? "engagement";
  return (
    <Screen
      title="Reports"
      aside={
        <Choice
          label="Paper"
          bare
          options={["a4", "letter"]}
          value={paper}
          onChange={(event) =>
            change({ paper: event.target.value === "letter" ? "letter" : undefined })
          }
        />
      }
    >
      <div className="grid gap-4 lg:grid-cols-3">
        {NAMES.map((name) => (
          <ReportCard
            key={name}
            name={name}
            paper={paper}
            chosen={name === chosen}
            choose={() => change({ report: name === "engagement" ? undefined : name })}
          />
        ))}
      </div>
      <ReportSchedule />
      <Sources name={chosen} />
    </Screen>
  );
}

interface CardProps {
  name: ReportName;
  paper: Paper;
  chosen: boolean;
  choose: () => void;
}
function ReportCard({ name, paper, chosen, choose }: CardProps) {
  const { data } = useQuery(reportsQuery);
  const queries = useQueryClient();
  const keep = useMutation({
    mutationFn: () => keepReport(name, paper),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["reports"], exact: true }),
  });
  const report = data?.data.find((one) => one.name === name);
  const { title, about } = REPORTS[name];
  return (
    <Panel title={title} aside={report && <span className="label">{report.pages} pages</span>}>
      <div className="flex grow flex-col gap-3 px-4 py-3">
        <p className="text-soft">{about}</p>
        <p className="label">
          {report?.kept
            ? `Kept in the data folder: ${momentWords(report.kept.drawn)}`
            : "Not kept in the data folder"}
        </p>
        <div className="mt-auto flex flex-wrap items-center gap-2">
          <a
            href={pdfAddress(name, paper)}
            target="_blank"
            rel="noreferrer"
            className="inline-flex h-7 items-center gap-1.5 rounded-md bg-ink px-2.5 text-xs
              font-medium whitespace-nowrap text-ground hover:opacity-90"
          >
            <Icon name="download" />
            Open PDF
            <span className="sr-only">of {title}</span>
          </a>
          <Button onClick={() => keep.mutate()} disabled={keep.isPending}>
            {keep.isPending ? "Drawing…" : "Draw and keep"}
          </Button>
          <Button quiet aria-pressed={chosen} onClick={choose} className="aria-pressed:bg-pressed">
            Sources
          </Button>
        </div>
        <Refusal error={keep.error} />
      </div>
    </Panel>
  );
}

function Sources({ name }: { name: ReportName }) {
  const report = useQuery(reportQuery(name));
  return (
    <Panel
      title={`Where the figures of ${REPORTS[name].title} come from`}
      curl={`/api/v1/reports/${name}`}
    >
      {report.isError ? (
        <Failure error={report.error} retry={report.refetch} />
      ) : !report.data ? (
        <SkeletonRows rows={6} />
      ) : report.data.figures.length === 0 ? (
        <Empty title="No figures yet">Each page says what is missing, and why.</Empty>
      ) : (
        <ol className="divide-y divide-line">
          {report.data.figures.map((figure) => (
            <Source key={figure.id} figure={figure} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Source({ figure }: { figure: ReportFigures["figures"][number] }) {
  return (
    <li className="grid gap-x-6 gap-y-1 px-4 py-2.5 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div>
        <span className="mr-2 inline-block w-5 text-accent tabular-nums">{figure.number}</span>
        <span className="font-medium">{figure.about}</span>
        <p className="label pl-7">
          {figure.period}; {figure.population}; {count(figure.rows.length)}{" "}
          {figure.rows.length === 1 ? "row" : "rows"}
        </p>
      </div>
      <code className="text-2xs break-words text-soft">{figure.query}</code>
    </li>
  );
}
