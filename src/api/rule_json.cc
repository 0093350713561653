#include "api/rule_json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "packs/spelling.h"

namespace tideline {
namespace {

using boost::json::object;
using boost::json::value;

tl::unexpected<Error> wrong(const std::string& place, const std::string& what) {
  return fail(ErrorCode::invalid, place + ": " + what, "bad_rules");
}

Result<const object*> object_at(const value& json, const std::string& place,
                                const std::vector<std::string>& allowed) {
  if (!json.is_object()) return wrong(place, "an object is wanted");
  for (const auto& member : json.get_object()) {
    const std::string name(member.key());
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    return wrong(place, "unknown member \"" + name + "\"" + did_you_mean(name, allowed) +
                            " (allowed: " + listed(allowed) + ")");
  }
  return &json.get_object();
}

Result<std::string> text_at(const object& json, const std::string& place, const char* name,
                            const std::optional<std::string>& otherwise = std::nullopt) {
  const value* found = json.if_contains(name);
  if ((found == nullptr || found->is_null()) && otherwise) return *otherwise;
  if (found == nullptr) return wrong(place, std::string("\"") + name + "\" is missing");
  if (!found->is_string()) return wrong(place + "." + name, "a text is wanted");
  return std::string(found->get_string());
}

Result<double> number_at(const object& json, const std::string& place, const char* name,
                         double otherwise) {
  const value* found = json.if_contains(name);
  if (found == nullptr || found->is_null()) return otherwise;
  boost::system::error_code error;
  const double number = found->to_number<double>(error);
  if (error) return wrong(place + "." + name, "a number is wanted");
  return number;
}

Result<const boost::json::array*> list_at(const object& json, const std::string& place,
                                          const char* name) {
  static const boost::json::array none;
  const value* found = json.if_contains(name);
  if (found == nullptr) return &none;
  if (!found->is_array()) return wrong(place, std::string("\"") + name + "\" is a list");
  return &found->get_array();
}

Result<PlayRule> play_of(const value& json, const std::string& place) {
  TRY_ASSIGN(const object* fields, object_at(json, place,
                                             {"play", "when", "priority", "say", "cooldown",
                                              "channel", "cost", "on", "parts"}));
  PlayRule play;
  TRY_ASSIGN(play.name, text_at(*fields, place, "play"));
  TRY_ASSIGN(play.when, text_at(*fields, place, "when"));
  TRY_ASSIGN(play.say, text_at(*fields, place, "say"));
  TRY_ASSIGN(play.priority, text_at(*fields, place, "priority", "medium"));
  TRY_ASSIGN(play.cooldown, text_at(*fields, place, "cooldown", "14d"));
  TRY_ASSIGN(play.channel, text_at(*fields, place, "channel", ""));
  TRY_ASSIGN(play.cost, number_at(*fields, place, "cost", 0));
  if (const value* on = fields->if_contains("on")) {
    if (!on->is_bool()) return wrong(place + ".on", "true or false is wanted");
    play.on = on->get_bool();
  }
  TRY_ASSIGN(const auto* parts, list_at(*fields, place, "parts"));
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const std::string own = place + ".parts[" + std::to_string(i) + "]";
    TRY_ASSIGN(const object* part, object_at((*parts)[i], own, {"name", "value"}));
    RulePart read;
    TRY_ASSIGN(read.name, text_at(*part, own, "name"));
    TRY_ASSIGN(read.value, text_at(*part, own, "value"));
    play.parts.push_back(std::move(read));
  }
  return play;
}

}  // namespace

void write_book(JsonWriter& json, const RuleBook& book) {
  json.begin_object().key("margins").begin_object().member("number", book.margin_number);
  json.member("probability", book.margin_probability).end_object();
  json.key("tiers").begin_array();
  for (const TierRule& tier : book.tiers)
    json.begin_object().member("tier", tier.name).member("rule", tier.rule).end_object();
  json.end_array().key("plays").begin_array();
  for (const PlayRule& play : book.plays) {
    json.begin_object().member("play", play.name).member("when", play.when);
    json.member("priority", play.priority).member("say", play.say);
    json.member("cooldown", play.cooldown).member("channel", play.channel);
    json.member("cost", play.cost).member("on", play.on).key("parts").begin_array();
    for (const RulePart& part : play.parts)
      json.begin_object().member("name", part.name).member("value", part.value).end_object();
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

Result<RuleBook> parse_book(const value& json) {
  TRY_ASSIGN(const object* fields, object_at(json, "book", {"margins", "tiers", "plays"}));
  RuleBook book;
  if (const value* margins = fields->if_contains("margins")) {
    TRY_ASSIGN(const object* both, object_at(*margins, "margins", {"number", "probability"}));
    TRY_ASSIGN(book.margin_number, number_at(*both, "margins", "number", book.margin_number));
    TRY_ASSIGN(book.margin_probability,
               number_at(*both, "margins", "probability", book.margin_probability));
  }
  TRY_ASSIGN(const auto* tiers, list_at(*fields, "book", "tiers"));
  for (std::size_t i = 0; i < tiers->size(); ++i) {
    const std::string place = "tiers[" + std::to_string(i) + "]";
    TRY_ASSIGN(const object* tier, object_at((*tiers)[i], place, {"tier", "rule"}));
    TierRule& rule = book.tiers.emplace_back();
    TRY_ASSIGN(rule.name, text_at(*tier, place, "tier"));
    TRY_ASSIGN(rule.rule, text_at(*tier, place, "rule"));
  }
  TRY_ASSIGN(const auto* plays, list_at(*fields, "book", "plays"));
  for (std::size_t i = 0; i < plays->size(); ++i) {
    TRY_ASSIGN(PlayRule play, play_of((*plays)[i], "plays[" + std::to_string(i) + "]"));
    book.plays.push_back(std::move(play));
  }
  return book;
}

}  // namespace tideline
