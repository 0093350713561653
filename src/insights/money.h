// Money: what finding and keeping customers is worth against what it costs. One calculator for the
// page, the API and the report. Pure.
//
// What was measured against the holdout is told apart from what is only supposed: the gain is the
// proven part plus the scenario.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tideline {

// Days in a mean month (365.25 / 12).
inline constexpr double kMonthDays = 30.4375;
// Payback later than this is told as none.
inline constexpr int kPaybackDaysMax = 3'650;

// What the holdout has shown: customers for whom an action was due and shown, and by how much more
// of them stayed than of those for whom it was withheld. low..high: 95 %.
struct MeasuredEffect {
  double treated = 0;     // customers
  double difference = 0;  // share, -1..1
  double low = 0;
  double high = 0;

  [[nodiscard]] bool is_proven() const { return low > 0; }
};

struct MoneyInputs {
  double ltv = 500;               // money that a customer still brings until it leaves
  double monthly_churn = 0.05;    // share of customers that leaves in a month
  double acquisition_cost = 100;  // money for one new customer
  double replacement_cost = 50;   // on top of it, where a lost customer is replaced
  double share_replaced = 0;      // of the customers lost
  double found = 1'000;           // customers found at risk, a month
  double share_saved = 0.1;       // of those: stay because of what is done, and only then
  double cost_once = 0;           // money to set Tideline up
  double cost_month = 1'000;      // money a month: machine, people's time, what actions cost
  double months = 12;             // looked at
  std::optional<MeasuredEffect> measured;
};

// One of the inputs: how it is called, what it may be.
struct MoneyField {
  std::string_view key;
  double MoneyInputs::*place;
  std::string_view title;
  std::string_view unit;  // money, share, customers, months
  double low;             // both bounds are allowed
  double high;
  std::string_view about;
};
[[nodiscard]] std::span<const MoneyField> money_fields();

// invalid ("bad_input"), naming every input that is out of its range.
[[nodiscard]] Status check_money(const MoneyInputs& inputs);

// Money that one saved customer is worth: what it still brings where it would not be replaced,
// what replacing it costs where it would.
[[nodiscard]] double value_of_saved(const MoneyInputs& inputs);

struct MoneyAnswer {
  double value_saved = 0;       // money; of one customer saved
  double lifetime_months = 0;   // that a customer stays, from now
  double value_month = 0;       // money that a customer brings a month
  double revenue_at_risk = 0;   // money; LTV of all found in the time
  double replacement_bill = 0;  // money; if all found left and were replaced
  double saved = 0;             // customers in the time, the proven and the supposed
  double gain_proven = 0;       // money; 0 while nothing is proven
  double gain_proven_low = 0;   // 95 %; 0 while nothing was measured
  double gain_proven_high = 0;
  double gain_scenario = 0;
  double gain = 0;      // both
  double realised = 0;  // money of the gain that has come in by the end of the time
  double cost = 0;
  std::optional<double> roi;                   // (gain - cost) / cost; nullopt: no cost
  std::optional<double> roi_proven;            // with the proven gain alone
  std::optional<double> break_even_share;      // of those found that must be saved; may exceed 1
  std::optional<double> break_even_customers;  // in the time
  std::optional<int> payback_days;  // first day on which what came in covers what was spent
};

// invalid as check_money().
[[nodiscard]] Result<MoneyAnswer> calculate_money(const MoneyInputs& inputs);

// What running the program for so many customers costs, by the price list.
struct CustomerCost {
  double customers = 0;
  double month = 0;  // money a month, in `currency`
  std::string currency;
};

// A figure of the answer, with what a reader needs to check it.
struct MoneyFigure {
  std::string_view key;
  std::string_view title;
  std::string_view unit;  // money, share, customers, months, days, ratio
  std::optional<double> value;
  std::string_view formula;  // in the keys of inputs and figures
  std::string source;        // measured, supposed, given, computed
};
[[nodiscard]] std::vector<MoneyFigure> money_figures(const MoneyInputs& inputs,
                                                     const MoneyAnswer& answer);

}  // namespace tideline
