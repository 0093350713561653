// Tiers and playbook: the rules in force, what others would change, saving them, their versions.
#include <boost/json/array.hpp>
#include <charconv>

#include "api/cursor.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "api/rule_json.h"
#include "api/writing.h"
#include "base/bytes.h"
#include "base/check.h"

namespace tideline {
namespace {

constexpr const char* kVersionsList = "rule_versions";
constexpr std::size_t kNoteMax = 500;  // bytes

Result<RuleVersions*> versions_of(const Services& services) {
  if (services.rules != nullptr) return services.rules;
  return fail(ErrorCode::unavailable, "the rules are those of the pack's file here", "no_rules");
}

void write_head(JsonWriter& json, const RuleVersion& version) {
  json.member("version", version.number);
  json.key("saved");
  if (version.number == 0) {
    json.null();
  } else {
    json.value(version.saved);
  }
  json.member_or_null("who", version.who).member_or_null("note", version.note);
  json.member("restored_from", version.restored_from);
}

void write_version(JsonWriter& json, const RuleVersion& version, std::uint32_t in_force) {
  json.begin_object();
  write_head(json, version);
  json.member("in_force", version.number == in_force).key("book");
  write_book(json, version.book);
  json.end_object();
}

struct ShowRules {
  struct Input {};
  struct Output {
    RuleVersion version;
    std::uint32_t newest = 0;
    std::string problem;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    TRY_ASSIGN(RuleVersions * versions, versions_of(services));
    Output output;
    TRY_ASSIGN(output.version, versions->show(versions->in_force().number));
    output.newest = versions->newest();
    output.problem = versions->problem();
    return output;
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object();
    write_head(json, output.version);
    json.member("newest", output.newest).member_or_null("problem", output.problem).key("book");
    write_book(json, output.version.book);
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }
};

Result<std::uint32_t> number_of(const std::string& text) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec == std::errc{} && parsed.ptr == end) return number;
  return fail(ErrorCode::not_found, "a version is a whole number, 0 or more", "unknown_version");
}

struct ShowVersion {
  using Input = std::uint32_t;
  struct Output {
    RuleVersion version;
    std::uint32_t in_force = 0;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return number_of(request.param("version"));
  }
  static Result<Output> handle(Services& services, const Input& number) {
    TRY_ASSIGN(RuleVersions * versions, versions_of(services));
    Output output;
    TRY_ASSIGN(output.version, versions->show(number));
    output.in_force = versions->in_force().number;
    return output;
  }
  static http::Response answer(const Services&, const Output& output) {
    JsonWriter json;
    write_version(json, output.version, output.in_force);
    return http::json_response(json.take());
  }
};

struct ListVersions {
  struct Input {
    std::size_t limit = kLimitDefault;
    std::optional<std::uint32_t> before;
  };
  struct Output {
    std::vector<RuleVersion> versions;
    std::uint32_t in_force = 0;
    std::string next_cursor;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.limit, limit_of(request.query));
    const std::string cursor = text_of(request.query, "cursor");
    if (cursor.empty()) return input;
    TRY_ASSIGN(const std::string place, read_cursor(kVersionsList, cursor));
    input.before = static_cast<std::uint32_t>(from_big_endian(place));
    return input;
  }
  static Result<Output> handle(Services& services, const Input& input) {
    TRY_ASSIGN(RuleVersions * versions, versions_of(services));
    Output output;
    output.in_force = versions->in_force().number;
    TRY_ASSIGN(output.versions, versions->list(input.limit + 1, input.before));
    if (output.versions.size() > input.limit) {
      output.versions.pop_back();
      output.next_cursor =
          make_cursor(kVersionsList, big_endian(std::uint64_t(output.versions.back().number)));
    }
    return output;
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    begin_list(json);
    for (const RuleVersion& version : output.versions) {
      json.begin_object();
      write_head(json, version);
      json.member("in_force", version.number == output.in_force).end_object();
    }
    end_list(json, services, output.next_cursor);
    return http::json_response(json.take());
  }
};

// ---- Preview

void write_plane(JsonWriter& json, const Pack& pack, const TierPlane& plane) {
  json.begin_object();
  const auto axis = [&](const char* name, std::size_t task, double min, double max) {
    json.key(name).begin_object().member("task", pack.tasks()[task].name);
    json.member("min", min).member("max", max).end_object();
  };
  axis("x", plane.x, plane.x_min, plane.x_max);
  if (plane.y) {
    axis("y", *plane.y, plane.y_min, plane.y_max);
  } else {
    json.key("y").null();
  }
  json.member("columns", plane.columns).member("rows", plane.rows).key("tiers").begin_array();
  for (const int tier : plane.tiers) json.value(tier);
  json.end_array().key("customers").begin_array();
  for (const std::uint32_t count : plane.customers) json.value(count);
  json.end_array().end_object();
}

