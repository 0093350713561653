// Ingest: events in, an answer out once they are durable.
//
// Order of refusals: time stands still (503), key (401), form of the body (400, 413), then what
// the log says (429, 503, 507). Nothing of a refused request is stored.
#include <algorithm>
#include <memory>

#include "api/access_gate.h"
#include "api/cloud_events.h"
#include "api/decoder_pool.h"
#include "api/json_writer.h"
#include "api/key_in_header.h"
#include "api/resources.h"
#include "pipeline/json_scan.h"

namespace tideline {
namespace {

constexpr Duration kVerdictsMax = std::chrono::seconds(30);

enum class Form { batch, import, lines, single, cloud_events };

struct IngestRoute {
  Form form = Form::batch;
  EventType type = EventType::track;  // of a single
  // Of senders that can set nothing but the address: ?writeKey=.
  bool key_in_query = false;
};

// How the sender is answered.
struct Reply {
  bool each = false;     // every event by itself; else one word for all
  bool applied = false;  // with what workers made of them
  bool rudder = false;   // the one word is RudderStack's
};

std::string_view first_line(std::string_view text) {
  return trimmed(take_line(text).value_or(std::string_view()));
}

Result<SourceId> source_of(const Services& services, Decoder& decoder, const IngestRoute& route,
                           const http::Request& request) {
  if (auto source = source_of_caller(request.caller)) return *std::move(source);
  auto key = key_in_header(request);
  if (!key && route.key_in_query) {
    if (const auto in_query = request.query.get("writeKey")) key = std::string(*in_query);
  }
  if (!key && route.form != Form::cloud_events) {
    key = decoder.write_key(route.form == Form::lines ? first_line(request.body)
                                                      : std::string_view(request.body));
  }
  const auto source = key && !key->empty() ? services.access.keys().source_of(*key) : std::nullopt;
  if (source) return *source;
  if (key && !key->empty()) {
    return fail(ErrorCode::unauthorized,
                "the key is unknown, revoked or expired, or not for sending events",
                "unknown_key");
  }
  return fail(ErrorCode::unauthorized,
              std::string("a key is needed: Basic with the key as user, Bearer, or writeKey in ") +
                  (route.key_in_query ? "the query" : "the body"),
              "unknown_key");
}

Result<std::vector<Entry>> decode_lines(Decoder& decoder, std::string_view body,
                                        const DecodeContext& context, std::size_t lines_max) {
  std::vector<Entry> entries;
  while (const auto line = take_line(body)) {
    if (entries.size() == lines_max) {
      return fail(ErrorCode::too_large,
                  "the body holds more than " + std::to_string(lines_max) + " events",
                  "too_large");
    }
    entries.push_back(decoder.line(*line, context));
  }
  return entries;
}

Result<std::vector<Entry>> decode_as(const Services& services, Decoder& decoder,
                                     const IngestRoute& route, const http::Request& request,
                                     const SourceId& source) {
  const DecodeContext context{source, services.clock.now(), route.form == Form::import,
                              services.next_id};
  if (route.form == Form::lines) {
    return decode_lines(decoder, request.body, context, services.decode_limits.batch_events_max);
  }
  if (route.form == Form::cloud_events) return decode_cloud_events(decoder, request, context);
  TRY_ASSIGN(DecodedBatch decoded, route.form == Form::single
                                       ? decoder.single(route.type, request.body, context)
                                       : decoder.batch(request.body, context));
  return std::move(decoded.entries);
}

Result<std::vector<Entry>> decode(const Services& services, Decoder& decoder,
                                  const IngestRoute& route, const http::Request& request) {
  // Of a CloudEvent in binary mode the fields of the head are enough.
  if (request.body.empty() && route.form != Form::cloud_events) {
    return fail(ErrorCode::invalid, "the body is empty", "malformed_json");
  }
  TRY_ASSIGN(const SourceId source, source_of(services, decoder, route, request));
  if (services.limits == nullptr) return decode_as(services, decoder, route, request, source);
  // Here for keys that the head did not carry; the others were asked for before.
  TRY(services.limits->admit(source));
  auto entries = decode_as(services, decoder, route, request, source);
  services.limits->charge(source, entries ? entries->size() : 0, request.body.size());
  return entries;
}

// A batch whose sender asks for one word only.
Result<EncodedBatch> encode(const Services& services, Decoder& decoder, const IngestRoute& route,
                            const http::Request& request) {
  if (request.body.empty()) return fail(ErrorCode::invalid, "the body is empty", "malformed_json");
  TRY_ASSIGN(const SourceId source, source_of(services, decoder, route, request));
  if (services.limits != nullptr) TRY(services.limits->admit(source));
  const DecodeContext context{source, services.clock.now(), route.form == Form::import,
                              services.next_id};
  auto encoded = decoder.encoded_batch(request.body, context, services.ingest.shards());
  if (services.limits != nullptr) {
    services.limits->charge(source, encoded ? encoded->records.size() : 0, request.body.size());
  }
  return encoded;
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
http::Response with_server_ids(http::Response response, std::size_t server_ids) {
  if (server_ids > 0) response.headers.set("X-Server-Ids", std::to_string(server_ids));
  return response;
}

http::Response one_word(Reply reply) {
  return reply.rudder ? http::text_response("OK", "text/plain; charset=utf-8")
                      : http::json_response(R"({"success":true})");
}

http::Response answer_of(const std::vector<IngestVerdict>& verdicts, Reply reply) {
  const auto made = std::count_if(verdicts.begin(), verdicts.end(),
                                  [](const IngestVerdict& v) { return v.server_id; });
  return with_server_ids(
      reply.each ? http::json_response(results_json(verdicts)) : one_word(reply),
      static_cast<std::size_t>(made));
}

void store(Services& services, EncodedBatch batch, Reply reply, http::Responder responder) {
  auto shared = std::make_shared<http::Responder>(std::move(responder));
  services.ingest.store(
      std::move(batch.records), [shared, reply, made = batch.server_ids](const Status& stored) {
        (*shared)(stored ? with_server_ids(one_word(reply), made) : problem_of(stored.error()));
      });
}

void submit(Services& services, std::vector<Entry> entries, Reply reply,
            http::Responder responder) {
  auto shared = std::make_shared<http::Responder>(std::move(responder));
  const auto within = reply.applied ? std::optional(kVerdictsMax) : std::nullopt;
  services.ingest.submit(std::move(entries), within, [&services, shared, reply](auto verdicts) {
    if (!verdicts) return (*shared)(problem_of(verdicts.error()));
    if (!reply.applied) return (*shared)(answer_of(*verdicts, reply));
    // Reasons are read from state: not on a worker's thread.
    services.in_background([&services, shared, reply, verdicts = std::move(*verdicts)]() mutable {
      find_reasons(services, verdicts);
      (*shared)(answer_of(verdicts, reply));
    });
  });
}

// RudderStack's libraries on pages and telephones name the sender in a field of the head; some of
// them hold an event back until they read "OK".
bool is_rudder(const http::Request& request) {
  return request.headers.get("AnonymousId").has_value() || request.path.starts_with("/beacon/");
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
    const auto decoder = pool->lend(request.body.size());
    const auto verdicts = request.query.get("verdicts");
    const bool applied = verdicts && *verdicts == "1";
    const Reply reply{.each = route.form == Form::lines || applied,
                      .applied = applied,
                      .rudder = is_rudder(request)};
    if (!applied && (route.form == Form::batch || route.form == Form::import)) {
      auto batch = encode(services, *decoder.operator->(), route, request);
      if (!batch) return responder(problem_of(batch.error()));
      return store(services, *std::move(batch), reply, std::move(responder));
    }
    auto entries = decode(services, *decoder.operator->(), route, request);
    if (!entries) return responder(problem_of(entries.error()));
    submit(services, std::move(*entries), reply, std::move(responder));
  };
}

Endpoint described(const Services& services, const std::string& path, const std::string& name,
                   const std::string& about) {
  Endpoint endpoint;
  endpoint.method = http::Method::post;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.permission = Permission::ingest;
  endpoint.tag = "ingest";
  endpoint.about = about;
  endpoint.query = {{"verdicts", "1: waits until the events are processed and answers each",
                     R"({"type":"string","enum":["0","1"]})"}};
  endpoint.body = {{"application/json", "#Event"}};
  endpoint.answers = {{"application/json", R"({"oneOf":[{"$ref":"#/components/schemas/Success"},)"
                                           R"({"$ref":"#/components/schemas/Results"}]})"}};
  endpoint.problems = {400, 413, 429, 503, 504, 507};
  endpoint.options.wire_bytes_max = services.batch_wire_bytes_max;
  endpoint.options.inflated_bytes_max = services.batch_inflated_bytes_max;
  endpoint.options.trailing_slash = true;
  endpoint.options.cors = true;
  return endpoint;
}

Endpoint batch_endpoint(const Services& services, const std::string& path, const std::string& name,
                        const std::string& about) {
  Endpoint endpoint = described(services, path, name, about);
  endpoint.body = {{"application/json", "#Batch"}};
  return endpoint;
}

Endpoint beacon_endpoint(const Services& services) {
  Endpoint endpoint =
      batch_endpoint(services, "/beacon/v1/batch", "ingest_beacon",
                     "Takes a batch as a page sends it while it is left; the key is in the query");
  endpoint.query.push_back(
      {"writeKey", "The key, where it does not come as Basic user or Bearer"});
  endpoint.answers.push_back({"text/plain", R"({"const":"OK"})"});
  return endpoint;
}

Endpoint cloud_events_endpoint(const Services& services) {
  Endpoint endpoint = described(services, "/v1/cloudevents", "ingest_cloudevents",
                                "Takes CloudEvents: one in binary or structured mode, or a batch");
  endpoint.query.push_back(
      {"writeKey", "The key, where it does not come as Basic user or Bearer"});
  endpoint.body = {{"application/cloudevents+json", "#CloudEvent"},
                   {"application/cloudevents-batch+json",
                    R"({"type":"array","items":{"$ref":"#/components/schemas/CloudEvent"}})"},
                   {"application/json", "{}"}};
  return endpoint;
}

}  // namespace

void add_ingest_endpoints(Endpoints& endpoints, Services& services) {
  const auto pool = std::make_shared<DecoderPool>(services.decode_limits);
  const auto add = [&](Endpoint endpoint, IngestRoute route) {
    endpoint.handler = handler_of(services, pool, route);
    endpoints.push_back(std::move(endpoint));
  };
  add(batch_endpoint(services, "/v1/batch", "ingest_batch",
                     "Takes a batch of events; answers once they are durable"),
      {Form::batch});
  add(batch_endpoint(services, "/v1/b", "ingest_b", "The same as /v1/batch"), {Form::batch});
  add(beacon_endpoint(services), {.form = Form::batch, .key_in_query = true});
  add(batch_endpoint(services, "/v1/import", "ingest_import",
                     "Takes a batch of past events: an event's own time is its arrival"),
      {Form::import});

  for (const EventType type : {EventType::track, EventType::identify, EventType::page,
                               EventType::screen, EventType::group, EventType::alias}) {
    const std::string name(name_of(type));
    const std::string initial = name.substr(0, 1);
    add(described(services, "/v1/" + name, "ingest_" + name, "Takes one event of type " + name),
        {Form::single, type});
    add(described(services, "/v1/" + initial, "ingest_" + initial, "The same as /v1/" + name),
        {Form::single, type});
  }

  Endpoint lines = described(services, "/v1/events", "ingest_events",
                             "Takes events one a line, and answers each; blank lines are skipped");
  lines.body = {{"application/x-ndjson", R"({"type":"string"})"}};
  lines.answers = {{"application/json", "#Results"}};
  add(std::move(lines), {Form::lines});
  add(cloud_events_endpoint(services), {.form = Form::cloud_events, .key_in_query = true});
}

}  // namespace tideline
