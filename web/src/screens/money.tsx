// Money: what finding and keeping customers is worth against what it costs, who comes back, and
// how far success has come.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { type Money, insights, moneyQuery } from "../api/insights";
import { CostBySize, MoneyFigures, MoneySummary } from "../parts/money_figures";
import { MoneyForm } from "../parts/money_form";
import { Panel, Screen } from "../parts/panels";
import { Months, RetentionPanel } from "../parts/retention";
import { Empty, Failure, SkeletonRows } from "../parts/states";
import { SuccessPanel } from "../parts/success";
import { useUrlSearch } from "../url_search";

// Inputs that somebody entered stand in the URL, each under its key.
function entered(money: Money, search: Record<string, string | undefined>) {
  const given = money.inputs
    .map(({ key }) => [key, search[key]] as const)
    .filter(([, text]) => text !== undefined && text !== "" && !Number.isNaN(Number(text)));
  return Object.fromEntries(given.map(([key, text]) => [key, Number(text)]));
}

export function MoneyScreen() {
  const money = useQuery(moneyQuery);
  return (
    <Screen title="Money">
      <SuccessPanel />
      {money.isPending && (
        <Panel title="Calculator">
          <SkeletonRows rows={8} className="h-11" />
        </Panel>
      )}
      {money.isError && !money.data && (
        <Panel title="Calculator">
          <Failure error={money.error} retry={money.refetch} />
        </Panel>
      )}
      {money.data && <Calculator known={money.data} />}
      {money.data && <CostBySize money={money.data} />}
      <RetentionPanel />
      <Months />
    </Screen>
  );
}

function Calculator({ known }: { known: Money }) {
  const { search, change } = useUrlSearch();
  const asked = useDeferredValue(entered(known, search));
  const mine = Object.keys(asked).length > 0;
  const calculated = useQuery({
    queryKey: ["money", asked],
    queryFn: () => insights.calculate(asked),
    enabled: mine,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  const shown = mine ? (calculated.data ?? known) : known;
  const refused = mine && calculated.isError;
  const reset = () => change(Object.fromEntries(known.inputs.map(({ key }) => [key, undefined])));
  return (
    <>
      {!refused && <MoneySummary money={shown} />}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(300px,1fr)_minmax(0,1.6fr)]">
        <Panel title="Calculator">
          <MoneyForm
            known={known}
            search={search}
            change={change}
            reset={mine ? reset : undefined}
            error={mine ? calculated.error : null}
          />
        </Panel>
        <Panel title="Figures">
          {refused || shown.figures.length === 0 ? (
            <Empty title={refused ? "Not computed: an input is wrong" : "Nothing to compute"} />
          ) : (
            <MoneyFigures money={shown} />
          )}
        </Panel>
      </div>
    </>
  );
}
