// ScoreRun: rows on their way through a model into a file of figures, some thousand at a time.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/score_file.h"
#include "packs/pack.h"
#include "scoring/model.h"

namespace tideline {

struct ScoreRunOptions {
  std::shared_ptr<const Pack> rules;  // the pack with the tiers in force
  std::shared_ptr<const Model> model;
  Time now{};  // when predictions were made
  // Called with the rows that were written since the last call; false stops. May be empty.
  std::function<bool(std::uint64_t rows)> progress;
};

class ScoreRun {
 public:
  static constexpr double kUnknownDays = std::numeric_limits<double>::quiet_NaN();

  // `file` must outlive it.
  ScoreRun(ScoreRunOptions options, ScoreFile& file) : options_(std::move(options)), file_(file) {}

  // A row to score. `days_since_qualifying`: kUnknownDays takes what the features tell.
  Status add(ScoredRow row, std::span<const double> features, double days_since_qualifying);
  // A row that has no score, its reason filled in.
  Status add_unscored(ScoredRow row);
  // What is gathered goes to the file. cancelled: progress said so.
  Status flush();

 private:
  Status add(ScoredRow row, bool is_scored);

  ScoreRunOptions options_;
  ScoreFile& file_;
  std::vector<ScoredRow> rows_;
  std::vector<std::size_t> places_;  // in rows_, of those to score
  std::vector<double> features_;
  std::vector<double> since_;
};

}  // namespace tideline
