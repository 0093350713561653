// Models: the versions, and how well the chosen one does beside the baselines.
import { useQuery } from "@tanstack/react-query";
import type { Model } from "../api/client";
import { evaluationQuery, modelsQuery } from "../api/queries";
import { type Evaluation, TaskPanel } from "../parts/evaluation";
import { count, dateWords } from "../numbers";
import { Chip } from "../parts/controls";
import { FairnessPanel } from "../parts/fairness";
import { ModelActions } from "../parts/model_actions";
import { Freshness } from "../parts/live";
import { Panel, Screen } from "../parts/panels";
import { Empty, Failure, SkeletonRows } from "../parts/states";
import { useUrlSearch } from "../url_search";
import { sentence } from "../words";

export function ModelsScreen() {
  const { search, change } = useUrlSearch();
  const models = useQuery(modelsQuery);
  const versions = [...(models.data?.data ?? [])].reverse();
  const chosen =
    versions.find((model) => model.id === search.version) ??
    versions.find((model) => model.active) ??
    versions[0];
  return (
    <Screen title="Models" aside={<Freshness of={models} />}>
      {models.isPending && (
        <div className="panel">
          <SkeletonRows rows={3} className="h-12" />
        </div>
      )}
      {models.isError && !models.data && (
        <div className="panel">
          <Failure error={models.error} retry={models.refetch} />
        </div>
      )}
      {models.data && versions.length === 0 && (
        <div className="panel">
          <Empty title="No model yet">
            <code>tideline model train</code> makes the first one from the history. Until then
            events are taken in and customers stay unscored.
          </Empty>
        </div>
      )}
      {chosen && (
        <>
          <Versions
            versions={versions}
            chosen={chosen.id}
            choose={(id) => change({ version: id })}
          />
          <Version model={chosen} versions={versions} />
        </>
      )}
    </Screen>
  );
}

function Versions({
  versions,
  chosen,
  choose,
}: {
  versions: readonly Model[];
  chosen: string;
  choose: (id: string) => void;
}) {
  return (
    <section aria-label="Versions" className="panel overflow-hidden">
      <ul>
        {versions.map((model) => (
          <li key={model.id} className="border-b border-line last:border-b-0">
            <button
              type="button"
              aria-pressed={model.id === chosen}
              onClick={() => choose(model.id)}
              className="grid min-h-12 w-full grid-cols-[minmax(10rem,1.4fr)_auto]
                items-center gap-x-4
              gap-y-0.5 px-4 py-2 text-left hover:bg-hover aria-pressed:bg-hover
              md:grid-cols-[minmax(12rem,1.2fr)_minmax(7rem,0.8fr)_minmax(14rem,1.4fr)_12rem]"
            >
              <span className="truncate font-medium">{model.id}</span>
              <span className="text-soft max-md:hidden">{count(model.training_rows)} rows</span>
              <span className="text-soft max-md:hidden">{trainedOn(model)}</span>
              <span className="flex justify-end gap-1.5">
                {model.problem && <Chip tone="bad">{model.problem}</Chip>}
                <DriftChip model={model} />
                {model.shadow && <Chip>In the shadow</Chip>}
                {model.active ? <Chip tone="good">In service</Chip> : <Chip>Kept</Chip>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function trainedOn(model: Model): string {
  if (!model.training_from || !model.training_to) return "";
  return `${dateWords(model.training_from)} – ${dateWords(model.training_to)}`;
}

function DriftChip({ model }: { model: Model }) {
  const drift = model.drift as { verdict?: string } | null;
  if (!model.active || !drift?.verdict) return null;
  return (
    <Chip tone={drift.verdict === "drifted" ? "warn" : "plain"}>{sentence(drift.verdict)}</Chip>
  );
}

function Version({ model, versions }: { model: Model; versions: readonly Model[] }) {
  const evaluation = useQuery(evaluationQuery(model.id));
  const report = evaluation.data?.evaluation as Evaluation | undefined;
  return (
    <>
      <AboutVersion model={model} versions={versions} />
      {evaluation.isPending && (
        <div className="panel">
          <SkeletonRows rows={12} />
        </div>
      )}
      {evaluation.isError && !evaluation.data && (
        <div className="panel">
          <Failure error={evaluation.error} retry={evaluation.refetch} />
        </div>
      )}
      {report?.tasks?.map((task) => (
        <TaskPanel key={task.task} task={task} />
      ))}
      {report?.fairness && report.fairness.length > 0 && (
        <FairnessPanel fairness={report.fairness} probabilities={probabilitiesOf(report)} />
      )}
    </>
  );
}

function probabilitiesOf(report: Evaluation): Set<string> {
  const tasks = report.tasks ?? [];
  return new Set(tasks.filter(({ kind }) => kind === "probability").map(({ task }) => task));
}

function AboutVersion({ model, versions }: { model: Model; versions: readonly Model[] }) {
  const drift = model.drift as { verdict: string; rows: number; alarms: string[] } | null;
  const facts = [
    ["Trained on", model.training_rows == null ? "–" : `${count(model.training_rows)} rows`],
    ["Snapshots", trainedOn(model) || "–"],
    ["Known until", model.known_until ? dateWords(model.known_until) : "–"],
    ["Features", count(model.feature_count)],
    [
      "Drift",
      drift ? `${sentence(drift.verdict)}, ${count(drift.rows)} customers` : "not measured",
    ],
  ] as const;
  return (
    <Panel
      title={model.id}
      curl={`/api/v1/models/${encodeURIComponent(model.id)}/evaluation`}
      aside={<ModelActions model={model} versions={versions} />}
    >
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 py-3 sm:grid-cols-3 lg:grid-cols-5">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="label">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {drift && drift.alarms.length > 0 && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-soft">
          Unlike what it was trained on:{" "}
          {drift.alarms.map((name) => name.replaceAll("_", " ")).join(", ")}.
        </p>
      )}
    </Panel>
  );
}