void write_tiers(JsonWriter& json, const Pack& pack, const TierPreview& preview) {
  const auto& tiers = pack.tiers();
  json.begin_object().member("total", preview.total).member("customers", preview.customers);
  json.member("moved", preview.moved).member("undecided", preview.undecided);
  json.key("matrix").begin_array();
  for (std::size_t from = 0; from < tiers.size(); ++from) {
    json.begin_object().member("from", tiers[from]).key("to").begin_object();
    for (std::size_t to = 0; to < tiers.size(); ++to)
      json.member(tiers[to], preview.matrix[from * tiers.size() + to]);
    json.end_object().end_object();
  }
  json.end_array().key("examples").begin_array();
  for (const TierPreview::Example& one : preview.examples) {
    json.begin_object().member("customer_id", one.customer.str());
    json.member("from", tiers[one.from]).member("to", tiers[one.to]).end_object();
  }
  json.end_array().key("plane");
  if (preview.plane) {
    write_plane(json, pack, *preview.plane);
  } else {
    json.null();
  }
  json.end_object();
}

void write_plays(JsonWriter& json, const PlaybookPreview& preview) {
  json.begin_object().member("customers", preview.customers);
  json.member("looked_at", preview.looked_at).key("plays").begin_array();
  for (const PlayPreview& play : preview.plays) {
    json.begin_object().member("play", play.play).member("customers", play.customers);
    json.member_or_null("example", play.example).end_object();
  }
  json.end_array().end_object();
}

http::Response mistake_response(const RuleMistake& mistake) {
  JsonWriter json;
  json.begin_object().key("mistakes").begin_array().begin_object();
  json.member("place", mistake.place).member("message", mistake.message).end_object();
  json.end_array().key("tiers").null().key("plays").null();
  return http::json_response(json.end_object().take());
}

Result<std::pair<bool, bool>> wanted_parts(const boost::json::object& body) {
  const auto* of = body.if_contains("of");
  if (of == nullptr) return std::pair(true, true);
  std::pair<bool, bool> wanted(false, false);
  const boost::json::array one = of->is_array() ? of->get_array() : boost::json::array{*of};
  for (const auto& part : one) {
    const bool tiers = part == "tiers", plays = part == "plays";
    if (!tiers && !plays)
      return fail(ErrorCode::invalid, "of holds \"tiers\", \"plays\" or both", "bad_parameter");
    (tiers ? wanted.first : wanted.second) = true;
  }
  return wanted;
}

Result<http::Response> preview_rules(Services& services, const http::Request& request) {
  if (services.rule_preview == nullptr)
    return fail(ErrorCode::unavailable, "there is no preview here", "no_rules");
  TRY_ASSIGN(const auto body, object_of(request.body, {"book", "of"}));
  const auto* given = body.if_contains("book");
  if (given == nullptr) return fail(ErrorCode::invalid, "\"book\" is missing", "bad_parameter");
  TRY_ASSIGN(const RuleBook book, parse_book(*given));
  TRY_ASSIGN(const auto wanted, wanted_parts(body));
  const auto draft = with_rules(services.pack, book);
  if (!draft) return mistake_response(draft.error());
  const auto now = services.ruled_pack();
  JsonWriter json;
  json.begin_object().key("mistakes").begin_array().end_array().key("tiers");
  if (wanted.first) {
    TRY_ASSIGN(const TierPreview preview, services.rule_preview->tiers(*now, **draft));
    write_tiers(json, services.pack, preview);
  } else {
    json.null();
  }
  json.key("plays");
  if (wanted.second) {
    TRY_ASSIGN(const PlaybookPreview preview, services.rule_preview->plays(*now, book));
    write_plays(json, preview);
  } else {
    json.null();
  }
  return http::json_response(json.end_object().take());
}

// ---- Saving

Result<RuleChange> change_of(const http::Request& request, const boost::json::object& body) {
  RuleChange change;
  change.who = request.caller;
  if (const auto* note = body.if_contains("note"); note != nullptr && !note->is_null()) {
    if (!note->is_string() || note->get_string().size() > kNoteMax)
      return fail(ErrorCode::invalid, "note is a text of at most 500 bytes", "bad_parameter");
    change.note = std::string(note->get_string());
  }
  boost::system::error_code error;
  const auto* based_on = body.if_contains("based_on");
  if (based_on != nullptr) change.based_on = based_on->to_number<std::uint32_t>(error);
  if (based_on != nullptr && !error) return change;
  return fail(ErrorCode::invalid,
              "based_on is missing: the newest version that the change was made from",
              "bad_parameter");
}

