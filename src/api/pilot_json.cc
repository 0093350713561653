#include "api/pilot_json.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "api/csv.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

namespace json = boost::json;

tl::unexpected<Error> bad(std::string what) {
  return fail(ErrorCode::invalid, std::move(what), "bad_pilot");
}

constexpr const char* kMembers[] = {"name",   "treatment", "hypothesis",   "tiers",
                                    "arms",   "outcome",   "horizon_days", "baseline",
                                    "change", "deviation", "power",        "phases"};

Result<json::object> object_of(std::string_view body) {
  boost::system::error_code error;
  auto value = json::parse({body.data(), body.size()}, error);
  if (error || !value.is_object())
    return fail(ErrorCode::invalid, "the body is no JSON object", "malformed_json");
  for (const auto& member : value.get_object()) {
    const std::string name(member.key());
    if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers))
      return bad("unknown member \"" + name.substr(0, 64) + "\"");
  }
  return std::move(value.get_object());
}

Result<std::string> text_in(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return bad(std::string(name) + " is a text");
  return std::string(value->get_string());
}

Status set_number(const json::object& object, const char* name, double& into) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  boost::system::error_code error;
  const double number = value->to_number<double>(error);
  if (error) return bad(std::string(name) + " is a number");
  into = number;
  return {};
}

// nullptr: absent.
Result<const json::array*> list_in(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_array() || value->get_array().size() > 100)
    return bad(std::string(name) + " is a list");
  return &value->get_array();
}

Status set_tiers(const json::object& object, const Pack& pack, Pilot& pilot) {
  TRY_ASSIGN(const json::array* tiers, list_in(object, "tiers"));
  if (tiers == nullptr) return {};
  for (const json::value& element : *tiers) {
    if (!element.is_string()) return bad("tiers is a list of names");
    const std::string tier(element.get_string());
    const auto& known = pack.tiers();
    if (std::find(known.begin(), known.end(), tier) == known.end()) {
      return bad("no tier " + tier + did_you_mean(tier, known) + "; there are " + listed(known));
    }
    pilot.tiers.push_back(tier);
  }
  return {};
}

Status set_arms(const json::object& object, Pilot& pilot) {
  pilot.arms = {{"control", 0.5}, {"treated", 0.5}};
  TRY_ASSIGN(const json::array* arms, list_in(object, "arms"));
  if (arms == nullptr) return {};
  pilot.arms.clear();
  for (const json::value& element : *arms) {
    if (!element.is_object()) return bad("arms is a list of {\"name\", \"share\"}");
    PilotArm& arm = pilot.arms.emplace_back();
    TRY_ASSIGN(arm.name, text_in(element.get_object(), "name"));
    TRY(set_number(element.get_object(), "share", arm.share));
  }
  return {};
}

Status set_phases(const json::object& object, Pilot& pilot) {
  TRY_ASSIGN(const json::array* phases, list_in(object, "phases"));
  if (phases == nullptr) return {};
  pilot.phases.clear();
  for (const json::value& element : *phases) {
    boost::system::error_code error;
    pilot.phases.push_back(element.to_number<double>(error));
    if (error) return bad("phases is a list of shares");
  }
  return {};
}

void write_effect(JsonWriter& out, const ArmEffect& effect) {
  out.begin_object().member("control", effect.control).member("treated", effect.treated);
  out.member("difference", effect.difference).member("low", effect.low);
  out.member("high", effect.high).member("p", effect.p).member("clear", effect.is_clear());
  out.member("control_n", effect.control_n).member("treated_n", effect.treated_n);
  out.member("lift", effect.lift()).end_object();
}

void write_report(JsonWriter& out, const Pilot& pilot, const PilotReport& report) {
  const ExperimentReport& experiment = report.experiment;
  out.begin_object().member("customers", report.customers).member("measured", report.measured);
  out.member("planned", pilot.planned).member("interim", report.interim);
  out.member("next_known", report.next_known).key("arms").begin_array();
  for (std::size_t a = 0; a < pilot.arms.size(); ++a) {
    out.begin_object().member("arm", pilot.arms[a].name);
    out.member("customers", experiment.customers[a]).end_object();
  }
  out.end_array().key("sample_ratio").begin_object();
  out.member("chi_square", experiment.ratio.chi_square).member("p", experiment.ratio.p);
  out.member("alarm", experiment.ratio.alarm).end_object().key("effects").begin_array();
  for (const Comparison& one : experiment.comparisons) {
    out.begin_object().member("outcome", one.outcome).member("is_share", one.is_share);
    out.member_or_null("arm", one.arm).member("enough", one.enough);
    out.member("missing", one.missing).key("effect");
    one.enough ? write_effect(out, one.effect) : void(out.null());
    out.key("cuped");
    one.cuped ? write_effect(out, *one.cuped) : void(out.null());
    out.member("variance_removed", one.variance_removed).end_object();
  }
  out.end_array().end_object();
}

