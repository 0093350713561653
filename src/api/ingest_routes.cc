// Ingest: events in, an answer out once they are durable.
//
// Order of refusals: time stands still (503), key (401), form of the body (400, 413), then what
// the log says (429, 503, 507). Nothing of a refused request is stored.
#include <algorithm>
#include <memory>

#include "api/base64.h"
#include "api/decoder_pool.h"
#include "api/json_writer.h"
#include "api/resources.h"
#include "pipeline/json_scan.h"

namespace tideline {
namespace {

constexpr Duration kVerdictsMax = std::chrono::seconds(30);

enum class Form { batch, import, lines, single };

struct IngestRoute {
  Form form = Form::batch;
  EventType type = EventType::track;  // of a single
};

// How the sender is answered.
struct Reply {
  bool each = false;     // every event by itself; else one word for all
  bool applied = false;  // with what workers made of them
};

std::string_view first_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty()) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

std::optional<std::string> key_in_header(const http::Request& request) {
  const auto field = request.headers.get("Authorization");
  if (!field) return std::nullopt;
  const std::size_t blank = field->find(' ');
  if (blank == std::string_view::npos) return std::string();
  const std::string_view scheme = field->substr(0, blank);
  const std::string_view rest = trimmed(field->substr(blank));
  if (http::same_header_name(scheme, "Bearer")) return std::string(rest);
  if (!http::same_header_name(scheme, "Basic")) return std::string();
  const std::string pair = base64_decode(rest).value_or("");
  return pair.substr(0, pair.find(':'));
}

Result<SourceId> source_of(const Services& services, Decoder& decoder, const IngestRoute& route,
                           const http::Request& request) {
  auto key = key_in_header(request);
  if (!key) {
    key = decoder.write_key(route.form == Form::lines ? first_line(request.body)
                                                      : std::string_view(request.body));
  }
  const auto source = key && !key->empty() ? services.keys.source_of(*key) : std::nullopt;
  if (source) return *source;
  return fail(ErrorCode::unauthorized,
              key && !key->empty()
                  ? "the key is unknown or revoked"
                  : "a key is needed: Basic with the key as user, Bearer, or writeKey in the body",
              "unknown_key");
}

Result<std::vector<Entry>> decode_lines(Decoder& decoder, std::string_view body,
                                        const DecodeContext& context, std::size_t lines_max) {
  std::vector<Entry> entries;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty()) continue;
    if (entries.size() == lines_max) {
      return fail(ErrorCode::too_large,
                  "the body holds more than " + std::to_string(lines_max) + " events",
                  "too_large");
    }
    entries.push_back(decoder.line(line, context));
  }
  return entries;
}

Result<std::vector<Entry>> decode(const Services& services, Decoder& decoder,
                                  const IngestRoute& route, const http::Request& request) {
  if (request.body.empty()) return fail(ErrorCode::invalid, "the body is empty", "malformed_json");
  TRY_ASSIGN(const SourceId source, source_of(services, decoder, route, request));
  const DecodeContext context{source, services.clock.now(), route.form == Form::import,
                              services.next_id};
  if (route.form == Form::lines) {
    return decode_lines(decoder, request.body, context, services.decode_limits.batch_events_max);
  }
  TRY_ASSIGN(DecodedBatch decoded, route.form == Form::single
                                       ? decoder.single(route.type, request.body, context)
                                       : decoder.batch(request.body, context));
  return std::move(decoded.entries);
}

// The words of what became a dead letter only in the processor.
void find_reasons(Services& services, std::vector<IngestVerdict>& verdicts) {
  for (IngestVerdict& verdict : verdicts) {
    if (!verdict.code || !verdict.reason.empty()) continue;
    auto letter = services.dead_letters.show(dead_letter_id(verdict.place));
    if (letter) verdict.reason = letter->reason;
  }
}

