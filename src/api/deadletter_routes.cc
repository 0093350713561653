// Dead letters: list, show, retry (also with an edited payload), drop.
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "api/cursor.h"
#include "api/json_writer.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "api/write_gate.h"
#include "pipeline/json_scan.h"

namespace tideline {
namespace {

constexpr std::size_t kBodyDepthMax = 4'096;
constexpr const char* kLettersList = "deadletters";

void write_letter(JsonWriter& json, const DeadLetter& letter) {
  json.begin_object().member("id", letter.id).member("code", name_of(letter.code));
  json.member("reason", letter.reason).member("status", letter.status);
  json.member("source", letter.source.str()).member_or_null("customer_id", letter.customer_id);
  json.member("shard", letter.place.shard).member("offset", letter.place.offset);
  json.member("attempts", letter.attempts).member("first_time", letter.first_time);
  json.member("last_time", letter.last_time).member("program_version", letter.program_version);
  json.member("payload", letter.payload).member("payload_bytes", letter.payload_bytes);
  json.member("payload_hash", letter.payload_hash.hex()).end_object();
}

struct ListDeadLetters {
  using Input = DeadLetterFilter;
  struct Output {
    std::vector<DeadLetter> letters;
    std::string next_cursor;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input filter;
    filter.status = text_of(request.query, "status");
    filter.code = text_of(request.query, "code");
    if (const std::string cursor = text_of(request.query, "cursor"); !cursor.empty()) {
      TRY_ASSIGN(filter.after_id, read_cursor(kLettersList, cursor));
    }
    TRY_ASSIGN(filter.limit, limit_of(request.query));
    if (!filter.code.empty() && !dead_letter_code_of(filter.code)) {
      return fail(ErrorCode::invalid, "no dead letter code \"" + filter.code + "\"",
                  "bad_parameter");
    }
    const std::string& status = filter.status;
    if (!status.empty() && status != "open" && status != "retried" && status != "dropped") {
      return fail(ErrorCode::invalid, "status is open, retried or dropped", "bad_parameter");
    }
    return filter;
  }

  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    Input filter = input;
    ++filter.limit;
    TRY_ASSIGN(output.letters, services.dead_letters.list(filter));
    if (output.letters.size() > input.limit) {
      output.letters.pop_back();
      output.next_cursor = make_cursor(kLettersList, output.letters.back().id);
    }
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    begin_list(json);
    for (const DeadLetter& letter : output.letters) write_letter(json, letter);
    end_list(json, services, output.next_cursor);
    return http::json_response(json.take());
  }
};

struct ShowDeadLetter {
  using Input = std::string;
  using Output = DeadLetter;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return request.param("id");
  }
  static Result<Output> handle(Services& services, const Input& id) {
    return services.dead_letters.show(id);
  }
  static http::Response answer(const Services&, const Output& letter) {
    JsonWriter json;
    write_letter(json, letter);
    return http::json_response(json.take());
  }
};

// {"payload": {…}} or {"payload": "…"}; nullopt: no body, the kept payload is tried again.
Result<std::optional<std::string>> edited_payload(std::string_view body) {
  if (trimmed(body).empty()) return std::optional<std::string>();
  boost::json::parse_options options;
  options.max_depth = kBodyDepthMax;
  boost::system::error_code error;
  boost::json::monotonic_resource memory;
  const auto parsed = boost::json::parse({body.data(), body.size()}, error, &memory, options);
  if (error) return fail(ErrorCode::invalid, "the body is not JSON", "malformed_json");
  static_cast<void>(parsed);
  for (JsonCursor cursor(body); cursor.next();) {
    if (cursor.key().empty() || !key_is(cursor.key(), "payload")) continue;
    if (auto text = unquoted(cursor.value())) return text;
    return std::optional(std::string(cursor.value()));
  }
  return fail(ErrorCode::invalid, "the body is no object with a member \"payload\"",
              "bad_parameter");
}

