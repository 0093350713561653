// Uplift from a table of an experiment: four models judged by their Qini curve, and a ranking.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include <boost/json/array.hpp>

#include "app/experiment_table.h"
#include "insights/targeting.h"
#include "learning/table_columns.h"
#include "learning/uplift.h"
#include "packs/spelling.h"
#include "scoring/table_encoding.h"

namespace tideline {
namespace {

namespace json = boost::json;

constexpr std::array<double, 3> kTops = {0.1, 0.3, 0.5};

// The customers of both arms with a known outcome: what is known of each from before, and what it
// did.
struct Both {
  UpliftRows rows;
  std::vector<std::string> ids;
  std::vector<bool> odd;  // the row's number in the table is
};

Result<std::size_t> treated_arm(const Experiment& experiment, const std::string& name) {
  if (name.empty() && experiment.arms.size() == 2) return 1;
  const auto found = std::find(experiment.arms.begin() + 1, experiment.arms.end(), name);
  if (found != experiment.arms.end()) return std::size_t(found - experiment.arms.begin());
  return fail(ErrorCode::invalid,
              (name.empty() ? std::string("name one treated arm") : "no treated arm " + name) +
                  "; there are " + listed(std::span(experiment.arms).subspan(1)),
              "bad_arms");
}

Result<const ExperimentOutcome*> outcome_of(const Experiment& experiment,
                                            const std::string& name) {
  for (const ExperimentOutcome& outcome : experiment.outcomes) {
    if (outcome.name == name) return &outcome;
  }
  return fail(ErrorCode::invalid, "uplift is of one of the outcomes; " + name + " is none",
              "bad_outcome");
}

Result<Both> both_arms(const CustomerTable& table, const ExperimentRequest& request,
                       const ReadExperiment& read, const UpliftRequest& uplift) {
  TRY_ASSIGN(const std::size_t arm, treated_arm(read.experiment, uplift.treated));
  TRY_ASSIGN(const ExperimentOutcome* outcome, outcome_of(read.experiment, uplift.outcome));
  TableRequest columns;
  columns.target = uplift.outcome;
  columns.id = request.id;
  columns.drop = request.drop;
  columns.drop.push_back(request.arm);
  for (const std::string& name : request.outcomes) {
    if (name != uplift.outcome) columns.drop.push_back(name);
  }
  TRY_ASSIGN(const TablePlan plan, plan_table(table, columns));
  TRY_ASSIGN(const EncodedTable encoded, encode_table(table, plan.encoding));
  Both both;
  TrainingRows& rows = both.rows.rows;
  rows = TrainingRows{0, encoded.width, 1, {}, {}, {}};
  both.rows.is_share = outcome->is_share;
  for (std::size_t c = 0; c < read.rows.size(); ++c) {
    const std::size_t in = read.experiment.arm[c];
    if ((in != 0 && in != arm) || std::isnan(outcome->values[c])) continue;
    const auto first = encoded.features.begin() + std::ptrdiff_t(read.rows[c] * encoded.width);
    rows.features.insert(rows.features.end(), first, first + std::ptrdiff_t(encoded.width));
    rows.labels.push_back(outcome->values[c]);
    rows.days_since_qualifying.push_back(std::nan(""));
    both.rows.treated.push_back(in != 0);
    both.ids.push_back(encoded.ids[read.rows[c]]);
    both.odd.push_back(read.rows[c] % 2 == 1);
    ++rows.rows;
  }
  return both;
}

UpliftRows half(const Both& both, bool odd) {
  const TrainingRows& all = both.rows.rows;
  UpliftRows out;
  out.is_share = both.rows.is_share;
  out.rows = TrainingRows{0, all.width, 1, {}, {}, {}};
  for (std::size_t r = 0; r < all.rows; ++r) {
    if (both.odd[r] != odd) continue;
    const auto features = all.block().row(r);
    out.rows.features.insert(out.rows.features.end(), features.begin(), features.end());
    out.rows.labels.push_back(all.labels[r]);
    out.rows.days_since_qualifying.push_back(std::nan(""));
    out.treated.push_back(both.rows.treated[r]);
    ++out.rows.rows;
  }
  return out;
}

json::object model_json(const UpliftOptions& options, const QiniRows& rows, const Qini& qini) {
  json::array tops;
  for (const double share : kTops) {
    const auto observed = observed_uplift(rows, share);
    tops.push_back(json::object{
        {"share", share}, {"observed", observed ? json::value(*observed) : json::value(nullptr)}});
  }
  json::array curve;
  for (const QiniPoint& point : qini.curve) curve.push_back({point.share, point.gain});
  return {{"method", name_of(options.method)}, {"base", name_of(options.base)},
          {"qini", qini.coefficient},          {"low", qini.interval.low},
          {"high", qini.interval.high},        {"top", std::move(tops)},
          {"curve", std::move(curve)}};
}

// The uplift of every row by models that did not learn from it.
Result<std::vector<double>> crossed_uplift(const Both& both, const UpliftRows& even,
                                           const UpliftRows& odd, const UpliftOptions& options) {
  TRY_ASSIGN(const UpliftModel of_even, fit_uplift(even, options));
  TRY_ASSIGN(const UpliftModel of_odd, fit_uplift(odd, options));
  const auto for_odd = of_even.uplift(odd.rows.block());
  const auto for_even = of_odd.uplift(even.rows.block());
  std::vector<double> uplift;
  std::size_t next_even = 0, next_odd = 0;
  for (const bool is_odd : both.odd)
    uplift.push_back(is_odd ? for_odd[next_odd++] : for_even[next_even++]);
  return uplift;
}

Status rank(const Both& both, const std::vector<double>& uplift, const UpliftRequest& request,
            UpliftAnswer& answer) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < uplift.size(); ++i)
    candidates.push_back({both.ids[i], uplift[i], request.value, request.cost});
  TRY_ASSIGN(const auto targets, best_targets(candidates, request.budget));
  for (std::size_t i = 0; i < candidates.size(); ++i)
    answer.ranking.push_back({both.ids[i], uplift[i], candidates[i].profit(), false});
  for (const Target& target : targets) answer.ranking[target.candidate].chosen = true;
  std::stable_sort(answer.ranking.begin(), answer.ranking.end(),
                   [](const UpliftRow& a, const UpliftRow& b) { return a.profit > b.profit; });
  answer.json["targets"] = json::object{
      {"value", request.value},
      {"cost", request.cost},
      {"budget", request.budget ? json::value(*request.budget) : json::value(nullptr)},
      {"customers", targets.size()},
      {"of", candidates.size()},
      {"spent", targets.empty() ? 0.0 : targets.back().spent},
      {"expected_profit", targets.empty() ? 0.0 : targets.back().earned}};
  return {};
}

}  // namespace

