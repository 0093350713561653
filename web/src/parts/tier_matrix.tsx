// How many customers the draft would move from which tier to which.
import { Link } from "@tanstack/react-router";
import type { RulePreview } from "../api/client";
import { count, percent } from "../numbers";
import { inOrder, sentence } from "../words";
import { TierMark } from "./controls";

type Tiers = NonNullable<RulePreview["tiers"]>;

export function TierMatrix({ preview }: { preview: Tiers }) {
  const rows = inOrder(preview.matrix.map((row) => ({ tier: row.from, to: row.to })));
  const tiers = rows.map((row) => row.tier);
  return (
    <div className="px-4 py-3">
      <p aria-live="polite" className="font-medium" data-moved={preview.moved}>
        {preview.moved === 0
          ? `Nobody of ${count(preview.customers)} customers would move.`
          : `${count(preview.moved)} of ${count(preview.customers)} customers would move
             (${percent(preview.moved / Math.max(1, preview.customers), 1)}).`}
      </p>
      <table className="mt-2 w-full">
        <caption className="sr-only">
          From the rules in force (rows) to the draft (columns)
        </caption>
        <thead>
          <tr className="label">
            <th scope="col" className="h-7 text-left font-normal">
              From \ to
            </th>
            {tiers.map((tier) => (
              <th key={tier} scope="col" className="px-2 text-right font-normal">
                {sentence(tier)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.tier} className="border-t border-line">
              <th scope="row" className="h-7 text-left font-normal">
                <TierMark tier={row.tier} />
              </th>
              {tiers.map((tier) => (
                <Cell key={tier} moves={tier !== row.tier} customers={row.to[tier] ?? 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {preview.undecided > 0 && (
        <p className="label mt-2">
          {count(preview.undecided)} more have no figures that these rules could judge.
        </p>
      )}
      <Examples preview={preview} />
    </div>
  );
}

function Cell({ moves, customers }: { moves: boolean; customers: number }) {
  const look = customers === 0 ? "text-faint" : moves ? "font-semibold text-warn" : "text-soft";
  return <td className={`px-2 text-right ${look}`}>{customers === 0 ? "–" : count(customers)}</td>;
}

function Examples({ preview }: { preview: Tiers }) {
  if (preview.examples.length === 0) return null;
  return (
    <details className="mt-2">
      <summary className="label cursor-default">Some of them</summary>
      <ul className="mt-1">
        {preview.examples.map((one) => (
          <li key={one.customer_id} className="flex min-w-0 items-center gap-2 py-0.5">
            <Link
              to="/customers/$id"
              params={{ id: one.customer_id }}
              className="name flex-1 text-accent hover:underline"
            >
              {one.customer_id}
            </Link>
            <span className="label whitespace-nowrap">
              {sentence(one.from)} → {sentence(one.to)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
