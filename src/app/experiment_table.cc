#include "app/experiment_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <boost/json/array.hpp>

#include "domain/pilot.h"
#include "packs/spelling.h"
#include "scoring/table_encoding.h"

namespace tideline {
namespace {

namespace json = boost::json;

// The arms by name, the control first.
Result<std::vector<std::string>> arms_of(const CustomerTable& table, const CustomerColumn& column,
                                         const std::string& control) {
  std::map<std::string, std::size_t> there;
  for (std::size_t r = 0; r < table.rows; ++r) {
    const std::string arm = column.text_at(r);
    if (!arm.empty()) ++there[arm];
    if (there.size() > kPilotArmsMax) {
      return fail(ErrorCode::invalid,
                  column.name + " has more than 10 values; an experiment has 2 to 10 arms",
                  "bad_arms");
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, rows] : there) names.push_back(name);
  if (names.size() < 2)
    return fail(ErrorCode::invalid, column.name + " has one arm alone", "bad_arms");
  const auto found = std::find(names.begin(), names.end(), control);
  if (found == names.end()) {
    return fail(
        ErrorCode::invalid,
        "no arm " + control + did_you_mean(control, names) + "; there are " + listed(names),
        "bad_arms");
  }
  std::rotate(names.begin(), found, found + 1);
  return names;
}

Result<std::vector<double>> shares_of(const ExperimentRequest& request,
                                      const std::vector<std::string>& arms) {
  if (request.shares.empty()) return std::vector<double>(arms.size(), 1.0 / double(arms.size()));
  std::vector<double> shares(arms.size(), 0);
  double sum = 0;
  for (const auto& [name, share] : request.shares) {
    const auto found = std::find(arms.begin(), arms.end(), name);
    if (found == arms.end() || !(share > 0)) {
      return fail(ErrorCode::invalid, "no arm " + name + ", or no share above 0 of it",
                  "bad_shares");
    }
    shares[std::size_t(found - arms.begin())] = share;
    sum += share;
  }
  for (double& share : shares) {
    if (share == 0) return fail(ErrorCode::invalid, "name a share for every arm", "bad_shares");
    share /= sum;
  }
  return shares;
}

// Numbers; where the column has none but words, yes and no. Missing cells are NaN.
Result<std::vector<double>> values_of(const CustomerTable& table, const std::string& name,
                                      const std::vector<std::size_t>& rows) {
  TRY_ASSIGN(const CustomerColumn* column, column_of(table, name, "an outcome"));
  std::vector<double> numbers, words;
  bool no_number = false, no_word = false;
  for (const std::size_t r : rows) {
    bool unreadable = false;
    numbers.push_back(number_at(*column, r, NumberStyle::plain, unreadable));
    no_number = no_number || unreadable;
    unreadable = false;
    words.push_back(yes_no_at(*column, r, unreadable));
    no_word = no_word || unreadable;
  }
  if (!no_number) return numbers;
  if (!no_word) return words;
  return fail(ErrorCode::invalid, name + " holds cells that are neither numbers nor yes or no",
              "bad_outcome");
}

bool is_share(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isnan(value) || value == 0 || value == 1; });
}

json::value number_or_null(double value) {
  return std::isfinite(value) ? json::value(value) : json::value(nullptr);
}

json::object effect_json(const ArmEffect& effect) {
  json::object out{{"control", effect.control},
                   {"treated", effect.treated},
                   {"difference", effect.difference},
                   {"low", effect.low},
                   {"high", effect.high},
                   {"standard_error", effect.standard_error},
                   {"z", effect.z},
                   {"p", effect.p},
                   {"control_n", effect.control_n},
                   {"treated_n", effect.treated_n},
                   {"clear", effect.is_clear()}};
  const auto lift = effect.lift();
  out["lift"] = lift ? number_or_null(*lift) : json::value(nullptr);
  return out;
}

json::object comparison_json(const Comparison& one) {
  json::object out{{"outcome", one.outcome}, {"is_share", one.is_share}};
  out["arm"] = one.arm.empty() ? json::value(nullptr) : json::value(one.arm);
  out["enough"] = one.enough;
  out["missing"] = one.missing;
  out["effect"] = one.enough ? json::value(effect_json(one.effect)) : json::value(nullptr);
  out["cuped"] = nullptr;
  if (one.cuped) {
    json::object cuped = effect_json(*one.cuped);
    cuped["variance_removed"] = one.variance_removed;
    out["cuped"] = std::move(cuped);
  }
  return out;
}

}  // namespace

Result<ReadExperiment> read_experiment(const CustomerTable& table,
                                       const ExperimentRequest& request) {
  TRY_ASSIGN(const CustomerColumn* column, column_of(table, request.arm, "the arm"));
  ReadExperiment read;
  Experiment& experiment = read.experiment;
  TRY_ASSIGN(experiment.arms, arms_of(table, *column, request.control));
  TRY_ASSIGN(experiment.shares, shares_of(request, experiment.arms));
  for (std::size_t r = 0; r < table.rows; ++r) {
    const std::string arm = column->text_at(r);
    if (arm.empty()) {
      ++read.without_arm;
      continue;
    }
    const auto place = std::find(experiment.arms.begin(), experiment.arms.end(), arm);
    experiment.arm.push_back(std::size_t(place - experiment.arms.begin()));
    read.rows.push_back(r);
  }
  for (const std::string& name : request.outcomes) {
    ExperimentOutcome& outcome = experiment.outcomes.emplace_back();
    outcome.name = name;
    TRY_ASSIGN(outcome.values, values_of(table, name, read.rows));
    outcome.is_share = is_share(outcome.values);
  }
  if (!request.before.empty()) {
    TRY_ASSIGN(experiment.before, values_of(table, request.before, read.rows));
  }
  return read;
}

json::object experiment_json(const ReadExperiment& read) {
  const Experiment& experiment = read.experiment;
  const ExperimentReport report = report_of(experiment);
  json::array arms;
  for (std::size_t a = 0; a < experiment.arms.size(); ++a) {
    arms.push_back(json::object{{"arm", experiment.arms[a]},
                                {"is_control", a == 0},
                                {"customers", report.customers[a]},
                                {"planned_share", experiment.shares[a]}});
  }
  json::array effects;
  for (const Comparison& one : report.comparisons) effects.push_back(comparison_json(one));
  return {{"rows", experiment.arm.size()},
          {"without_arm", read.without_arm},
          {"arms", std::move(arms)},
          {"sample_ratio", json::object{{"chi_square", report.ratio.chi_square},
                                        {"p", report.ratio.p},
                                        {"alarm", report.ratio.alarm}}},
          {"effects", std::move(effects)}};
}

}  // namespace tideline
