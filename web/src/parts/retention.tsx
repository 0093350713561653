// Who comes back: curves by day, and where each month's customers come from and go to.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Month, type Retention, retentionQuery } from "../api/insights";
import { count, percent, short } from "../numbers";
import { sentence } from "../words";
import { Button } from "./controls";
import { Panel } from "./panels";
import { Empty, Failure, SkeletonRows } from "./states";

const KINDS = [
  { kind: "n_day", words: "On the day", about: "active on day N itself" },
  { kind: "unbounded", words: "Or later", about: "active on day N or later" },
  { kind: "rolling", words: "In the week", about: "active within the 7 days that end with day N" },
];
const WIDTH = 720;
const HEIGHT = 160;

export function RetentionPanel() {
  const retention = useQuery(retentionQuery);
  const [kind, setKind] = useState("n_day");
  const buttons = (
    <div role="group" aria-label="Which days count" className="flex">
      {KINDS.map((one) => (
        <Button
          key={one.kind}
          quiet
          aria-pressed={one.kind === kind}
          className="aria-pressed:bg-pressed aria-pressed:text-ink"
          onClick={() => setKind(one.kind)}
        >
          {one.words}
        </Button>
      ))}
    </div>
  );
  return (
    <Panel title="Retention" reading={retention} aside={buttons}>
      {retention.isPending && <SkeletonRows rows={4} className="h-11" />}
      {retention.isError && !retention.data && (
        <Failure error={retention.error} retry={retention.refetch} />
      )}
      {retention.data &&
        (retention.data.customers === 0 ? (
          <Empty title="Not enough data yet">Nobody did anything that counts so far.</Empty>
        ) : (
          <Curve retention={retention.data} kind={kind} />
        ))}
    </Panel>
  );
}

type Points = Retention["curves"][number]["points"];

function Curve({ retention, kind }: { retention: Retention; kind: string }) {
  const points = retention.curves.find((curve) => curve.kind === kind)?.points ?? [];
  const known = points.filter((point) => point.share !== null);
  const last = known[known.length - 1];
  const about = KINDS.find((one) => one.kind === kind)?.about ?? "";
  return (
    <div className="p-4">
      <p className="mb-3 text-soft">
        Share of customers {about}, day 0 being their first; of {count(retention.customers)} in
        all, as far as their day N is over.
      </p>
      <Line points={known} />
      <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2">
        {[1, 7, 14, 30, 60, 90]
          .filter((day) => last && day <= last.day)
          .map((day) => (
            <div key={day}>
              <dt className="label">Day {day}</dt>
              <dd className="font-medium tabular-nums">{percent(points[day]?.share, 1)}</dd>
            </div>
          ))}
      </dl>
    </div>
  );
}

function Line({ points }: { points: Points }) {
  const days = Math.max(1, points[points.length - 1]?.day ?? 1);
  const path = points
    .map(({ day, share }, i) => {
      const x = (day / days) * WIDTH;
      const y = HEIGHT * (1 - (share ?? 0));
      return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
  return (
    <svg
      viewBox={`0 -4 ${WIDTH} ${HEIGHT + 8}`}
      preserveAspectRatio="none"
      className="h-44 w-full"
      role="img"
      aria-label={`Retention by day, from 100 % on day 0 to ${percent(
        points[points.length - 1]?.share,
        1,
      )} on day ${days}`}
    >
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <line
          key={share}
          x1="0"
          x2={WIDTH}
          y1={HEIGHT * (1 - share)}
          y2={HEIGHT * (1 - share)}
          stroke="var(--line)"
          vectorEffect="non-scaling-stroke"
        />
      ))}
      <path
        d={path}
        fill="none"
        stroke="var(--accent)"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

export function Months() {
  const retention = useQuery(retentionQuery);
  if (!retention.data || retention.data.months.length === 0) return null;
  const { months, currency, revenue_retention } = retention.data;
  return (
    <Panel title="Months" reading={retention}>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Months, table">
        <table className="w-full text-right tabular-nums">
          <thead>
            <tr className="label border-b border-line">
              <th className="px-4 py-2 text-left font-normal">Month</th>
              <th className="px-4 py-2 font-normal">Active</th>
              <th className="px-4 py-2 font-normal">New</th>
              <th className="px-4 py-2 font-normal">Retained</th>
              <th className="px-4 py-2 font-normal">Resurrected</th>
              <th className="px-4 py-2 font-normal">Churned</th>
              <th className="px-4 py-2 font-normal">Revenue{currency ? `, ${currency}` : ""}</th>
              <th className="px-4 py-2 font-normal">{sentence(revenue_retention)}</th>
            </tr>
          </thead>
          <tbody>
            {[...months].reverse().map((month) => (
              <MonthRow key={month.month} month={month} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function MonthRow({ month }: { month: Month }) {
  return (
    <tr className="border-b border-line last:border-b-0">
      <th scope="row" className="px-4 py-1.5 text-left font-medium">
        {month.month}
      </th>
      <td className="px-4">{count(month.active)}</td>
      <td className="px-4">{count(month.new)}</td>
      <td className="px-4">{count(month.retained)}</td>
      <td className="px-4">{count(month.resurrected)}</td>
      <td className="px-4">{count(month.churned)}</td>
      <td className="px-4">{short(month.amount)}</td>
      <td className="px-4">{percent(month.gross_retention, 1)}</td>
    </tr>
  );
}
