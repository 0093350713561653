#include "packs/success.h"

#include <algorithm>
#include <array>

#include "packs/pack_toml.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

constexpr std::array<std::string_view, 5> kMeasures = {"mean_figure", "tier_share", "daily_active",
                                                       "yearly_amount", "feature_share"};

Parsed<SuccessMeasure> measure_of(const TomlNode& table) {
  TRY_ASSIGN(const std::string name, required_text(table, "measure", "a metric"));
  const auto found = std::find(kMeasures.begin(), kMeasures.end(), name);
  if (found == kMeasures.end()) {
    const std::vector<std::string> known(kMeasures.begin(), kMeasures.end());
    return mistake(table.find("measure")->line, "no measure " + name + did_you_mean(name, known) +
                                                    "; there are " + listed(known));
  }
  return static_cast<SuccessMeasure>(found - kMeasures.begin());
}

bool is_of_something(SuccessMeasure measure) {
  return measure != SuccessMeasure::daily_active && measure != SuccessMeasure::yearly_amount;
}

Parsed<std::optional<double>> number_or_none(const TomlNode& table, const char* key) {
  const TomlNode* node = table.find(key);
  if (node == nullptr) return std::optional<double>();
  TRY_ASSIGN(const double number, number_of(*node, key));
  return std::optional(number);
}

Parsed<SuccessTarget> target_in(const TomlNode& table) {
  TRY(check_keys(table, "a metric",
                 {"name", "title", "unit", "measure", "of", "baseline", "target", "about"}));
  SuccessTarget target;
  TRY_ASSIGN(target.name, required_text(table, "name", "a metric"));
  TRY(check_name(target.name, "a metric's name", table.find("name")->line));
  TRY_ASSIGN(target.title, required_text(table, "title", "a metric"));
  TRY_ASSIGN(target.unit, required_text(table, "unit", "a metric"));
  TRY_ASSIGN(target.measure, measure_of(table));
  TRY_ASSIGN(target.of, text_or(table, "of", ""));
  TRY_ASSIGN(target.about, text_or(table, "about", ""));
  if (is_of_something(target.measure) == target.of.empty()) {
    return mistake(table.line,
                   std::string(name_of(target.measure)) +
                       (target.of.empty() ? " needs `of`" : " is of nothing: no `of`"));
  }
  TRY_ASSIGN(target.baseline, number_or_none(table, "baseline"));
  TRY_ASSIGN(target.target, number_or_none(table, "target"));
  if (target.baseline.has_value() != target.target.has_value())
    return mistake(table.line, "a metric has baseline and target, or neither");
  return target;
}

Parsed<std::vector<SuccessTarget>> targets_in(std::string_view toml) {
  TRY_ASSIGN(const TomlNode root, parse_toml(toml));
  TRY(check_keys(root, "the file", {"metric"}));
  std::vector<SuccessTarget> targets;
  const TomlNode* metrics = root.find("metric");
  if (metrics == nullptr) return targets;
  if (metrics->kind != TomlNode::Kind::array)
    return mistake(metrics->line, "metrics are written [[metric]]");
  for (const TomlNode& item : metrics->items) {
    if (item.kind != TomlNode::Kind::table)
      return mistake(item.line, "metrics are written [[metric]]");
    TRY_ASSIGN(SuccessTarget target, target_in(item));
    for (const SuccessTarget& other : targets) {
      if (other.name == target.name)
        return mistake(item.line, "two metrics are called " + target.name);
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace

std::string_view name_of(SuccessMeasure measure) { return kMeasures[std::size_t(measure)]; }

Result<std::vector<SuccessTarget>> parse_success(std::string_view toml, std::string_view file) {
  auto targets = targets_in(toml);
  if (targets) return std::move(*targets);
  return fail(ErrorCode::invalid,
              std::string(file) + ":" + std::to_string(targets.error().line) + ": " +
                  targets.error().message,
              "bad_success_file");
}

std::optional<double> progress_of(const SuccessTarget& target, double actual) {
  if (!target.baseline || !target.target || *target.baseline == *target.target)
    return std::nullopt;
  return (actual - *target.baseline) / (*target.target - *target.baseline);
}

}  // namespace tideline
