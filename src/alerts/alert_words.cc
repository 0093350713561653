#include "alerts/alert_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tideline {
namespace {

std::string spoken(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string figure_text(const AlertFigure& figure) {
  if (!figure.value) return "-";
  if (figure.is_probability) return fmt::format("{:.0f} %", 100 * *figure.value);
  return fmt::format("{:.1f}", *figure.value);
}

// As a part of a URL's path: everything but unreserved characters in per cent (RFC 3986, 2.3).
std::string in_path(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string link_to(const std::string& base_url, const std::string& path) {
  return base_url.empty() ? "" : base_url + path;
}

AlertWords words(const TierMove& move, const std::string& base_url) {
  AlertWords said;
  said.title = fmt::format("{} went from {} to {}", move.customer.str(), spoken(move.from),
                           spoken(move.to));
  said.text = move.reason;
  for (const AlertFigure& figure : move.figures)
    said.facts.emplace_back(spoken(figure.name), figure_text(figure));
  said.lines = move.drivers;
  said.link = link_to(base_url, "/customers/" + in_path(move.customer.str()));
  return said;
}

AlertWords words(const NewAction& made, const std::string& base_url) {
  const Action& action = made.action;
  AlertWords said;
  said.title = fmt::format("New action for {}: {}", action.customer.str(), spoken(action.play));
  said.text = action.say;
  said.facts.emplace_back("priority", action.priority);
  if (!action.channel.empty()) said.facts.emplace_back("channel", action.channel);
  said.link = link_to(base_url, "/customers/" + in_path(action.customer.str()));
  return said;
}

AlertWords words(const SetAside& aside, const std::string& base_url) {
  AlertWords said;
  said.title = fmt::format("{} dead letter{}: {}", aside.count, aside.count == 1 ? "" : "s",
                           spoken(std::string(name_of(aside.code))));
  said.text = aside.reason;
  said.facts.emplace_back("source", aside.source.str());
  said.facts.emplace_back("first", aside.first_id);
  said.link = link_to(base_url, "/pipeline");
  return said;
}

AlertWords words(const Trouble& trouble, const std::string& base_url) {
  AlertWords said;
  said.title =
      fmt::format("{}: {}", trouble.is_over ? "Recovered" : "Trouble", spoken(trouble.name));
  said.text = trouble.what;
  said.facts.emplace_back("since", format_time(trouble.since));
  said.link = link_to(base_url, "/pipeline");
  return said;
}

AlertWords words(const ReportsReady& ready, const std::string& base_url) {
  AlertWords said;
  said.title = "Reports of " + ready.day;
  said.text = "They were drawn on schedule and can be fetched.";
  for (const ReportsReady::Report& report : ready.reports) {
    const std::string link = link_to(ready, report, base_url);
    said.lines.push_back(fmt::format("{}, {} pages{}{}", report.name, report.pages,
                                     link.empty() ? "" : ": ", link));
  }
  said.link = link_to(base_url, "/reports");
  return said;
}

AlertWords words(const Trial& trial, const std::string& base_url) {
  AlertWords said;
  said.title = "A test from Tideline";
  said.text = fmt::format("Alerts for \"{}\" arrive here.", trial.receiver);
  said.link = link_to(base_url, "/settings");
  return said;
}

}  // namespace

AlertWords words_of(const Alert& alert, const std::string& base_url) {
  return std::visit([&](const auto& what) { return words(what, base_url); }, alert.what);
}

std::string link_to(const ReportsReady& ready, const ReportsReady::Report& report,
                    const std::string& base_url) {
  return link_to(base_url,
                 fmt::format("/api/v1/reports/{}?format=pdf&paper={}&at={}", in_path(report.name),
                             ready.paper, format_time(ready.as_of)));
}

AlertTopic usual_topic(const Alert& alert) {
  if (std::holds_alternative<TierMove>(alert.what)) return AlertTopic::tier_entered;
  if (std::holds_alternative<NewAction>(alert.what)) return AlertTopic::action;
  if (std::holds_alternative<SetAside>(alert.what)) return AlertTopic::dead_letters;
  if (std::holds_alternative<ReportsReady>(alert.what)) return AlertTopic::report;
  return AlertTopic::trouble;
}

std::string alert_type(const Alert& alert, AlertTopic topic) {
  if (std::holds_alternative<Trial>(alert.what)) return "test";
  switch (topic) {
    case AlertTopic::tier_entered: return "tier.entered";
    case AlertTopic::tier_left: return "tier.left";
    case AlertTopic::action: return "action.created";
    case AlertTopic::dead_letters: return "dead_letters.added";
    case AlertTopic::report: return "report.ready";
    case AlertTopic::trouble: break;
  }
  const auto* trouble = std::get_if<Trouble>(&alert.what);
  return trouble != nullptr && trouble->is_over ? "trouble.ended" : "trouble.began";
}

std::string customer_of(const Alert& alert) {
  if (const auto* move = std::get_if<TierMove>(&alert.what)) return move->customer.str();
  if (const auto* made = std::get_if<NewAction>(&alert.what)) return made->action.customer.str();
  return {};
}

}  // namespace tideline
