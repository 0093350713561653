// What people should hear of: trouble that is not over, then the newest alerts.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { AlertList } from "../api/client";
import { alertsQuery } from "../api/queries";
import { sentence } from "../words";
import { Chip } from "./controls";
import { Ago } from "./live";
import { Panel } from "./panels";
import { Empty, Failure, SkeletonRows } from "./states";

type Alert = AlertList["data"][number];
const SHOWN = 8;

export function Alerts() {
  const alerts = useQuery(alertsQuery);
  const data = alerts.data;
  return (
    <Panel title="Alerts" reading={alerts} aside={<Open alerts={alerts} />}>
      {alerts.isPending && <SkeletonRows rows={4} />}
      {alerts.isError && !data && <Failure error={alerts.error} retry={alerts.refetch} />}
      {data && data.data.length === 0 && data.open.length === 0 && (
        <Empty title="Nothing to tell">
          A customer that changes its tier, a new action, dead letters, trouble and reports drawn
          on schedule appear here.
        </Empty>
      )}
      {data && (
        <ul>
          {data.open.map((trouble) => (
            <Row key={trouble.name} time={trouble.since}>
              <Chip tone="bad">Not over</Chip>
              <Link to="/pipeline" className="min-w-0 flex-1 truncate hover:underline">
                {sentence(trouble.name)}: {trouble.what}
              </Link>
            </Row>
          ))}
          {data.data.slice(0, SHOWN).map((alert) => (
            <AlertRow key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Open({ alerts }: { alerts: UseQueryResult<AlertList> }) {
  const open = alerts.data?.open.length ?? 0;
  return open > 0 ? <Chip tone="bad">{open} not over</Chip> : null;
}

function Row({ time, children }: { time: string; children: React.ReactNode }) {
  return (
    <li
      className="flex min-h-9 items-center gap-3 border-b border-line px-4 py-1.5
      last:border-b-0"
    >
      {children}
      <span className="label whitespace-nowrap">
        <Ago time={time} />
      </span>
    </li>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const words = (
    <>
      {alert.title}
      {alert.text && <span className="text-soft"> · {alert.text}</span>}
    </>
  );
  return (
    <Row time={alert.time}>
      <Chip tone={alert.type === "trouble.began" ? "warn" : "plain"}>
        {sentence(alert.type.replace(".", "_"))}
      </Chip>
      {alert.customer_id ? (
        <Link
          to="/customers/$id"
          params={{ id: alert.customer_id }}
          className="min-w-0 flex-1 truncate hover:underline"
        >
          {words}
        </Link>
      ) : alert.type === "report.ready" ? (
        <Link to="/reports" className="min-w-0 flex-1 truncate hover:underline">
          {words}
        </Link>
      ) : (
        <span className="min-w-0 flex-1 truncate">{words}</span>
      )}
      {alert.held_back && <Chip>Held back: {alert.held_back}</Chip>}
    </Row>
  );
}