http::Handler retry(Services& services) {
  return [&services](http::Request request, http::Responder responder) {
    auto edited = edited_payload(request.body);
    auto allowed = may_write(services);
    if (!allowed) return responder(problem_of(allowed.error()));
    if (!edited) return responder(problem_of(edited.error()));
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    const auto answer = [&services, shared, caller = request.caller,
                         was_edited = edited->has_value()](const std::string& id,
                                                           const Result<IngestVerdict>& verdict) {
      services.audit(caller, was_edited ? "edit_dead_letter" : "retry_dead_letter", id,
                     verdict ? Status() : Status(fail(verdict.error())));
      services.changed("dead_letters");
      if (!verdict) return (*shared)(problem_of(verdict.error()));
      JsonWriter json;
      json.begin_object().member("id", id).member("verdict", name_of(verdict->verdict));
      if (verdict->code) json.member("code", name_of(*verdict->code));
      if (!verdict->reason.empty()) json.member("reason", verdict->reason);
      json.member("shard", verdict->place.shard).member("offset", verdict->place.offset);
      (*shared)(http::json_response(json.end_object().take()));
    };
    services.in_background(
        [&services, answer, id = request.param("id"), edited = std::move(*edited)] {
          services.dead_letters.retry(id, edited, [&services, answer, id](auto verdict) {
            services.in_background(
                [answer, id, verdict = std::move(verdict)] { answer(id, verdict); });
          });
        });
  };
}

http::Handler drop(Services& services) {
  return [&services](http::Request request, http::Responder responder) {
    auto allowed = may_write(services);
    if (!allowed) return responder(problem_of(allowed.error()));
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([&services, shared, id = request.param("id"), caller = request.caller] {
      auto dropped = services.dead_letters.drop(id);
      services.audit(caller, "drop_dead_letter", id, dropped);
      if (!dropped) return (*shared)(problem_of(dropped.error()));
      services.changed("dead_letters");
      auto letter = services.dead_letters.show(id);
      if (!letter) return (*shared)(problem_of(letter.error()));
      (*shared)(ShowDeadLetter::answer(services, *letter));
    });
  };
}

}  // namespace

void add_dead_letter_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint list;
  list.path = "/api/v1/deadletters";
  list.name = "list_dead_letters";
  list.tag = "dead letters";
  list.about = "Events that were set aside, by shard and offset";
  list.query = {
      {"status", "Only these", R"({"type":"string","enum":["open","retried","dropped"]})"},
      {"code", "Only with this reason code"},
      limit_parameter(),
      cursor_parameter()};
  list.answers = {{"application/json", "#DeadLetterList"}};
  list.problems = {400, 504};
  endpoints.push_back(reading<ListDeadLetters>(services, std::move(list)));

  Endpoint one;
  one.path = "/api/v1/deadletters/{id}";
  one.name = "show_dead_letter";
  one.tag = "dead letters";
  one.about = "One dead letter with its payload";
  one.answers = {{"application/json", "#DeadLetter"}};
  one.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowDeadLetter>(services, one));

  one.method = http::Method::post;
  one.permission = Permission::operate;
  one.options.wire_bytes_max = services.body_bytes_max;
  one.path = "/api/v1/deadletters/{id}/retry";
  one.name = "retry_dead_letter";
  one.about = "Sends its payload, or an edited one, on its way again; answers what became of it";
  one.body = {{"application/json", R"({"type":"object","properties":{"payload":{}},)"
                                   R"("required":["payload"]})"}};
  one.answers = {{"application/json", "#Result"}};
  one.problems = {400, 404, 413, 429, 503, 504, 507};
  one.handler = retry(services);
  endpoints.push_back(one);

  one.path = "/api/v1/deadletters/{id}/drop";
  one.name = "drop_dead_letter";
  one.about = "Sets it aside for good";
  one.body = {};
  one.answers = {{"application/json", "#DeadLetter"}};
  one.problems = {400, 404, 409, 503, 507};
  one.handler = drop(services);
  endpoints.push_back(std::move(one));
}

}  // namespace tideline
