#include "insights/money.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tideline {
namespace {

constexpr double kMoneyMax = 1e9;

constexpr std::array<MoneyField, 10> kFields = {{
    {"ltv", &MoneyInputs::ltv, "Lifetime value", "money", 0, kMoneyMax,
     "What a customer still brings until it leaves, less what serving it costs"},
    {"monthly_churn", &MoneyInputs::monthly_churn, "Monthly churn", "share", 0.0001, 0.99,
     "Share of customers that leaves in a month"},
    {"acquisition_cost", &MoneyInputs::acquisition_cost, "Acquisition cost", "money", 0, kMoneyMax,
     "What one new customer costs"},
    {"replacement_cost", &MoneyInputs::replacement_cost, "Replacement cost", "money", 0, kMoneyMax,
     "On top of acquisition, where a lost customer is replaced: first offers, getting it going"},
    {"share_replaced", &MoneyInputs::share_replaced, "Share replaced", "share", 0, 1,
     "Of the customers lost; one that is replaced costs its replacement, any other its "
     "lifetime value, never both"},
    {"found", &MoneyInputs::found, "Customers found at risk", "customers", 0, 1e9, "A month"},
    {"share_saved", &MoneyInputs::share_saved, "Share saved", "share", 0, 1,
     "Of those found: who stay because of what is done, and would have left otherwise"},
    {"cost_once", &MoneyInputs::cost_once, "Cost to set up", "money", 0, 1e12, "Once"},
    {"cost_month", &MoneyInputs::cost_month, "Cost a month", "money", 0, 1e12,
     "Machine, people's time, and what the actions themselves cost"},
    {"months", &MoneyInputs::months, "Months", "months", 1, 120, "That are looked at"},
}};

double replacement_of_one(const MoneyInputs& in) {
  return in.acquisition_cost + in.replacement_cost;
}

// What comes in and what is spent, day after day. A saved customer brings its lifetime value in
// the falling daily shares that a steady churn makes of it, beginning on the day after; what its
// replacement would have cost is saved at once.
class CashFlow {
 public:
  explicit CashFlow(const MoneyInputs& in)
      : keep_(std::pow(1 - in.monthly_churn, 1 / kMonthDays)),
        saved_a_day_(in.found * in.share_saved / kMonthDays),
        brought_a_day_(in.ltv * (1 - in.share_replaced) * (1 - keep_)),
        at_once_(replacement_of_one(in) * in.share_replaced),
        spent_(in.cost_once),
        cost_a_day_(in.cost_month / kMonthDays) {}

  void day() {
    came_in_ += staying_ * brought_a_day_ + saved_a_day_ * at_once_;
    staying_ = staying_ * keep_ + saved_a_day_;
    spent_ += cost_a_day_;
  }
  [[nodiscard]] double came_in() const { return came_in_; }
  [[nodiscard]] bool covers() const { return came_in_ > 0 && came_in_ >= spent_; }

 private:
  double keep_;  // of those who stay, from day to day
  double saved_a_day_;
  double brought_a_day_;  // by one who stays
  double at_once_;        // by one saved
  double staying_ = 0;
  double came_in_ = 0;
  double spent_;
  double cost_a_day_;
};

std::optional<int> payback_of(const MoneyInputs& inputs) {
  CashFlow flow(inputs);
  for (int day = 1; day <= kPaybackDaysMax; ++day) {
    flow.day();
    if (flow.covers()) return day;
  }
  return std::nullopt;
}

double realised_by_end(const MoneyInputs& inputs) {
  CashFlow flow(inputs);
  const auto end = static_cast<int>(inputs.months * kMonthDays);  // whole days
  for (int day = 1; day <= end; ++day) flow.day();
  return flow.came_in();
}

void set_gain(const MoneyInputs& in, MoneyAnswer& answer) {
  const double found = in.found * in.months;
  double measured = 0, proven = 0;
  if (in.measured) {
    const MeasuredEffect& m = *in.measured;
    measured = m.treated;
    proven = m.is_proven() ? m.treated * m.difference : 0;
    answer.gain_proven_low = m.treated * m.low * answer.value_saved;
    answer.gain_proven_high = m.treated * m.high * answer.value_saved;
  }
  // Whoever was measured is not supposed anything of, also where nothing was proven.
  const double supposed = std::max(0.0, found - measured) * in.share_saved;
  answer.saved = proven + supposed;
  answer.gain_proven = proven * answer.value_saved;
  answer.gain_scenario = supposed * answer.value_saved;
  answer.gain = answer.gain_proven + answer.gain_scenario;
}

}  // namespace

std::span<const MoneyField> money_fields() { return kFields; }

