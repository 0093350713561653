#include "api/endpoint.h"

#include <algorithm>
#include <charconv>
#include <memory>

namespace tideline {
namespace {

constexpr Duration kWaitForMax = std::chrono::seconds(10);

// "SHARD:OFFSET"
Result<Place> place_of(std::string_view text, std::size_t shards) {
  const auto bad = [&] {
    return fail(ErrorCode::invalid,
                "wait_for is SHARD:OFFSET as an ingest answer gives them, shards 0 to " +
                    std::to_string(shards - 1) + ", e.g. wait_for=3:1024",
                "bad_parameter");
  };
  Place place;
  const char* end = text.data() + text.size();
  const auto shard = std::from_chars(text.data(), end, place.shard);
  if (shard.ec != std::errc{} || shard.ptr == end || *shard.ptr != ':') return bad();
  const auto offset = std::from_chars(shard.ptr + 1, end, place.offset);
  if (offset.ec != std::errc{} || offset.ptr != end || place.shard >= shards) return bad();
  return place;
}

void deliver(const http::Request& request, http::Responder& responder, http::Response response) {
  http::apply_etag(request, response);
  responder(std::move(response));
}

// A read on its way through threads; Responder itself cannot be copied into a std::function.
struct PendingRead {
  http::Request request;
  http::Responder responder;
  std::function<http::Response()> answer;
};

void answer_after(Services& services, Place place, std::shared_ptr<PendingRead> read) {
  const Time deadline = services.clock.now() + kWaitForMax;
  services.board.when({place}, deadline, [&services, read = std::move(read)](auto verdicts) {
    if (!verdicts) {
      Error error = verdicts.error();
      if (error.code == ErrorCode::timeout) {
        error.message = "what wait_for names was not processed within 10 s";
        error.reason = "wait_for_timeout";
      }
      return read->responder(problem_of(error));
    }
    // Not on the worker's thread: the customer is scored again first, so that the read shows it.
    services.in_background([&services, read] {
      if (auto scored = services.rescorer.score_changed(); !scored) {
        return read->responder(problem_of(scored.error()));
      }
      deliver(read->request, read->responder, read->answer());
    });
  });
}

}  // namespace

void answer_read(Services& services, http::Request request, http::Responder responder, Where where,
                 std::function<http::Response()> answer) {
  const auto wait_for = request.query.get("wait_for");
  if (!wait_for && where == Where::server) return deliver(request, responder, answer());
  std::optional<Place> place;
  if (wait_for) {
    auto parsed = place_of(*wait_for, services.processor.status().shards.size());
    if (!parsed) return responder(problem_of(parsed.error()));
    place = *parsed;
  }
  auto read = std::make_shared<PendingRead>(
      PendingRead{std::move(request), std::move(responder), std::move(answer)});
  if (place) return answer_after(services, *place, std::move(read));
  services.in_background([read] { deliver(read->request, read->responder, read->answer()); });
}

Status check_parameters(const http::Query& query, const std::vector<Parameter>& allowed) {
  for (const auto& [name, value] : query) {
    const bool known = std::any_of(allowed.begin(), allowed.end(),
                                   [&](const Parameter& p) { return p.name == name; });
    if (known) continue;
    std::string names;
    for (const Parameter& p : allowed) names += (names.empty() ? "" : ", ") + p.name;
    return fail(ErrorCode::invalid, "unknown parameter \"" + name + "\"; allowed are " + names,
                "unknown_parameter");
  }
  if (const auto twice = query.repeated_key()) {
    return fail(ErrorCode::invalid, "the parameter \"" + std::string(*twice) + "\" is given twice",
                "bad_parameter");
  }
  for (const Parameter& p : allowed) {
    if (!p.required || query.has(p.name)) continue;
    return fail(ErrorCode::invalid, "the parameter \"" + p.name + "\" is missing",
                "missing_parameter");
  }
  return {};
}

Parameter wait_for_parameter() {
  return {"wait_for",
          "SHARD:OFFSET of an event; answers once it is processed and its customer scored, 504 "
          "after 10 s",
          R"({"type":"string","pattern":"^[0-9]+:[0-9]+$"})"};
}

Parameter limit_parameter() {
  return {"limit", "How many rows at most",
          R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"};
}

Parameter cursor_parameter() {
  return {"cursor", "next_cursor of the page before this one; opaque"};
}

Result<std::size_t> limit_of(const http::Query& query) {
  const auto text = query.get("limit");
  if (!text) return kLimitDefault;
  std::size_t limit = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, limit);
  if (parsed.ec != std::errc{} || parsed.ptr != end || limit < 1 || limit > kLimitMax) {
    return fail(ErrorCode::invalid, "limit is a whole number, 1 to " + std::to_string(kLimitMax),
                "bad_parameter");
  }
  return limit;
}

std::string text_of(const http::Query& query, std::string_view name) {
  return std::string(query.get(name).value_or(std::string_view()));
}

}  // namespace tideline
