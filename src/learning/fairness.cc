#include "learning/fairness.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "base/check.h"
#include "learning/drift.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kHighestFifth = 0.2;

// The value that about `share` of the numbers reach; infinity where that is nobody.
double reached_by(std::span<const double> numbers, double share) {
  std::vector<double> sorted(numbers.begin(), numbers.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const auto count = static_cast<std::size_t>(std::lround(share * double(sorted.size())));
  if (count == 0) return std::numeric_limits<double>::infinity();
  return sorted[std::min(count, sorted.size()) - 1];
}

// A ratio of sums over customers, such as selected rows / rows, with its error: rows of one
// customer move together (linearised ratio estimator, Cochran 1977).
class RatioSums {
 public:
  void add(std::uint64_t customer, double part, double whole) {
    Sums& of = of_[customer];
    of.part += part;
    of.whole += whole;
  }

  [[nodiscard]] GroupFigure figure() const {
    GroupFigure out;
    double part = 0, whole = 0;
    for (const auto& [customer, of] : of_) {
      part += of.part;
      whole += of.whole;
    }
    out.customers = of_.size();
    if (out.customers < kFairnessCustomersMin) return out;
    out.value = part / whole;
    // In the order of customers, so that the same rows give the same bytes.
    double squares = 0;
    for (const auto& [customer, of] : of_) {
      const double off = of.part - out.value * of.whole;
      squares += off * off;
    }
    const double n = double(out.customers);
    out.error = std::sqrt(squares * n / (n - 1)) / whole;
    return out;
  }

 private:
  struct Sums {
    double part = 0, whole = 0;
  };
  std::map<std::uint64_t, Sums> of_;
};

// All of one group, row by row.
struct GroupSums {
  std::size_t rows = 0;
  std::set<std::uint64_t> customers;
  RatioSums selection, true_positives, false_positives, calibration;
};

FairnessGroup group_of(const std::string& value, const GroupSums& sums) {
  FairnessGroup group;
  group.value = value;
  group.rows = sums.rows;
  group.customers = sums.customers.size();
  group.selection = sums.selection.figure();
  group.true_positives = sums.true_positives.figure();
  group.false_positives = sums.false_positives.figure();
  group.calibration = sums.calibration.figure();
  return group;
}

// Where nobody is selected, half a customer is, so that there is a ratio.
double at_least_half(const GroupFigure& figure) {
  return std::max(figure.value, 0.5 / double(figure.customers));
}

void set_interval(GroupFigure& figure, double z) {
  if (std::isnan(figure.value)) return;
  figure.interval = {figure.value - z * figure.error, figure.value + z * figure.error};
}

GroupGap gap(std::string name, const GroupFigure& a, const GroupFigure& b, double z) {
  GroupGap out;
  out.name = std::move(name);
  if (std::isnan(a.value) || std::isnan(b.value)) return out;
  const double error = std::hypot(a.error, b.error);
  out.value = a.value - b.value;
  out.interval = {out.value - z * error, out.value + z * error};
  out.differs = out.interval.low > 0 || out.interval.high < 0;
  return out;
}

GroupGap selection_ratio(const GroupFigure& a, const GroupFigure& b, double z) {
  GroupGap out;
  out.name = "selection_ratio";
  if (std::isnan(a.value) || std::isnan(b.value)) return out;
  const double of_a = at_least_half(a);
  const double of_b = at_least_half(b);
  out.value = of_a / of_b;
  const double error = std::hypot(a.error / of_a, b.error / of_b);
  out.interval = {out.value * std::exp(-z * error), out.value * std::exp(z * error)};
  out.differs = out.interval.low > 1 || out.interval.high < 1;
  return out;
}

std::size_t known_figures(const FairnessOfTrait& of) {
  std::size_t known = 0;
  for (const FairnessGroup& group : of.groups) {
    for (const GroupFigure* figure :
         {&group.selection, &group.true_positives, &group.false_positives, &group.calibration}) {
      // Itself, and beside the reference.
      if (!std::isnan(figure->value)) known += group.value == of.reference ? 1 : 2;
    }
  }
  return known;
}

void compare(FairnessOfTrait& of, double z) {
  for (FairnessGroup& group : of.groups) {
    for (GroupFigure* figure :
         {&group.selection, &group.true_positives, &group.false_positives, &group.calibration}) {
      set_interval(*figure, z);
    }
  }
  for (std::size_t g = 1; g < of.groups.size(); ++g) {
    FairnessGroup& a = of.groups[g];
    const FairnessGroup& b = of.groups[0];
    a.gaps = {selection_ratio(a.selection, b.selection, z),
              gap("true_positive_gap", a.true_positives, b.true_positives, z),
              gap("false_positive_gap", a.false_positives, b.false_positives, z),
              gap("calibration_gap", a.calibration, b.calibration, z)};
    of.enough |= !std::isnan(a.gaps[0].value);
    for (const GroupGap& one : a.gaps) of.differs |= one.differs;
  }
}

std::string words_of(const GroupGap& gap, TaskKind kind) {
  if (gap.name == "selection_ratio") {
    return fmt::format("selected {:.2f} times as often ({:.2f} to {:.2f})", gap.value,
                       gap.interval.low, gap.interval.high);
  }
  const std::string what = gap.name == "true_positive_gap"    ? "rightly selected"
                           : gap.name == "false_positive_gap" ? "wrongly selected"
                                                              : "above what was said";
  // What a number comes to has its own scale; all else is shares.
  if (gap.name == "calibration_gap" && kind == TaskKind::number) {
    return fmt::format("{} by {:+.4g} ({:+.4g} to {:+.4g})", what, gap.value, gap.interval.low,
                       gap.interval.high);
  }
  return fmt::format("{} by {:+.1f} points ({:+.1f} to {:+.1f})", what, 100 * gap.value,
                     100 * gap.interval.low, 100 * gap.interval.high);
}

}  // namespace

