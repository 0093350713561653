// Initiative: what people plan to do about engagement, as they wrote it in a TOML file
// (docs/reports.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "typesetting/number_form.h"

namespace tideline::reports {

struct InitiativePhase {
  std::string name;
  std::string begins;  // as written: "2026-02", "after the pilot"
  std::string what;
  std::string owner;
  double share = 0;    // of customers, 0..1
  double budget = 0;   // in the initiative's currency
  std::string effect;  // expected
};

// A figure that is to change.
struct SuccessMetric {
  std::string label;
  typesetting::NumberForm form;
  std::optional<double> baseline;  // nullopt: none is set, as of the target
  std::optional<double> target;
  // Where the actual figure is: a figure of the report, "ANSWER.COLUMN" or "ANSWER.ROW.COLUMN"; or
  // SQL over the lake that gives one number; or, both empty, it is written here.
  std::string figure;
  std::string query;
  std::optional<double> actual;
};

struct InitiativeRisk {
  std::string risk;
  std::string likelihood;  // low, medium, high
  std::string impact;
  std::string mitigation;
  std::string owner;
};

struct PilotPlan {
  std::string question;
  std::string arms;
  std::string metric;
  std::string size;
  std::string length;
  std::string stop;
};

struct NextStep {
  std::string what;
  std::string owner;
  std::string by;
};

struct Initiative {
  std::string file;         // where it was read, for the list of sources
  bool is_example = false;  // of the pack, nobody's own
  std::string title;
  std::string goal;
  std::string owner;
  std::string currency;
  std::vector<InitiativePhase> phases;
  std::vector<SuccessMetric> metrics;  // empty in the file: those of the pack's success.toml
  std::vector<InitiativeRisk> risks;
  std::optional<PilotPlan> pilot;
  std::vector<std::string> decisions;
  std::vector<NextStep> next_steps;

  [[nodiscard]] double budget() const;
};

// `file` is used in messages; they say "FILE:LINE: what is wrong".
[[nodiscard]] Result<Initiative> parse_initiative(std::string_view toml, std::string_view file);

}  // namespace tideline::reports
