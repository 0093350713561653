#include "reports/initiative.h"

#include "reports/toml_reading.h"

namespace tideline::reports {
namespace {

using typesetting::NumberForm;

Result<InitiativePhase> phase_of(const TomlReading& reading, const TomlNode& table) {
  InitiativePhase phase;
  TRY(reading.keys(table, "[[phase]]",
                   {"name", "begins", "what", "owner", "share", "budget", "effect"}));
  TRY(reading.required(table, "name", "[[phase]]", phase.name));
  TRY(reading.text(table, "begins", phase.begins));
  TRY(reading.text(table, "what", phase.what));
  TRY(reading.text(table, "owner", phase.owner));
  TRY(reading.text(table, "effect", phase.effect));
  TRY(reading.number(table, "share", phase.share));
  TRY(reading.number(table, "budget", phase.budget));
  return phase;
}

Result<NumberForm> form_of(const TomlReading& reading, const TomlNode& table,
                           const std::string& currency) {
  std::string name;
  TRY(reading.text(table, "form", name));
  double digits = 0;
  TRY(reading.number(table, "digits", digits));
  NumberForm form;
  form.digits = static_cast<int>(digits);
  if (name == "share") {
    form.kind = NumberForm::Kind::share;
  } else if (name == "money") {
    form.kind = NumberForm::Kind::money;
    form.unit = currency;
  } else if (!name.empty() && name != "number") {
    return fail(ErrorCode::invalid, "form is number, share or money, not " + name,
                "bad_report_file");
  }
  if (form.digits < 0 || form.digits > 6)
    return fail(ErrorCode::invalid, "digits is 0 to 6", "bad_report_file");
  return form;
}

Result<SuccessMetric> metric_of(const TomlReading& reading, const TomlNode& table,
                                const std::string& currency) {
  SuccessMetric metric;
  TRY(reading.keys(
      table, "[[metric]]",
      {"label", "form", "digits", "baseline", "target", "figure", "query", "actual"}));
  TRY(reading.required(table, "label", "[[metric]]", metric.label));
  TRY_ASSIGN(metric.form, form_of(reading, table, currency));
  TRY(reading.number(table, "baseline", metric.baseline));
  TRY(reading.number(table, "target", metric.target));
  TRY(reading.text(table, "figure", metric.figure));
  TRY(reading.text(table, "query", metric.query));
  TRY(reading.number(table, "actual", metric.actual));
  return metric;
}

Result<InitiativeRisk> risk_of(const TomlReading& reading, const TomlNode& table) {
  InitiativeRisk risk;
  TRY(reading.keys(table, "[[risk]]", {"risk", "likelihood", "impact", "mitigation", "owner"}));
  TRY(reading.required(table, "risk", "[[risk]]", risk.risk));
  TRY(reading.text(table, "likelihood", risk.likelihood));
  TRY(reading.text(table, "impact", risk.impact));
  TRY(reading.text(table, "mitigation", risk.mitigation));
  TRY(reading.text(table, "owner", risk.owner));
  return risk;
}

Result<PilotPlan> pilot_of(const TomlReading& reading, const TomlNode& table) {
  PilotPlan pilot;
  TRY(reading.keys(table, "[pilot]", {"question", "arms", "metric", "size", "length", "stop"}));
  TRY(reading.required(table, "question", "[pilot]", pilot.question));
  TRY(reading.text(table, "arms", pilot.arms));
  TRY(reading.text(table, "metric", pilot.metric));
  TRY(reading.text(table, "size", pilot.size));
  TRY(reading.text(table, "length", pilot.length));
  TRY(reading.text(table, "stop", pilot.stop));
  return pilot;
}

Result<NextStep> step_of(const TomlReading& reading, const TomlNode& table) {
  NextStep step;
  TRY(reading.keys(table, "[[next_step]]", {"what", "owner", "by"}));
  TRY(reading.required(table, "what", "[[next_step]]", step.what));
  TRY(reading.text(table, "owner", step.owner));
  TRY(reading.text(table, "by", step.by));
  return step;
}

}  // namespace

double Initiative::budget() const {
  double sum = 0;
  for (const InitiativePhase& phase : phases) sum += phase.budget;
  return sum;
}

Result<Initiative> parse_initiative(std::string_view toml, std::string_view file) {
  const TomlReading reading(file);
  TRY_ASSIGN(const TomlNode root, reading.parse(toml));
  TRY(reading.keys(root, "the file",
                   {"title", "goal", "owner", "currency", "decisions", "phase", "metric", "risk",
                    "pilot", "next_step"}));
  Initiative initiative;
  initiative.file = std::string(file);
  TRY(reading.required(root, "title", "the file", initiative.title));
  TRY(reading.text(root, "goal", initiative.goal));
  TRY(reading.text(root, "owner", initiative.owner));
  TRY(reading.text(root, "currency", initiative.currency));
  if (const TomlNode* decisions = root.find("decisions")) {
    TRY_ASSIGN(initiative.decisions, reading.told(texts_of(*decisions, "decisions")));
  }
  const auto add_phase = [&](const TomlNode& table) -> Status {
    TRY_ASSIGN(auto phase, phase_of(reading, table));
    initiative.phases.push_back(std::move(phase));
    return {};
  };
  TRY(reading.each(root, "phase", add_phase));
  const auto add_metric = [&](const TomlNode& table) -> Status {
    auto metric = metric_of(reading, table, initiative.currency);
    if (!metric) return fail(metric.error().in("[[metric]]"));
    initiative.metrics.push_back(std::move(*metric));
    return {};
  };
  TRY(reading.each(root, "metric", add_metric));
  const auto add_risk = [&](const TomlNode& table) -> Status {
    TRY_ASSIGN(auto risk, risk_of(reading, table));
    initiative.risks.push_back(std::move(risk));
    return {};
  };
  TRY(reading.each(root, "risk", add_risk));
  if (const TomlNode* pilot = root.find("pilot")) {
    TRY_ASSIGN(initiative.pilot, pilot_of(reading, *pilot));
  }
  const auto add_step = [&](const TomlNode& table) -> Status {
    TRY_ASSIGN(auto step, step_of(reading, table));
    initiative.next_steps.push_back(std::move(step));
    return {};
  };
  TRY(reading.each(root, "next_step", add_step));
  return initiative;
}

}  // namespace tideline::reports