Result<UpliftAnswer> uplift_of(const CustomerTable& table, const ExperimentRequest& request,
                               const ReadExperiment& read, const UpliftRequest& uplift,
                               const TreeTrainer& trees) {
  TRY_ASSIGN(const Both both, both_arms(table, request, read, uplift));
  const UpliftRows even = half(both, false), odd = half(both, true);
  UpliftAnswer answer;
  json::array models;
  UpliftOptions best;
  double best_qini = -std::numeric_limits<double>::infinity();
  double overall = 0;
  for (const UpliftMethod method : {UpliftMethod::two_models, UpliftMethod::transformed_outcome}) {
    for (const UpliftBase base : {UpliftBase::trees, UpliftBase::regression}) {
      UpliftOptions options;
      options.method = method;
      options.base = base;
      options.trees = &trees;
      TRY_ASSIGN(const UpliftModel model, fit_uplift(even, options));
      const auto figures = model.uplift(odd.rows.block());
      const QiniRows rows{figures, odd.rows.labels, odd.treated};
      const Qini qini = qini_of(rows, uplift.seed);
      overall = qini.overall;
      models.push_back(model_json(options, rows, qini));
      if (qini.coefficient > best_qini) {
        best_qini = qini.coefficient;
        best = options;
      }
    }
  }
  TRY_ASSIGN(const auto crossed, crossed_uplift(both, even, odd, best));
  answer.json = {
      {"outcome", uplift.outcome},
      {"learnt_from", even.rows.rows},
      {"judged_by", odd.rows.rows},
      {"overall", overall},
      {"models", std::move(models)},
      {"best", json::object{{"method", name_of(best.method)}, {"base", name_of(best.base)}}}};
  TRY(rank(both, crossed, uplift, answer));
  return answer;
}

}  // namespace tideline