void write_members(JsonWriter& out, const Pilot& pilot) {
  out.member("id", pilot.id).member("name", pilot.name);
  out.member("status", name_of(pilot.status)).member("treatment", pilot.treatment);
  out.member_or_null("hypothesis", pilot.hypothesis).key("tiers").begin_array();
  for (const std::string& tier : pilot.tiers) out.value(tier);
  out.end_array().key("arms").begin_array();
  for (const PilotArm& arm : pilot.arms)
    out.begin_object().member("name", arm.name).member("share", arm.share).end_object();
  out.end_array().member("salt", pilot.salt).member("outcome", name_of(pilot.outcome));
  out.member("horizon_days", days(pilot.horizon)).member("baseline", pilot.baseline);
  out.member("change", pilot.change).key("deviation");
  pilot.deviation > 0 ? out.value(pilot.deviation) : out.null();
  out.member("power", pilot.power).member("planned", pilot.planned).key("phases").begin_array();
  for (const double share : pilot.phases) out.value(share);
  out.end_array().member("phase", pilot.phase).member("share", pilot.share());
  out.member_or_null("by", pilot.by).member("created", pilot.created);
  out.member("started", pilot.started).member("widened", pilot.widened);
  out.member("stopped", pilot.stopped).member_or_null("stop_reason", pilot.stop_reason);
}

}  // namespace

Result<Pilot> parse_pilot(std::string_view body, const Pack& pack) {
  TRY_ASSIGN(const json::object object, object_of(body));
  Pilot pilot;
  TRY_ASSIGN(pilot.name, text_in(object, "name"));
  TRY_ASSIGN(pilot.treatment, text_in(object, "treatment"));
  TRY_ASSIGN(pilot.hypothesis, text_in(object, "hypothesis"));
  TRY(set_tiers(object, pack, pilot));
  TRY(set_arms(object, pilot));
  TRY(set_phases(object, pilot));
  TRY_ASSIGN(const std::string outcome, text_in(object, "outcome"));
  if (!outcome.empty()) {
    const auto known = pilot_outcome_of(outcome);
    if (!known) return bad("outcome is retained or amount");
    pilot.outcome = *known;
  }
  double horizon_days = days(pack.lapse());
  TRY(set_number(object, "horizon_days", horizon_days));
  if (!(horizon_days >= 1 && horizon_days <= days(kPilotHorizonMax)))
    return bad("horizon_days is from 1 to 365");
  pilot.horizon = Duration(static_cast<std::int64_t>(horizon_days * double(kDay.count())));
  TRY(set_number(object, "baseline", pilot.baseline));
  TRY(set_number(object, "change", pilot.change));
  TRY(set_number(object, "deviation", pilot.deviation));
  TRY(set_number(object, "power", pilot.power));
  return pilot;
}

void write_pilot(JsonWriter& out, const Pilot& pilot) {
  out.begin_object();
  write_members(out, pilot);
  out.end_object();
}

void write_pilot_with_report(JsonWriter& out, const Pilot& pilot, const PilotReport& report) {
  out.begin_object();
  write_members(out, pilot);
  out.key("report");
  write_report(out, pilot, report);
  out.end_object();
}

std::string exposure_csv(const Pilot& pilot, std::span<const Exposure> exposures) {
  std::string text = "customer_id,arm,time,phase,tier,retained,amount\r\n";
  for (const Exposure& one : exposures) {
    text += csv_text_cell(one.customer.str()) + "," + csv_text_cell(pilot.arms.at(one.arm).name) +
            "," + format_time(one.time) + "," + std::to_string(one.phase + 1) + "," +
            csv_text_cell(one.tier) + ",";
    if (one.outcome) text += one.outcome->retained ? "true" : "false";
    text += ",";
    if (one.outcome && one.outcome->amount) text += json_number(*one.outcome->amount);
    text += "\r\n";
  }
  return text;
}

Result<std::size_t> enrol_everybody(Pilots& pilots, const NewcomerSources& sources, Time now) {
  TRY_ASSIGN(const auto running, pilots.running());
  std::size_t came = 0;
  TRY(visit_newcomers(sources, running, now, [&](std::span<const Newcomer> block) -> Status {
    TRY_ASSIGN(const std::size_t of_block, pilots.enrol(block, now));
    came += of_block;
    return {};
  }));
  return came;
}

}  // namespace tideline
