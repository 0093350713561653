// What the calculator comes to: the figures that decide above, all of them with formula and source
// below.
import type { Money, MoneyFigure } from "../api/insights";
import { MISSING, count, fixed, percent, short } from "../numbers";
import { Chip } from "./controls";
import { Panel } from "./panels";

export function moneyValue({ unit, value }: Pick<MoneyFigure, "unit" | "value">): string {
  if (value === null) return MISSING;
  switch (unit) {
    case "share":
      return percent(value, Math.abs(value) < 0.1 ? 2 : 1);
    case "ratio":
      return `${fixed(value, 2)} ×`;
    case "months":
      return fixed(value, 1);
    case "money":
      return Math.abs(value) < 1000 ? fixed(value, 2) : count(value);
    default:
      return short(value);
  }
}

const words = (unit: string, currency: string | null) =>
  unit === "money" ? (currency ?? "") : unit === "share" || unit === "ratio" ? "" : unit;

const HEADLINES = ["revenue_at_risk", "gain", "cost", "roi", "payback_days"];

export function MoneySummary({ money }: { money: Money }) {
  return (
    <section
      aria-label="Summary"
      className="panel grid grid-cols-2 overflow-hidden sm:grid-cols-3 lg:grid-cols-5"
    >
      {HEADLINES.map((key) => {
        const figure = money.figures.find((one) => one.key === key);
        if (!figure) return null;
        return (
          <div key={key} className="-mr-px -mb-px border-r border-b border-line px-4 pt-3 pb-3">
            <span className="label block truncate">{figure.title}</span>
            <span className="mt-1 flex items-baseline gap-1">
              <span className="text-2xl leading-8 font-semibold tracking-[-0.022em]">
                {moneyValue(figure)}
              </span>
              <span className="text-faint">{words(figure.unit, money.currency)}</span>
            </span>
          </div>
        );
      })}
    </section>
  );
}

export function MoneyFigures({ money }: { money: Money }) {
  const { measured } = money;
  return (
    <>
      <p className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3 text-soft">
        {measured ? (
          <>
            <Chip tone={measured.proven ? "good" : "warn"}>
              {measured.proven ? "Proven" : "Not proven yet"}
            </Chip>
            Against the holdout {percent(measured.difference, 1)} more came back, [
            {percent(measured.low, 1)}, {percent(measured.high, 1)}], of{" "}
            {count(measured.treated)} treated.
          </>
        ) : (
          <>
            <Chip>Scenario</Chip>
            Nothing was measured against the holdout yet: the gain is supposed.
          </>
        )}
      </p>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Figures, table">
        <table className="w-full">
          <thead>
            <tr className="label border-b border-line text-left">
              <th className="px-4 py-2 font-normal">Figure</th>
              <th className="px-4 py-2 text-right font-normal">Value</th>
              <th className="px-4 py-2 font-normal">How</th>
            </tr>
          </thead>
          <tbody>
            {money.figures.map((figure) => (
              <FigureRow key={figure.key} figure={figure} currency={money.currency} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function FigureRow({ figure, currency }: { figure: MoneyFigure; currency: string | null }) {
  return (
    <tr className="border-b border-line align-top last:border-b-0">
      <th scope="row" className="px-4 py-2 text-left font-medium whitespace-nowrap">
        {figure.title}
      </th>
      <td className="px-4 py-2 text-right whitespace-nowrap tabular-nums">
        {moneyValue(figure)}{" "}
        <span className="text-faint">{words(figure.unit, currency)}</span>
      </td>
      <td className="px-4 py-2">
        <code className="text-xs text-soft">{figure.formula}</code>
        <span className="label block">{figure.source}</span>
      </td>
    </tr>
  );
}

// What running costs, by the number of customers; nothing without prices.
export function CostBySize({ money }: { money: Money }) {
  if (money.by_customers.length === 0) return null;
  const currency = money.by_customers[0]!.currency;
  return (
    <Panel title="Cost of running, by customers">
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Cost, table">
        <table className="w-full text-right tabular-nums">
          <thead>
            <tr className="label border-b border-line">
              <th className="px-4 py-2 text-left font-normal">Customers</th>
              <th className="px-4 py-2 font-normal">A month, {currency}</th>
              <th className="px-4 py-2 font-normal">A customer and month, {currency}</th>
            </tr>
          </thead>
          <tbody>
            {money.by_customers.map((row) => (
              <tr key={row.customers} className="border-b border-line last:border-b-0">
                <th scope="row" className="px-4 py-1.5 text-left font-medium">
                  {short(row.customers)}
                </th>
                <td className="px-4">{fixed(row.month, 2)}</td>
                <td className="px-4">{fixed(row.customer_month, 6)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
