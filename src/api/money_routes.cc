// Money: the calculator with what is known of the business put in, retention and the growth of
// months, and how far success has come.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>

#include "api/effect_rows.h"
#include "api/money_json.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "features/compute.h"
#include "insights/retention_query.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

constexpr Duration kEffectSpan = 180 * kDay;
constexpr int kCurveDays = 90;
constexpr double kMonthDaysOfRisk = 30;

// What the folder itself knows of the calculator's inputs.
struct KnownMoney {
  MoneyInputs inputs;
  std::vector<KnownInput> known;
};

void set_from_loss(const ExpectedLoss& loss, double horizon_days, KnownMoney& money) {
  if (loss.customers == 0 || !(loss.churn > 0)) return;
  const double of_all = loss.churn / static_cast<double>(loss.customers);
  const double monthly = 1 - std::pow(1 - std::min(of_all, 0.99), kMonthDays / horizon_days);
  money.inputs.monthly_churn = std::clamp(monthly, 0.0001, 0.99);
  money.known.push_back({"monthly_churn",
                         "mean figure of leaving over eligible customers, as a "
                         "month"});
  money.inputs.found = money.inputs.monthly_churn * static_cast<double>(loss.customers);
  money.known.push_back(
      {"found", "monthly churn x eligible customers: expected to leave a month"});
  if (!loss.amount) return;
  const double a_month = *loss.amount / loss.churn * kMonthDays / kMonthDaysOfRisk;
  money.inputs.ltv = std::min(1e9, a_month / money.inputs.monthly_churn);
  money.known.push_back({"ltv",
                         "amount a month of customers at risk / monthly churn; what serving "
                         "them costs is not taken off"});
}

Status set_measured(Services& services, KnownMoney& money) {
  TRY_ASSIGN(const auto rows, effect_rows(*services.inbox, services.folder_now() - kEffectSpan));
  const auto effects = effects_of(rows, {services.pack.lapse()});
  if (effects.empty() || effects.front().differences.empty()) return {};
  const Difference& retained = effects.front().differences.front();
  money.inputs.measured = MeasuredEffect{static_cast<double>(retained.treated_n),
                                         retained.difference, retained.low, retained.high};
  return {};
}

Result<KnownMoney> known_money(Services& services) {
  KnownMoney money;
  if (const auto task = services.rescorer.task_of_leaving()) {
    // A label's horizon ends with the lapse period that it must wait for; the figure is of leaving
    // within what is before it.
    const double lapse_days = days(services.pack.lapse());
    const double horizon_days = days(services.pack.tasks()[*task].horizon) - lapse_days;
    set_from_loss(services.rescorer.expected_loss(), std::max(lapse_days, horizon_days), money);
  }
  TRY(set_measured(services, money));
  return money;
}

struct Calculated {
  MoneyInputs inputs;
  MoneyAnswer answer;
  std::vector<KnownInput> known;
  std::vector<CustomerCost> costs;
};

http::Response response_of(const Services& services, const Calculated& calculated) {
  JsonWriter json;
  write_money(json, services.pack.currency(), calculated.inputs, calculated.answer,
              calculated.known, calculated.costs);
  return http::json_response(json.take());
}

struct ShowMoney {
  struct Input {};
  using Output = Calculated;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    TRY_ASSIGN(KnownMoney money, known_money(services));
    TRY_ASSIGN(const MoneyAnswer answer, calculate_money(money.inputs));
    TRY_ASSIGN(auto costs, services.customer_costs());
    return Calculated{money.inputs, answer, std::move(money.known), std::move(costs)};
  }
  static http::Response answer(const Services& services, const Output& output) {
    return response_of(services, output);
  }
};

// Reads, though it is sent with POST: the inputs are the body, and nothing is kept; so it works
// where time stands still, and is nothing for the audit log.
Result<http::Response> calculate(Services& services, const http::Request& request) {
  TRY_ASSIGN(KnownMoney money, known_money(services));
  Calculated calculated;
  TRY_ASSIGN(calculated.inputs, parse_money(request.body, money.inputs));
  TRY_ASSIGN(calculated.answer, calculate_money(calculated.inputs));
  TRY_ASSIGN(calculated.costs, services.customer_costs());
  for (KnownInput& one : money.known) {
    for (const MoneyField& field : money_fields()) {
      if (field.key == one.key && calculated.inputs.*field.place == money.inputs.*field.place)
        calculated.known.push_back(std::move(one));
    }
  }
  return response_of(services, calculated);
}