std::string results_json(const std::vector<IngestVerdict>& verdicts) {
  JsonWriter json;
  json.begin_object().key("results").begin_array();
  for (const IngestVerdict& verdict : verdicts) {
    json.begin_object().member_or_null("id", verdict.id);
    if (verdict.server_id) json.member("server_id", true);
    json.member("verdict", name_of(verdict.verdict));
    if (verdict.code) json.member("code", name_of(*verdict.code));
    if (!verdict.reason.empty()) json.member("reason", verdict.reason);
    json.member("shard", verdict.place.shard).member("offset", verdict.place.offset);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

// Events without an id of their own are not protected against the client's retries: also the
// short answer says how many.
http::Response answer_of(const std::vector<IngestVerdict>& verdicts, bool each) {
  http::Response response =
      http::json_response(each ? results_json(verdicts) : R"({"success":true})");
  const auto made = std::count_if(verdicts.begin(), verdicts.end(),
                                  [](const IngestVerdict& v) { return v.server_id; });
  if (made > 0) response.headers.set("X-Server-Ids", std::to_string(made));
  return response;
}

void submit(Services& services, std::vector<Entry> entries, Reply reply,
            http::Responder responder) {
  auto shared = std::make_shared<http::Responder>(std::move(responder));
  const auto within = reply.applied ? std::optional(kVerdictsMax) : std::nullopt;
  services.ingest.submit(std::move(entries), within, [&services, shared, reply](auto verdicts) {
    if (!verdicts) return (*shared)(problem_of(verdicts.error()));
    if (!reply.applied) return (*shared)(answer_of(*verdicts, reply.each));
    // Reasons are read from state: not on a worker's thread.
    services.in_background([&services, shared, verdicts = std::move(*verdicts)]() mutable {
      find_reasons(services, verdicts);
      (*shared)(answer_of(verdicts, true));
    });
  });
}

http::Handler handler_of(Services& services, std::shared_ptr<DecoderPool> pool,
                         IngestRoute route) {
  return [&services, pool = std::move(pool), route](http::Request request,
                                                    http::Responder responder) {
    if (services.frozen_at) {
      return responder(problem_of(
          {ErrorCode::unavailable,
           "time stands still at " + format_time(*services.frozen_at) + "; nothing is taken in",
           "frozen"}));
    }
    const auto decoder = pool->lend();
    auto entries = decode(services, *decoder.operator->(), route, request);
    if (!entries) return responder(problem_of(entries.error()));
    const auto verdicts = request.query.get("verdicts");
    const bool applied = verdicts && *verdicts == "1";
    submit(services, std::move(*entries), {route.form == Form::lines || applied, applied},
           std::move(responder));
  };
}

Endpoint described(const Services& services, const std::string& path, const std::string& name,
                   const std::string& about) {
  Endpoint endpoint;
  endpoint.method = http::Method::post;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "ingest";
  endpoint.about = about;
  endpoint.query = {{"verdicts", "1: waits until the events are processed and answers each",
                     R"({"type":"string","enum":["0","1"]})"}};
  endpoint.body = {{"application/json", "#Event"}};
  endpoint.answers = {{"application/json", R"({"oneOf":[{"$ref":"#/components/schemas/Success"},)"
                                           R"({"$ref":"#/components/schemas/Results"}]})"}};
  endpoint.problems = {400, 401, 413, 429, 503, 504, 507};
  endpoint.options.wire_bytes_max = services.batch_wire_bytes_max;
  endpoint.options.inflated_bytes_max = services.batch_inflated_bytes_max;
  endpoint.options.trailing_slash = true;
  endpoint.options.cors = true;
  return endpoint;
}

}  // namespace

void add_ingest_endpoints(Endpoints& endpoints, Services& services) {
  const auto pool = std::make_shared<DecoderPool>(services.decode_limits);
  const auto add = [&](Endpoint endpoint, IngestRoute route) {
    endpoint.handler = handler_of(services, pool, route);
    endpoints.push_back(std::move(endpoint));
  };
  Endpoint batch = described(services, "/v1/batch", "ingest_batch",
                             "Takes a batch of events; answers once they are durable");
  batch.body = {{"application/json", "#Batch"}};
  add(std::move(batch), {Form::batch});

  Endpoint import = described(services, "/v1/import", "ingest_import",
                              "Takes a batch of past events: an event's own time is its arrival");
  import.body = {{ "application/json", "#Batch" }};
  add(std::move(import), {Form::import});

  for (const EventType type : {EventType::track, EventType::identify, EventType::page,
                               EventType::screen, EventType::group, EventType::alias}) {
    const std::string name(name_of(type));
    add(described(services, "/v1/" + name, "ingest_" + name, "Takes one event of type " + name),
        {Form::single, type});
  }

  Endpoint lines = described(services, "/v1/events", "ingest_events",
                             "Takes events one a line, and answers each; blank lines are skipped");
  lines.body = {{"application/x-ndjson", R"({"type":"string"})"}};
  lines.answers = {{"application/json", "#Results"}};
  add(std::move(lines), {Form::lines});
}

}  // namespace tideline
