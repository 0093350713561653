#include "api/ingest_gate.h"

#include <algorithm>
#include <memory>

namespace tideline {
namespace {

// A full disk or a failed log is not asked again for every request; but soon enough that writing
// resumes by itself.
constexpr Duration kTroubleLasts{200};

http::Response refused(std::string code, std::string detail, Duration wait) {
  http::Problem problem{429, std::move(code), std::move(detail)};
  problem.retry_after_s = static_cast<int>((wait.count() + 999) / 1000);
  return http::problem_response(std::move(problem));
}

// Never 0, which stands for senders whose key is in the body.
std::uint64_t flow_of(const SourceId& source) {
  return std::hash<std::string>()(source.str()) | 1;
}

}  // namespace

http::Admission IngestGate::admit(const std::optional<SourceId>& source,
                                  const http::RequestHead& head) {
  http::Admission admission;
  if (source) {
    admission.flow = flow_of(*source);
    if (const auto limited = limits_.check(*source)) {
      admission.refusal = refused(
          "rate_limited", std::string("this key sends ") + limited->what + " faster than it may",
          limited->wait);
      return admission;
    }
  }
  admission.refusal = refusal_of(admission.flow, head.body_bytes);
  return admission;
}

std::optional<http::Response> IngestGate::refusal_of(std::uint64_t flow, std::uint64_t bytes) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (trouble_ && now < trouble_until_) return http::problem_response(*trouble_);
  if (!waiting_.empty() && now - waiting_.begin()->second > options_.durable_wait_max) {
    return refused("log_busy", "the disk does not keep up; nothing was stored", kSecond);
  }
  // Of an empty gate one request of any size is taken.
  const auto known = flow_bytes_.find(flow);
  const std::uint64_t used = known == flow_bytes_.end() ? 0 : known->second;
  const std::uint64_t free = options_.bytes_max - std::min(bytes_, options_.bytes_max);
  if (bytes_ > 0 && used + bytes > free) {
    return refused("share_used", "too much from this key is on its way to the disk", kSecond);
  }
  return std::nullopt;
}

IngestGate::Entry IngestGate::begin(const http::Request& request) {
  const auto verdicts = request.query.get("verdicts");
  const bool waits_for_workers = verdicts && *verdicts == "1";
  const std::lock_guard lock(mutex_);
  const Entry entry{++number_, request.flow, request.body.size()};
  ++requests_;
  bytes_ += entry.bytes;
  flow_bytes_[entry.flow] += entry.bytes;
  if (!waits_for_workers) waiting_.emplace(entry.number, clock_.now());
  return entry;
}

void IngestGate::end(const Entry& entry, const http::Response& response) {
  const std::lock_guard lock(mutex_);
  --requests_;
  bytes_ -= entry.bytes;
  const auto flow = flow_bytes_.find(entry.flow);
  flow->second -= entry.bytes;
  if (flow->second == 0) flow_bytes_.erase(flow);
  waiting_.erase(entry.number);
  const int status = response.problem ? response.problem->status : response.status;
  if (status != 503 && status != 507) {
    if (status == 200) trouble_.reset();
    return;
  }
  trouble_ = response.problem;
  trouble_until_ = clock_.now() + kTroubleLasts;
}

http::Handler IngestGate::guard(http::Handler inner) {
  return [this, inner = std::move(inner)](http::Request request, http::Responder responder) {
    const Entry entry = begin(request);
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    inner(std::move(request), http::Responder([this, entry, shared](http::Response response) {
            end(entry, response);
            (*shared)(std::move(response));
          }));
  };
}

IngestGate::Load IngestGate::load() const {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  Load load{requests_, bytes_, flow_bytes_.size(), {}};
  if (!waiting_.empty()) load.oldest = std::max(Duration(0), now - waiting_.begin()->second);
  return load;
}

}  // namespace tideline
