#include "app/score_run.h"

#include <cmath>

#include "pipeline/customer_scoring.h"

namespace tideline {
namespace {

constexpr std::size_t kBlockRows = 4'096;

}  // namespace

Status ScoreRun::add(ScoredRow row, std::span<const double> features,
                     double days_since_qualifying) {
  features_.insert(features_.end(), features.begin(), features.end());
  since_.push_back(days_since_qualifying);
  return add(std::move(row), true);
}

Status ScoreRun::add_unscored(ScoredRow row) {
  row.prediction.figures.assign(options_.rules->tasks().size(), std::nullopt);
  return add(std::move(row), false);
}

Status ScoreRun::add(ScoredRow row, bool is_scored) {
  if (is_scored) places_.push_back(rows_.size());
  rows_.push_back(std::move(row));
  return rows_.size() == kBlockRows ? flush() : Status();
}

Status ScoreRun::flush() {
  const Pack& pack = *options_.rules;
  const std::vector<double> told = days_told_by(pack, features_);
  for (std::size_t i = 0; i < since_.size(); ++i) {
    if (std::isnan(since_[i])) since_[i] = told[i];
  }
  auto scored = score_rows(pack, *options_.model, features_, since_, options_.now);
  for (std::size_t i = 0; i < places_.size(); ++i)
    rows_[places_[i]].prediction = std::move(scored[i]);
  TRY(file_.add(rows_));
  const std::uint64_t written = rows_.size();
  rows_.clear();
  places_.clear();
  features_.clear();
  since_.clear();
  if (options_.progress && !options_.progress(written))
    return fail(ErrorCode::cancelled, "the scoring was interrupted");
  return {};
}

}  // namespace tideline