Status check_money(const MoneyInputs& inputs) {
  std::string wrong;
  const auto add = [&](const std::string& what) { wrong += (wrong.empty() ? "" : "; ") + what; };
  for (const MoneyField& field : kFields) {
    const double value = inputs.*field.place;
    if (value >= field.low && value <= field.high) continue;
    const auto text = [](double number) {
      std::string digits = std::to_string(number);
      digits.erase(digits.find_last_not_of('0') + 1);
      if (digits.back() == '.') digits.pop_back();
      return digits;
    };
    add(std::string(field.key) + " is from " + text(field.low) + " to " + text(field.high));
  }
  if (inputs.measured) {
    const MeasuredEffect& m = *inputs.measured;
    const bool ordered = m.low <= m.difference && m.difference <= m.high;
    if (!(m.treated >= 0 && m.treated <= 1e10) || !ordered || !(m.low >= -1) || !(m.high <= 1))
      add("measured has treated customers and a difference of shares within its interval");
  }
  if (!wrong.empty()) return fail(ErrorCode::invalid, std::move(wrong), "bad_input");
  return {};
}

double value_of_saved(const MoneyInputs& inputs) {
  return inputs.ltv * (1 - inputs.share_replaced) +
         replacement_of_one(inputs) * inputs.share_replaced;
}

Result<MoneyAnswer> calculate_money(const MoneyInputs& inputs) {
  TRY(check_money(inputs));
  MoneyAnswer answer;
  const double found = inputs.found * inputs.months;
  answer.value_saved = value_of_saved(inputs);
  answer.lifetime_months = 1 / inputs.monthly_churn;
  answer.value_month = inputs.ltv * inputs.monthly_churn;
  answer.revenue_at_risk = found * inputs.ltv;
  answer.replacement_bill = found * replacement_of_one(inputs);
  set_gain(inputs, answer);
  answer.realised = realised_by_end(inputs);
  answer.cost = inputs.cost_once + inputs.cost_month * inputs.months;
  if (answer.cost > 0) {
    answer.roi = (answer.gain - answer.cost) / answer.cost;
    answer.roi_proven = (answer.gain_proven - answer.cost) / answer.cost;
  }
  if (answer.value_saved > 0) {
    answer.break_even_customers = answer.cost / answer.value_saved;
    if (found > 0) answer.break_even_share = *answer.break_even_customers / found;
  }
  answer.payback_days = payback_of(inputs);
  return answer;
}

std::vector<MoneyFigure> money_figures(const MoneyInputs& inputs, const MoneyAnswer& a) {
  std::string proven = "not measured yet";
  if (inputs.measured) {
    const auto treated = static_cast<long long>(std::llround(inputs.measured->treated));
    proven = std::string(inputs.measured->is_proven() ? "measured" : "measured, not proven") +
             " against the holdout, " + std::to_string(treated) + " customers treated";
  }
  const std::string supposed = "supposed: a scenario";
  const std::string computed = "computed from what was entered";
  const std::string both = inputs.measured ? proven + "; the rest " + supposed : supposed;
  std::optional<double> days;
  if (a.payback_days) days = *a.payback_days;
  return {
      {"value_saved", "Value of a customer saved", "money", a.value_saved,
       "ltv x (1 - share_replaced) + (acquisition_cost + replacement_cost) x share_replaced",
       computed},
      {"lifetime_months", "Months a customer stays", "months", a.lifetime_months,
       "1 / monthly_churn", computed},
      {"value_month", "Brought a month", "money", a.value_month, "ltv x monthly_churn", computed},
      {"revenue_at_risk", "Revenue at risk", "money", a.revenue_at_risk, "found x months x ltv",
       computed},
      {"replacement_bill", "Bill for replacing all found", "money", a.replacement_bill,
       "found x months x (acquisition_cost + replacement_cost)", computed},
      {"saved", "Customers saved", "customers", a.saved,
       "treated x difference + (found x months - treated) x share_saved", both},
      {"gain_proven", "Gain, proven", "money", a.gain_proven, "treated x difference x value_saved",
       proven},
      {"gain_scenario", "Gain, scenario", "money", a.gain_scenario,
       "(found x months - treated) x share_saved x value_saved", supposed},
      {"gain", "Gain", "money", a.gain, "gain_proven + gain_scenario", both},
      {"realised", "Come in by the end", "money", a.realised,
       "each customer saved brings value_saved day by day as long as it stays", supposed},
      {"cost", "Cost", "money", a.cost, "cost_once + cost_month x months", computed},
      {"roi", "Return on investment", "ratio", a.roi, "(gain - cost) / cost", both},
      {"roi_proven", "Return, proven alone", "ratio", a.roi_proven, "(gain_proven - cost) / cost",
       proven},
      {"break_even_customers", "Customers to break even", "customers", a.break_even_customers,
       "cost / value_saved", computed},
      {"break_even_share", "Share to break even", "share", a.break_even_share,
       "cost / (found x months x value_saved)", computed},
      {"payback_days", "Days to payback", "days", days,
       "first day on which what came in covers cost_once and the cost of the days so far",
       supposed},
  };
}

}  // namespace tideline
