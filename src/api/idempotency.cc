#include "api/idempotency.h"

#include <algorithm>
#include <memory>

#include "base/bytes.h"

namespace tideline {
namespace {

// Family::answers: "answer/" and a hash, and "due/", the time (8 bytes) and that hash, by which
// old ones are found.
constexpr std::string_view kAnswer = "answer/";
constexpr std::string_view kDue = "due/";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kKeyMax = 255;
constexpr std::size_t kForgottenAtOnce = 100;

std::string time_key(Time time) { return big_endian(static_cast<std::uint64_t>(millis(time))); }

bool is_kept(int status) {
  return status < 500 && status != 401 && status != 403 && status != 429;
}

std::string encode_answer(const Hash128& print, const http::Response& response) {
  ByteWriter out;
  out.u8(kFormat);
  out.hash(print);
  out.varint(static_cast<std::uint64_t>(response.status));
  out.varint(response.headers.size());
  for (const auto& [name, value] : response.headers) {
    out.text(name);
    out.text(value);
  }
  out.text(response.body);
  out.u8(response.problem ? 1 : 0);
  if (response.problem) {
    out.text(response.problem->code);
    out.text(response.problem->detail);
  }
  return out.take();
}

struct KeptAnswer {
  Hash128 print;
  http::Response response;
};

std::optional<KeptAnswer> decode_answer(std::string_view bytes) {
  ByteReader in(bytes);
  KeptAnswer kept;
  const bool known = in.u8() == kFormat;
  kept.print = in.hash();
  kept.response.status = static_cast<int>(in.varint());
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    std::string name = in.text();
    kept.response.headers.add(std::move(name), in.text());
  }
  kept.response.body = in.text();
  if (in.u8() != 0) {
    http::Problem& problem = kept.response.problem.emplace();
    problem.status = kept.response.status;
    problem.code = in.text();
    problem.detail = in.text();
  }
  if (!known || !in.done()) return std::nullopt;
  return kept;
}

}  // namespace

bool takes_idempotency_key(const Endpoint& endpoint) {
  const bool left_out = endpoint.tag == "ingest" || endpoint.tag == "access" ||
                        endpoint.tag == "alerts" || endpoint.tag == "sql" ||
                        endpoint.path == "/api/v1/predict";
  return endpoint.method != http::Method::get && !left_out &&
         endpoint.path.starts_with("/api/v1/");
}

Result<Idempotency::Asked> Idempotency::asked(const http::Request& request,
                                              const std::string& given) {
  const bool fits =
      !given.empty() && given.size() <= kKeyMax &&
      std::all_of(given.begin(), given.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!fits) {
    return fail(ErrorCode::invalid,
                "an Idempotency-Key is 1 to 255 visible ASCII characters, e.g. a UUID",
                "bad_idempotency_key");
  }
  ByteWriter key;
  key.text(request.caller);
  key.text(http::name_of(request.method));
  key.text(request.path);
  key.text(given);
  ByteWriter sent;
  sent.text(request.target);
  sent.text(request.body);
  return Asked{std::string(kAnswer) + xxh3_128(key.bytes()).hex(), xxh3_128(sent.bytes())};
}

Result<std::optional<http::Response>> Idempotency::kept(const Asked& asked) {
  TRY_ASSIGN(const auto bytes, state_.get(Family::answers, asked.key));
  if (!bytes) return std::optional<http::Response>();
  auto answer = decode_answer(*bytes);
  if (!answer) return fail(ErrorCode::corrupt, "a kept answer is broken");
  if (answer->print != asked.print) {
    return std::optional(http::problem_response(
        422, "idempotency_key_reused",
        "another request was sent under this Idempotency-Key in the last 24 hours"));
  }
  answer->response.headers.set("Idempotency-Replayed", "true");
  return std::optional(std::move(answer->response));
}

Status Idempotency::forget_old(Time now, WriteBatch& batch) {
  const std::string until = std::string(kDue) + time_key(now - kAnswersKept);
  std::size_t seen = 0;
  return state_.scan(Family::answers, kDue, until, [&](std::string_view key, std::string_view) {
    batch.remove(Family::answers, std::string(key));
    batch.remove(Family::answers,
                 std::string(kAnswer) + std::string(key.substr(kDue.size() + sizeof(Time))));
    return ++seen < kForgottenAtOnce;
  });
}

Status Idempotency::keep(const Asked& asked, const http::Response& response) {
  const Time now = clock_.now();
  WriteBatch batch;
  TRY(forget_old(now, batch));
  batch.put(Family::answers, asked.key, encode_answer(asked.print, response));
  batch.put(Family::answers, std::string(kDue) + time_key(now) + asked.key.substr(kAnswer.size()),
            "");
  return state_.write(batch, Durability::now);
}

void Idempotency::run(const http::Handler& handler, http::Request request,
                      http::Responder responder, const std::string& given) {
  auto what = asked(request, given);
  if (!what) return responder(problem_of(what.error()));
  {
    const std::lock_guard lock(mutex_);
    if (!under_way_.insert(what->key).second) {
      return responder(http::problem_response(
          409, "in_progress", "the first request under this Idempotency-Key is still under way"));
    }
  }
  const auto done = [this, key = what->key] {
    const std::lock_guard lock(mutex_);
    under_way_.erase(key);
  };
  auto before = kept(*what);
  if (!before || *before) {
    done();
    return responder(before ? std::move(**before) : problem_of(before.error()));
  }
  auto shared = std::make_shared<http::Responder>(std::move(responder));
  handler(std::move(request),
          http::Responder([this, done, what = *what, shared](http::Response response) {
            // An answer that could not be kept is given all the same: the work is done.
            if (is_kept(response.status)) static_cast<void>(keep(what, response));
            done();
            (*shared)(std::move(response));
          }));
}

http::Handler Idempotency::once(Services& services, http::Handler handler) {
  return [this, &services, handler = std::move(handler)](http::Request request,
                                                         http::Responder responder) {
    const auto given = request.headers.get(kIdempotencyKey);
    if (!given) return handler(std::move(request), std::move(responder));
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([this, &handler, shared, key = std::string(*given),
                            request = std::move(request)]() mutable {
      run(handler, std::move(request), std::move(*shared), key);
    });
  };
}

}  // namespace tideline
