// Pilots: who gets a treatment by chance, and what it changes.
import { useQuery } from "@tanstack/react-query";
import { useMay } from "../api/access";
import { type Pilot, pilotsQuery } from "../api/insights";
import { percent } from "../numbers";
import { Button, Chip } from "../parts/controls";
import { Panel, Screen } from "../parts/panels";
import { PilotForm } from "../parts/pilot_form";
import { PilotDetail } from "../parts/pilot_detail";
import { Empty, Failure, SkeletonRows } from "../parts/states";
import { useUrlSearch } from "../url_search";

const TONES = { draft: "plain", running: "good", stopped: "plain" } as const;

export function PilotsScreen() {
  const { search, change } = useUrlSearch();
  const pilots = useQuery(pilotsQuery);
  const mayAct = useMay("act");
  const isNew = search.view === "new";
  const open = (id: string | undefined) => change({ open: id, view: undefined });
  const rows = pilots.data?.data ?? [];
  const shown = search.open ?? rows[0]?.id;
  return (
    <Screen
      title="Pilots"
      aside={
        mayAct && (
          <Button strong onClick={() => change({ view: "new" })} disabled={isNew}>
            New pilot
          </Button>
        )
      }
    >
      {isNew && mayAct && (
        <PilotForm done={(pilot) => open(pilot.id)} close={() => change({ view: undefined })} />
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(260px,1fr)_minmax(0,2fr)]">
        <Panel title="All pilots" reading={pilots}>
          {pilots.isPending && <SkeletonRows rows={4} className="h-14" />}
          {pilots.isError && !pilots.data && (
            <Failure error={pilots.error} retry={pilots.refetch} />
          )}
          {pilots.data && rows.length === 0 && (
            <Empty title="No pilots yet">
              A pilot gives some customers a treatment by chance, so that what it changes can be
              measured.
            </Empty>
          )}
          <ul aria-label="Pilots">
            {rows.map((pilot) => (
              <PilotRow
                key={pilot.id}
                pilot={pilot}
                isOpen={pilot.id === shown}
                open={() => open(pilot.id)}
              />
            ))}
          </ul>
        </Panel>
        {shown && <PilotDetail key={shown} id={shown} />}
      </div>
    </Screen>
  );
}

function PilotRow({
  pilot,
  isOpen,
  open,
}: {
  pilot: Pilot;
  isOpen: boolean;
  open: () => void;
}) {
  return (
    <li className="border-b border-line last:border-b-0">
      <button
        type="button"
        aria-current={isOpen}
        onClick={open}
        className="flex w-full flex-col gap-0.5 px-4 py-2 text-left hover:bg-hover
        aria-[current=true]:bg-pressed"
      >
        <span className="flex items-center justify-between gap-2">
          <bdi className="truncate font-medium">{pilot.name}</bdi>
          <Chip tone={TONES[pilot.status]}>
            {pilot.status === "running" ? `Running, ${percent(pilot.share)}` : pilot.status}
          </Chip>
        </span>
        <bdi className="label block max-w-full truncate">{pilot.treatment}</bdi>
      </button>
    </li>
  );
}
