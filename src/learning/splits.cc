#include "learning/splits.h"

#include <algorithm>
#include <array>

#include "base/hash.h"

namespace tideline {
namespace {

// Share of the time left after the gaps that each part gets: train, validate, calibrate, test.
constexpr std::array<double, 4> kShareOfParts{0.55, 0.15, 0.15, 0.15};
constexpr double kTrainShare = 0.7;  // of train | test

bool is_integer(std::string_view key) {
  if (!key.empty() && (key.front() == '-' || key.front() == '+')) key.remove_prefix(1);
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// First as_of at or after `t`.
std::optional<Time> snapped(const std::vector<Time>& dates, Time t) {
  const auto found = std::lower_bound(dates.begin(), dates.end(), t);
  if (found == dates.end()) return std::nullopt;
  return *found;
}

Duration part_of_span(Duration span, double share) {
  return Duration(std::int64_t(double(span.count()) * share));
}

}  // namespace

int fold_of(std::string_view key) {
  if (!is_integer(key)) return int(xxh64(key) % kFolds);
  // Any length: only the last digit tells the remainder by 5.
  const int last = (key.back() - '0') % kFolds;
  return key.front() == '-' ? (kFolds - last) % kFolds : last;
}

std::string_view name_of(SplitKind kind) {
  switch (kind) {
    case SplitKind::time: return "time";
    case SplitKind::time_cross_fitted: return "time_cross_fitted";
    case SplitKind::customer_folds: return "customer_folds";
    case SplitKind::none: return "none";
  }
  return "none";
}

Part TimeCuts::part_of(Time as_of, Duration horizon) const {
  const Time known = as_of + horizon;
  if (as_of >= test) return Part::test;
  if (kind == SplitKind::time_cross_fitted) return known <= test ? Part::train : Part::none;
  if (as_of >= calibrate) return known <= test ? Part::calibrate : Part::none;
  if (as_of >= validate) return known <= calibrate ? Part::validate : Part::none;
  return known <= validate ? Part::train : Part::none;
}

bool is_enough(const TaskRows& rows, PartMinimum minimum) {
  if (rows.labels.size() < minimum.rows) return false;
  if (!rows.is_probability) return true;
  const auto ones = std::size_t(std::count(rows.labels.begin(), rows.labels.end(), 1.0));
  return std::min(ones, rows.labels.size() - ones) >= minimum.of_each_class;
}

std::optional<TimeCuts> time_cuts(std::span<const TaskRows> tasks, SplitKind kind) {
  std::vector<Time> dates;
  Duration gap{};
  for (const TaskRows& task : tasks) gap = std::max(gap, task.horizon);
  for (const TaskRows& task : tasks) {
    // The task with the longest label ends first; the parts must have room before its end.
    if (task.horizon == gap) dates.insert(dates.end(), task.as_of.begin(), task.as_of.end());
  }
  std::sort(dates.begin(), dates.end());
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  if (dates.size() < 2) return std::nullopt;
  const bool four = kind == SplitKind::time;
  const Duration span = dates.back() - dates.front() - (four ? 3 : 1) * gap;
  if (span < Duration{0}) return std::nullopt;

  TimeCuts cuts{kind};
  if (!four) {
    const auto test = snapped(dates, dates.front() + part_of_span(span, kTrainShare) + gap);
    if (!test) return std::nullopt;
    cuts.test = *test;
    return cuts;
  }
  const auto validate = snapped(dates, dates.front() + part_of_span(span, kShareOfParts[0]) + gap);
  if (!validate) return std::nullopt;
  const auto calibrate = snapped(dates, *validate + part_of_span(span, kShareOfParts[1]) + gap);
  if (!calibrate) return std::nullopt;
  const auto test = snapped(dates, *calibrate + part_of_span(span, kShareOfParts[2]) + gap);
  if (!test) return std::nullopt;
  cuts.validate = *validate;
  cuts.calibrate = *calibrate;
  cuts.test = *test;
  return cuts;
}

bool carries(const TimeCuts& cuts, const TaskRows& rows) {
  std::array<TaskRows, 5> parts;
  for (TaskRows& part : parts) part.is_probability = rows.is_probability;
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    const Part part = cuts.part_of(rows.as_of[i], rows.horizon);
    parts[std::size_t(part)].labels.push_back(rows.labels[i]);
  }
  const auto has = [&](Part part, PartMinimum minimum) {
    return is_enough(parts[std::size_t(part)], minimum);
  };
  const bool ends = has(Part::train, kTrainMinimum) && has(Part::test, kJudgeMinimum);
  if (cuts.kind == SplitKind::time_cross_fitted) return ends;
  return ends && has(Part::validate, kJudgeMinimum) && has(Part::calibrate, kJudgeMinimum);
}

}  // namespace tideline
