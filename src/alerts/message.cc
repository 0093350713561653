#include "alerts/message.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "alerts/alert_words.h"
#include "alerts/mail_text.h"

namespace tideline {
namespace {

namespace json = boost::json;

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

void describe(const TierMove& move, const std::string&, json::object& out) {
  out["customer_id"] = move.customer.str();
  out["from"] = move.from;
  out["to"] = move.to;
  out["reason"] = move.reason;
  json::object figures;
  for (const AlertFigure& figure : move.figures)
    figures[figure.name] = figure.value ? json::value(*figure.value) : json::value(nullptr);
  out["figures"] = std::move(figures);
  out["drivers"] = json::array(move.drivers.begin(), move.drivers.end());
  out["model_version"] = move.model_version;
}

void describe(const NewAction& made, const std::string&, json::object& out) {
  const Action& action = made.action;
  out["customer_id"] = action.customer.str();
  out["action_id"] = action.id;
  out["play"] = action.play;
  out["priority"] = action.priority;
  out["channel"] = or_null(action.channel);
  out["sentence"] = action.say;
  out["expected_cost"] = action.cost;
}

void describe(const SetAside& aside, const std::string&, json::object& out) {
  out["code"] = std::string(name_of(aside.code));
  out["count"] = aside.count;
  out["first_id"] = aside.first_id;
  out["reason"] = aside.reason;
  out["source"] = aside.source.str();
}

void describe(const Trouble& trouble, const std::string&, json::object& out) {
  out["trouble"] = trouble.name;
  out["what"] = trouble.what;
  out["since"] = format_time(trouble.since);
  out["over"] = trouble.is_over;
}

void describe(const Trial& trial, const std::string&, json::object& out) {
  out["receiver"] = trial.receiver;
}

void describe(const ReportsReady& ready, const std::string& base_url, json::object& out) {
  out["since"] = format_time(ready.since);
  out["as_of"] = format_time(ready.as_of);
  out["paper"] = ready.paper;
  json::array reports;
  for (const ReportsReady::Report& report : ready.reports) {
    reports.push_back(json::object{{"name", report.name},
                                   {"pages", report.pages},
                                   {"bytes", report.bytes},
                                   {"link", or_null(link_to(ready, report, base_url))}});
  }
  out["reports"] = std::move(reports);
}

json::object webhook_of(const ToldAlert& told, const std::string& base_url) {
  json::object body;
  body["type"] = alert_type(told.alert, told.topic);
  body["timestamp"] = format_time(told.alert.time);
  body["data"] = content_of(told.alert, base_url);
  return body;
}

std::map<std::string, std::size_t> count_types(const std::vector<ToldAlert>& alerts) {
  std::map<std::string, std::size_t> counts;
  for (const ToldAlert& told : alerts) ++counts[alert_type(told.alert, told.topic)];
  return counts;
}

json::object webhook_digest(const std::vector<ToldAlert>& alerts, const std::string& base_url) {
  json::object counts;
  for (const auto& [type, count] : count_types(alerts)) counts[type] = count;
  json::array first;
  for (std::size_t i = 0; i < alerts.size() && i < kDigestShown; ++i)
    first.push_back(webhook_of(alerts[i], base_url));
  json::object content;
  content["count"] = alerts.size();
  content["since"] = format_time(alerts.front().alert.time);
  content["until"] = format_time(alerts.back().alert.time);
  content["counts"] = std::move(counts);
  content["first"] = std::move(first);
  json::object body;
  body["type"] = "digest";
  body["timestamp"] = format_time(alerts.back().alert.time);
  body["data"] = std::move(content);
  return body;
}

std::string digest_title(const std::vector<ToldAlert>& alerts) {
  return fmt::format("{} alerts", alerts.size());
}

// --- Slack --------------------------------------------------------------------------------------

constexpr std::size_t kSlackHeaderMax = 150;     // characters of a header block
constexpr std::size_t kSlackSectionMax = 2'900;  // of a section's text: 3000, less a margin
constexpr std::size_t kSlackFieldsMax = 10;

// At most `bytes` of it, never half a character.
std::string shortened(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

// The three characters that Slack's markup wants escaped.
std::string in_slack(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

json::object slack_text(const char* type, const std::string& text) {
  return {{"type", type}, {"text", text}};
}
json::object slack_section(const std::string& text) {
  return {{"type", "section"}, {"text", slack_text("mrkdwn", shortened(text, kSlackSectionMax))}};
}

void add_slack_alert(const AlertWords& words, json::array& blocks) {
  std::string text = in_slack(words.text);
  for (const std::string& line : words.lines) text += "\n• " + in_slack(line);
  if (!words.link.empty()) text += "\n<" + in_slack(words.link) + "|Open in Tideline>";
  if (!text.empty()) blocks.push_back(slack_section(text));
  json::array fields;
  for (const auto& [name, value] : words.facts) {
    if (fields.size() == kSlackFieldsMax) break;
    fields.push_back(slack_text("mrkdwn", "*" + in_slack(name) + "*\n" + in_slack(value)));
  }
  if (!fields.empty()) blocks.push_back(json::object{{"type", "section"}, {"fields", fields}});
}

json::object slack_of(const std::string& title, json::array blocks) {
  json::array all;
  all.push_back(json::object{
      {"type", "header"}, {"text", slack_text("plain_text", shortened(title, kSlackHeaderMax))}});
  for (json::value& block : blocks) all.push_back(std::move(block));
  return {{"text", in_slack(title)}, {"blocks", std::move(all)}};
}

json::object slack_message(const std::vector<ToldAlert>& alerts, const std::string& title,
                           const std::string& base_url) {
  json::array blocks;
  if (alerts.size() == 1) {
    add_slack_alert(words_of(alerts.front().alert, base_url), blocks);
    return slack_of(title, std::move(blocks));
  }
  std::string text;
  for (const auto& [type, count] : count_types(alerts))
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", count, type);
  for (std::size_t i = 0; i < alerts.size() && i < kDigestShown; ++i)
    text += "\n• " + in_slack(words_of(alerts[i].alert, base_url).title);
  if (!base_url.empty()) text += "\n<" + in_slack(base_url) + "|Open in Tideline>";
  blocks.push_back(slack_section(text));
  return slack_of(title, std::move(blocks));
}

MailText mail_of(const std::vector<ToldAlert>& alerts, const std::string& title,
                 const std::string& base_url) {
  MailText mail;
  mail.subject = title;
  if (alerts.size() > 1) {
    for (const auto& [type, count] : count_types(alerts))
      mail.facts.emplace_back(type, std::to_string(count));
  }
  for (std::size_t i = 0; i < alerts.size() && i < kDigestShown; ++i)
    mail.parts.push_back(words_of(alerts[i].alert, base_url));
  return mail;
}

}  // namespace

json::object content_of(const Alert& alert, const std::string& base_url) {
  json::object out;
  out["id"] = alert.id;
  std::visit([&](const auto& what) { describe(what, base_url, out); }, alert.what);
  const AlertWords words = words_of(alert, base_url);
  out["title"] = words.title;
  out["link"] = or_null(words.link);
  return out;
}

Message message_of(const Receiver& receiver, const std::vector<ToldAlert>& alerts,
                   const MessageStyle& style, const std::string& id, Time created) {
  const bool is_digest = alerts.size() > 1;
  Message message;
  message.type = is_digest ? "digest" : alert_type(alerts.front().alert, alerts.front().topic);
  message.subject =
      is_digest ? digest_title(alerts) : words_of(alerts.front().alert, style.base_url).title;
  switch (receiver.kind) {
    case ReceiverKind::webhook:
      message.body = json::serialize(is_digest ? webhook_digest(alerts, style.base_url)
                                               : webhook_of(alerts.front(), style.base_url));
      break;
    case ReceiverKind::slack:
      message.body = json::serialize(slack_message(alerts, message.subject, style.base_url));
      break;
    case ReceiverKind::mail: {
      MailText mail = mail_of(alerts, message.subject, style.base_url);
      mail.from = style.mail_from;
      mail.to = mail_addresses(receiver.target);
      mail.id = id;
      mail.date = created;
      message.body = written(mail);
      break;
    }
  }
  return message;
}

}  // namespace tideline
