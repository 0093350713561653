#include "pipeline/ingest.h"

#include <memory>

namespace tideline {
namespace {

IngestVerdict first_verdict(const Entry& entry) {
  IngestVerdict verdict;
  if (const Event* event = entry.event()) {
    verdict.id = event->message_id.str();
    verdict.server_id = event->server_id;
    return verdict;
  }
  const Reject& reject = *entry.reject();
  verdict.id = reject.message_id.str();
  verdict.verdict = Verdict::rejected;
  verdict.code = reject.code;
  verdict.reason = reject.reason;
  return verdict;
}

}  // namespace

void Ingest::close(std::string why) {
  closed_why_ = std::move(why);
  closed_ = true;
}

void Ingest::submit(std::vector<Entry> entries, std::optional<Duration> applied_within,
                    Done done) {
  if (closed_) return done(fail(ErrorCode::unavailable, closed_why_));
  std::vector<IngestVerdict> verdicts;
  RecordBatch records;
  verdicts.reserve(entries.size());
  for (const Entry& entry : entries) {
    verdicts.push_back(first_verdict(entry));
    add_record(entry, shards_, records);
  }
  if (records.empty()) return done(std::move(verdicts));

  auto on_durable = [this, verdicts = std::move(verdicts), applied_within,
                     done = std::move(done)](Result<std::vector<Place>> places) mutable {
    if (!places) return done(fail(std::move(places).error()));
    for (std::size_t i = 0; i < verdicts.size(); ++i) verdicts[i].place = (*places)[i];
    if (!applied_within) return done(std::move(verdicts));
    board_.when(std::move(*places), clock_.now() + *applied_within,
                [verdicts = std::move(verdicts), done = std::move(done)](auto posted) mutable {
                  if (!posted) return done(fail(std::move(posted).error()));
                  for (std::size_t i = 0; i < verdicts.size(); ++i) {
                    verdicts[i].verdict = (*posted)[i].verdict;
                    verdicts[i].code = (*posted)[i].code;
                  }
                  done(std::move(verdicts));
                });
  };
  log_.append(std::move(records), std::move(on_durable));
}

void Ingest::store(RecordBatch records, std::function<void(Status)> done) {
  if (closed_) return done(fail(ErrorCode::unavailable, closed_why_));
  log_.append(std::move(records), [done = std::move(done)](Result<std::vector<Place>> places) {
    done(places ? Status() : Status(fail(std::move(places).error())));
  });
}

}  // namespace tideline
