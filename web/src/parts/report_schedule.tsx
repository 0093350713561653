// When reports are drawn by themselves, and who hears of it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type ReportPlan, reportsQuery } from "../api/reports";
import { count, momentWords } from "../numbers";
import { sentence } from "../words";
import { Chip } from "./controls";
import { Panel } from "./panels";
import { Failure, SkeletonRows } from "./states";

export function ReportSchedule() {
  const reports = useQuery(reportsQuery);
  const plan = reports.data?.schedule;
  return (
    <Panel title="On schedule" aside={plan?.given_up && <Chip tone="bad">Failed</Chip>}>
      {reports.isError && !reports.data ? (
        <Failure error={reports.error} retry={reports.refetch} />
      ) : !reports.data ? (
        <SkeletonRows rows={2} />
      ) : plan ? (
        <Plan plan={plan} />
      ) : (
        <p className="px-4 py-3 text-soft">
          Reports are drawn when somebody asks for them. With the setting{" "}
          <code>report.every_days</code> the program draws them by itself, keeps them and tells
          its <Receivers>receivers</Receivers> where they are.
        </p>
      )}
    </Panel>
  );
}

function Plan({ plan }: { plan: ReportPlan }) {
  const facts: [string, ReactNode][] = [
    ["Drawn", sentence(plan.words)],
    ["Next", momentWords(plan.next)],
    ["Last", plan.last ? momentWords(plan.last) : "never yet"],
    ["Told", <Receivers key="told">{many(plan.receivers, "receiver")}</Receivers>],
    ["Mailed to", many(plan.mail_addresses, "address", "addresses")],
  ];
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 py-3 lg:grid-cols-5">
        {facts.map(([label, value]) => (
          <div key={label} className="max-lg:first:col-span-2">
            <dt className="label">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {plan.given_up && (
        <p className="border-t border-line px-4 py-2.5 text-soft">
          The last time was tried three times in vain; the program's log says why. The next one is
          tried anew.
        </p>
      )}
    </>
  );
}

const many = (number: number, one: string, more = `${one}s`) =>
  number === 0 ? "nobody" : `${count(number)} ${number === 1 ? one : more}`;

function Receivers({ children }: { children: ReactNode }) {
  return (
    <Link to="/settings" search={{ tab: "webhooks" }} className="underline underline-offset-2">
      {children}
    </Link>
  );
}