Result<int> days_in(const http::Query& query) {
  const auto text = query.get("days");
  if (!text) return kCurveDays;
  int days = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, days);
  if (parsed.ec == std::errc{} && parsed.ptr == end && days >= 1 && days <= 365) return days;
  return fail(ErrorCode::invalid, "days is a whole number from 1 to 365", "bad_parameter");
}

// Customers take something up that goes on until they end it.
bool has_contract(const Pack& pack) {
  return std::any_of(pack.events().begin(), pack.events().end(),
                     [&](const EventSpec& event) { return pack.is_start(event.index); });
}

std::vector<std::string> qualifying_names(const Pack& pack) {
  std::vector<std::string> names;
  for (const EventSpec& event : pack.events()) {
    if (pack.is_qualifying(event.index)) names.push_back(event.name);
  }
  return names;
}

struct ShowRetention {
  using Input = int;  // days
  struct Output {
    ActivityFigures figures;
    int days = 0;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return days_in(request.query);
  }

  static Result<Output> handle(Services& services, const Input& days) {
    TRY_ASSIGN(ActivityFigures figures, services.activity());
    for (auto& curve : figures.curves) curve.resize(std::size_t(days) + 1);
    return Output{std::move(figures), days};
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().member("as_of", output.figures.as_of);
    json.member("customers", output.figures.customers);
    json.member("window_days", kRollingDays).member_or_null("currency", services.pack.currency());
    json.member("revenue_retention", revenue_retention_name(has_contract(services.pack)));
    json.key("curves").begin_array();
    for (std::size_t kind = 0; kind < output.figures.curves.size(); ++kind)
      write_curve(json, RetentionKind(kind), output.figures.curves[kind]);
    json.end_array().key("months");
    write_growth(json, output.figures.months);
    const auto events = qualifying_names(services.pack);
    json.key("queries").begin_object().key("curves").begin_array();
    for (std::size_t kind = 0; kind < output.figures.curves.size(); ++kind) {
      json.value(retention_query(events, RetentionKind(kind), output.days, kRollingDays,
                                 output.figures.as_of));
    }
    json.end_array().member("months", growth_query(events, output.figures.as_of)).end_object();
    return http::json_response(json.end_object().take());
  }
};

// Sums over the scored customers.
struct ScoredSums {
  std::uint64_t customers = 0;
  std::vector<double> figures;             // sum, one a task
  std::vector<std::uint64_t> with_figure;  // one a task
  std::map<std::string, std::uint64_t> tiers;
  std::map<std::string, std::uint64_t> with_feature;  // by feature: above 0
};

struct ShowSuccess {
  struct Input {};
  struct Output {
    std::vector<SuccessRow> rows;
    Time now{};
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }

  static Result<Output> handle(Services& services, const Input&) {
    Output output;
    output.now = services.folder_now();
    if (services.success.empty()) return output;
    TRY_ASSIGN(const ScoredSums sums, sums_of(services));
    TRY_ASSIGN(const ActivityFigures activity, services.activity());
    for (const SuccessTarget& target : services.success)
      output.rows.push_back({target, actual_of(services.pack, target, sums, activity)});
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().member("as_of", output.now);
    json.member_or_null("currency", services.pack.currency()).key("data").begin_array();
    for (const SuccessRow& row : output.rows) write_success(json, row);
    return http::json_response(json.end_array().end_object().take());
  }

  static Result<ScoredSums> sums_of(Services& services) {
    ScoredSums sums;
    const std::size_t tasks = services.pack.tasks().size();
    sums.figures.assign(tasks, 0);
    sums.with_figure.assign(tasks, 0);
    std::optional<Error> trouble;
    TRY(services.state.scan(Family::predictions, "", "",
                            [&](std::string_view, std::string_view bytes) {
                              const auto kept = decode_kept_prediction(bytes);
                              if (!kept) {
                                trouble = kept.error();
                                return false;
                              }
                              add(kept->prediction, sums);
                              return true;
                            }));
    if (trouble) return fail(*trouble);
    TRY(add_features(services, sums));
    return sums;
  }

  static void add(const Prediction& prediction, ScoredSums& sums) {
    if (prediction.status == ScoreStatus::unscored) return;
    ++sums.customers;
    ++sums.tiers[prediction.tier];
    const std::size_t tasks = std::min(sums.figures.size(), prediction.figures.size());
    for (std::size_t k = 0; k < tasks; ++k) {
      if (!prediction.figures[k]) continue;
      sums.figures[k] += *prediction.figures[k];
      ++sums.with_figure[k];
    }
  }

