// IngestGate: what is refused when only the head of a request is known.
#include "api/ingest_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tideline {
namespace {

using ::testing::HasSubstr;

// A handler that answers when the test wants it.
struct IngestGateTest : ::testing::Test {
  http::Admission ask(const std::string& source, std::uint64_t bytes = 100) {
    http::RequestHead head;
    head.method = http::Method::post;
    head.path = "/v1/batch";
    head.body_bytes = bytes;
    return gate->admit(source.empty() ? std::nullopt : std::optional(SourceId(source)), head);
  }
  std::string code_of(const http::Admission& admission) {
    if (!admission.refusal) return "in";
    return admission.refusal->problem->code;
  }
  // Comes in and stays under way.
  void begin(const std::string& key, std::size_t bytes, const std::string& query = "") {
    http::Request request;
    request.flow = ask(key, bytes).flow;
    request.body.assign(bytes, 'x');
    request.query = *http::Query::parse(query);
    guarded(std::move(request),
            http::Responder([this](http::Response r) { answered.push_back(r.status); }));
  }
  void answer(http::Response response) {
    http::Responder responder = std::move(held.front());
    held.erase(held.begin());
    responder(std::move(response));
  }
  void open(IngestGate::Options options, SourceRates rates = {}) {
    limits.emplace(rates, clock);
    gate.emplace(options, *limits, clock);
    guarded = gate->guard([this](http::Request, http::Responder responder) {
      held.push_back(std::move(responder));
    });
  }

  ManualClock clock{time_from_millis(1'000'000)};
  const std::string loud = "loud", quiet = "quiet";
  std::optional<SourceLimits> limits;
  std::optional<IngestGate> gate;
  http::Handler guarded;
  std::vector<int> answered;
  std::vector<http::Responder> held;  // last: who goes unanswered tells the gate
};

TEST_F(IngestGateTest, TellsSourcesApart) {
  open({});
  EXPECT_EQ(code_of(ask(loud)), "in");
  EXPECT_NE(ask(loud).flow, ask(quiet).flow);
  EXPECT_NE(ask(loud).flow, 0u);
  EXPECT_EQ(ask("").flow, 0u);  // the key may be in the body
  EXPECT_EQ(code_of(ask("")), "in");
}

TEST_F(IngestGateTest, OneKeyAloneTakesHalfAndAnotherStillComesIn) {
  open({.bytes_max = 1000});
  for (int i = 0; i < 5; ++i) begin(loud, 100);
  EXPECT_EQ(code_of(ask(loud)), "share_used");
  EXPECT_EQ(ask(loud).refusal->problem->retry_after_s, 1);
  EXPECT_EQ(code_of(ask(quiet)), "in");
  EXPECT_EQ(gate->load().bytes, 500u);
  EXPECT_EQ(gate->load().requests, 5u);
  answer(http::json_response("{}"));
  EXPECT_EQ(code_of(ask(loud)), "in");
  while (!held.empty()) answer(http::json_response("{}"));
  EXPECT_EQ(gate->load().bytes, 0u);
  EXPECT_EQ(gate->load().sources, 0u);
  EXPECT_EQ(answered, std::vector<int>(5, 200));
}

TEST_F(IngestGateTest, AnEmptyGateTakesOneOfAnySize) {
  open({.bytes_max = 1000});
  EXPECT_EQ(code_of(ask(loud, 5000)), "in");
  begin(loud, 5000);
  EXPECT_EQ(code_of(ask(quiet, 1)), "share_used");
}

TEST_F(IngestGateTest, ASlowDiskRefusesUntilItAnswers) {
  open({.durable_wait_max = std::chrono::seconds(2)});
  begin(loud, 10);
  begin(loud, 10, "verdicts=1");  // waits for workers, not for the disk
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(code_of(ask(quiet)), "in");
  clock.advance(Duration(1));
  EXPECT_EQ(code_of(ask(quiet)), "log_busy");
  EXPECT_EQ(gate->load().oldest, Duration(2001));
  answer(http::json_response("{}"));
  EXPECT_EQ(code_of(ask(quiet)), "in");
  EXPECT_EQ(gate->load().requests, 1u);
}

TEST_F(IngestGateTest, TheReservesRefusalIsRepeatedForAMomentOnly) {
  open({});
  begin(loud, 10);
  answer(http::problem_response(507, "disk_full", "the reserve"));
  EXPECT_EQ(code_of(ask(quiet)), "disk_full");
  clock.advance(Duration(200));
  EXPECT_EQ(code_of(ask(quiet)), "in");  // asks the log again
  begin(quiet, 10);
  answer(http::problem_response(507, "disk_full", "the reserve"));
  begin(loud, 10);  // had come in before
  answer(http::json_response("{}"));
  EXPECT_EQ(code_of(ask(quiet)), "in");
}

TEST_F(IngestGateTest, AnEmptyBucketSaysWhenToComeAgain) {
  open({}, {.events_per_s = 10, .burst_s = 1});
  limits->charge(SourceId("loud"), 35, 1);
  const auto refused = ask(loud);
  EXPECT_EQ(code_of(refused), "rate_limited");
  EXPECT_EQ(refused.refusal->problem->retry_after_s, 3);
  EXPECT_THAT(refused.refusal->problem->detail, HasSubstr("events"));
  EXPECT_EQ(code_of(ask(quiet)), "in");
  clock.advance(std::chrono::seconds(3));
  EXPECT_EQ(code_of(ask(loud)), "in");
}

TEST_F(IngestGateTest, ADroppedRequestLeavesToo) {
  open({});
  begin(loud, 10);
  held.clear();
  EXPECT_EQ(answered, std::vector<int>{500});
  EXPECT_EQ(gate->load().requests, 0u);
}

}  // namespace
}  // namespace tideline