// Who did it goes into the audit log, also where it was refused.
Result<http::Response> saved_response(Services& services, const http::Request& request,
                                      const std::string& what,
                                      const Result<RuleVersion>& version) {
  services.audit(request.caller, what,
                 version ? "version " + std::to_string(version->number) : std::string(),
                 version ? Status() : Status(fail(version.error())));
  if (!version) return fail(version.error());
  if (services.rules_changed) services.rules_changed();
  JsonWriter json;
  write_version(json, *version, version->number);
  return http::json_response(json.take());
}

Result<http::Response> save_rules(Services& services, const http::Request& request) {
  TRY_ASSIGN(RuleVersions * versions, versions_of(services));
  TRY_ASSIGN(const auto body, object_of(request.body, {"book", "note", "based_on"}));
  const auto* given = body.if_contains("book");
  if (given == nullptr) return fail(ErrorCode::invalid, "\"book\" is missing", "bad_parameter");
  TRY_ASSIGN(RuleBook book, parse_book(*given));
  TRY_ASSIGN(const RuleChange change, change_of(request, body));
  return saved_response(services, request, "save_rules", versions->save(std::move(book), change));
}

Result<http::Response> restore_rules(Services& services, const http::Request& request) {
  TRY_ASSIGN(RuleVersions * versions, versions_of(services));
  TRY_ASSIGN(const std::uint32_t number, number_of(request.param("version")));
  TRY_ASSIGN(const auto body, object_of(request.body, {"note", "based_on"}));
  TRY_ASSIGN(const RuleChange change, change_of(request, body));
  return saved_response(services, request, "restore_rules", versions->restore(number, change));
}

void add_reads(Endpoints& endpoints, Services& services) {
  Endpoint rules;
  rules.path = "/api/v1/rules";
  rules.name = "show_rules";
  rules.tag = "rules";
  rules.about = "The rules of tiers and the playbook that are in force, and who saved them";
  rules.answers = {{"application/json", "#Rules"}};
  rules.problems = {400, 503, 504};
  endpoints.push_back(reading<ShowRules>(services, rules));

  rules.path = "/api/v1/rules/versions";
  rules.name = "list_rule_versions";
  rules.about = "All versions, newest first; 0 is the pack's file";
  rules.query = {limit_parameter(), cursor_parameter()};
  rules.answers = {{"application/json", "#RuleVersionList"}};
  endpoints.push_back(reading<ListVersions>(services, rules));

  rules.path = "/api/v1/rules/versions/{version}";
  rules.name = "show_rule_version";
  rules.about = "One version with its book";
  rules.query = {};
  rules.answers = {{"application/json", "#RuleVersion"}};
  rules.problems = {400, 404, 503, 504};
  endpoints.push_back(reading<ShowVersion>(services, std::move(rules)));
}

}  // namespace

void add_rule_endpoints(Endpoints& endpoints, Services& services) {
  add_reads(endpoints, services);
  Endpoint write;
  write.method = http::Method::post;
  write.permission = Permission::read;
  write.tag = "rules";
  write.options.wire_bytes_max = services.body_bytes_max;

  write.path = "/api/v1/rules/preview";
  write.name = "preview_rules";
  write.about =
      "What a draft would do, without saving it: how many customers would be in which tier, and "
      "for how many each play would hold now; or the mistake in it, with its place";
  write.body = {{"application/json", "#RuleDraft"}};
  write.answers = {{"application/json", "#RulePreview"}};
  write.problems = {400, 413, 503};
  write.handler = writing(services, preview_rules);
  endpoints.push_back(write);

  write.permission = Permission::operate;
  write.path = "/api/v1/rules";
  write.name = "save_rules";
  write.about = "Puts a draft into force as a new version; scoring follows at once";
  write.body = {{"application/json", "#RuleSave"}};
  write.answers = {{"application/json", "#RuleVersion"}};
  write.problems = {400, 409, 413, 503, 507};
  write.handler = writing(services, save_rules);
  endpoints.push_back(write);

  write.path = "/api/v1/rules/versions/{version}/restore";
  write.name = "restore_rules";
  write.about = "Puts the book of an earlier version into force again, as a new version";
  write.body = {{"application/json", "#RuleRestore"}};
  write.problems = {400, 404, 409, 413, 503, 507};
  write.handler = writing(services, restore_rules);
  endpoints.push_back(std::move(write));
}

}  // namespace tideline