  // Customers with a feature above 0, for the features that a target asks for.
  static Status add_features(Services& services, ScoredSums& sums) {
    std::vector<std::pair<std::string, std::size_t>> asked;
    for (const SuccessTarget& target : services.success) {
      const auto place = services.pack.feature_index(target.of);
      if (target.measure == SuccessMeasure::feature_share && place)
        asked.emplace_back(target.of, *place);
    }
    if (asked.empty()) return {};
    const Time now = services.folder_now();
    std::optional<Error> trouble;
    TRY(services.state.scan(
        Family::customers, "", "", [&](std::string_view, std::string_view bytes) {
          const auto state = CustomerState::decode(services.pack, bytes);
          if (!state) {
            trouble = state.error();
            return false;
          }
          const FeatureVector features = compute_features(services.pack, *state, now);
          for (const auto& [name, place] : asked)
            sums.with_feature[name] += features.values[place] > 0 ? 1 : 0;
          return true;
        }));
    return trouble ? Status(fail(*trouble)) : Status();
  }

  static std::optional<double> actual_of(const Pack& pack, const SuccessTarget& target,
                                         const ScoredSums& sums, const ActivityFigures& activity) {
    if (target.measure == SuccessMeasure::daily_active) return activity.daily_active;
    if (target.measure == SuccessMeasure::yearly_amount) return activity.yearly_amount;
    const double all = static_cast<double>(sums.customers);
    if (sums.customers == 0) return std::nullopt;
    if (target.measure == SuccessMeasure::mean_figure) {
      const auto task = pack.task_index(target.of);
      if (!task || sums.with_figure[*task] == 0) return std::nullopt;
      return sums.figures[*task] / static_cast<double>(sums.with_figure[*task]);
    }
    const auto& counts =
        target.measure == SuccessMeasure::tier_share ? sums.tiers : sums.with_feature;
    const auto found = counts.find(target.of);
    return found == counts.end() ? 0 : static_cast<double>(found->second) / all;
  }
};

Endpoint described(const char* path, const char* name, const char* about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "money";
  endpoint.about = about;
  return endpoint;
}

}  // namespace

void add_money_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint money =
      described("/api/v1/money", "show_money",
                "The calculator with what is known of the business put in: revenue at "
                "risk, what is gained, proven and supposed, and what it costs");
  money.answers = {{"application/json", "#Money"}};
  money.problems = {400, 504};
  endpoints.push_back(reading<ShowMoney>(services, std::move(money)));

  Endpoint calculator = described("/api/v1/money", "calculate_money",
                                  "The same with inputs of your own; what is absent is as known. "
                                  "Keeps nothing");
  calculator.method = http::Method::post;
  calculator.permission = Permission::read;
  calculator.options.wire_bytes_max = services.body_bytes_max;
  calculator.body = {{"application/json", "#MoneyInputs"}};
  calculator.answers = {{"application/json", "#Money"}};
  calculator.problems = {400, 413, 503};
  calculator.handler = [&services](http::Request request, http::Responder responder) {
    auto asked = std::make_shared<std::pair<http::Request, http::Responder>>(std::move(request),
                                                                             std::move(responder));
    services.in_background([&services, asked] {
      auto answer = calculate(services, asked->first);
      asked->second(answer ? std::move(*answer) : problem_of(answer.error()));
    });
  };
  endpoints.push_back(std::move(calculator));

  Endpoint retention = described(
      "/api/v1/retention", "show_retention",
      "Who comes back after how many days (on the day, on the day or later, within a week up to "
      "it), and month by month new, retained, resurrected and churned customers with their money");
  retention.query = {
      {"days", "Curves so long", R"({"type":"integer","minimum":1,"maximum":365,"default":90})"}};
  retention.answers = {{"application/json", "#Retention"}};
  retention.problems = {400, 504};
  endpoints.push_back(reading<ShowRetention>(services, std::move(retention)));

  Endpoint success = described("/api/v1/success", "show_success",
                               "What the business wants to reach: baseline, target and actual");
  success.answers = {{"application/json", "#SuccessMetrics"}};
  success.problems = {400, 504};
  endpoints.push_back(reading<ShowSuccess>(services, std::move(success)));
}

}  // namespace tideline