std::string verdict(const FairnessOfTrait& of) {
  if (!of.enough) {
    return fmt::format(
        "{}: not enough data; a comparison needs {} customers in each of two groups", of.trait,
        kFairnessCustomersMin);
  }
  std::string different, alike;
  for (const FairnessGroup& group : of.groups) {
    for (const GroupGap& gap : group.gaps) {
      if (std::isnan(gap.value)) continue;
      std::string& list = gap.differs ? different : alike;
      if (!gap.differs && gap.name != "selection_ratio") continue;
      list += (list.empty() ? "" : "; ") + group.value + " " + words_of(gap, of.kind);
    }
  }
  const std::string beside = " beside " + of.reference;
  if (of.differs) return of.trait + ": treated differently" + beside + ": " + different;
  return of.trait + ": no difference is established" + beside + ": " + alike +
         "; a difference inside these ranges may be there";
}

void FairnessCheck::add(const FairnessRows& rows, const std::string& trait,
                        std::span<const std::string> values) {
  const std::size_t n = rows.labels.size();
  CHECK(rows.figures.size() == n && rows.customers.size() == n && values.size() == n);
  FairnessOfTrait& of = found_.emplace_back();
  of.task = rows.task;
  of.kind = rows.kind;
  of.trait = trait;
  if (n == 0) return;
  const bool number = rows.kind == TaskKind::number;
  of.outcome_from = number ? reached_by(rows.labels, kHighestFifth) : 1.0;
  const auto has_outcome = [&](std::size_t r) { return rows.labels[r] >= of.outcome_from; };
  std::size_t outcomes = 0;
  for (std::size_t r = 0; r < n; ++r) outcomes += has_outcome(r) ? 1 : 0;
  of.threshold = reached_by(rows.figures, number ? kHighestFifth : double(outcomes) / double(n));
  std::map<std::string, GroupSums> groups;
  for (std::size_t r = 0; r < n; ++r) {
    if (values[r].empty()) {
      ++of.unknown;
      continue;
    }
    GroupSums& group = groups[values[r]];
    const std::uint64_t customer = rows.customers[r];
    const double selected = rows.figures[r] >= of.threshold ? 1 : 0;
    ++group.rows;
    group.customers.insert(customer);
    group.selection.add(customer, selected, 1);
    (has_outcome(r) ? group.true_positives : group.false_positives).add(customer, selected, 1);
    group.calibration.add(customer, rows.labels[r] - rows.figures[r], 1);
  }
  for (const auto& [value, sums] : groups) of.groups.push_back(group_of(value, sums));
  std::stable_sort(of.groups.begin(), of.groups.end(),
                   [](const auto& a, const auto& b) { return a.customers > b.customers; });
  if (!of.groups.empty()) of.reference = of.groups.front().value;
}

std::vector<FairnessOfTrait> FairnessCheck::finish() {
  std::size_t intervals = 0;
  for (const FairnessOfTrait& of : found_) intervals += known_figures(of);
  const double level = 1 - (1 - kFairnessConfidence) / double(std::max<std::size_t>(1, intervals));
  const double z = std::sqrt(chi_square_quantile(level, 1));
  for (FairnessOfTrait& of : found_) compare(of, z);
  return std::move(found_);
}

}  // namespace tideline
