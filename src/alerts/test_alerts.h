// For tests of this module: everything of it over in-memory twins, with a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "alerts/alerts.h"
#include "ports/memory_notifier.h"
#include "ports/memory_state_store.h"

namespace tideline {

struct AlertRig {
  ManualClock clock{*parse_time("2026-03-01T12:00:00Z")};
  MemoryStateStore store;
  MemoryNotifier notifier;
  AlertQueue queue;
  AlertOptions options;
  int secrets = 0;
  std::unique_ptr<Alerts> alerts;

  AlertRig() { restart(); }

  // As the program does it: everything that is not in the store is forgotten.
  void restart() {
    options.seed = 7;
    alerts = std::make_unique<Alerts>(
        options,
        [this](std::size_t count) {
          return std::string(count, static_cast<char>('a' + secrets++));
        },
        queue, store, notifier, clock);
    EXPECT_TRUE(alerts->troubles().load().has_value());
  }

  Receiver add_receiver(Receiver receiver = {}) {
    if (receiver.name.empty()) receiver.name = "crm";
    if (receiver.target.empty()) receiver.target = "https://example.com/hook";
    if (receiver.topics.empty())
      receiver.topics.assign(std::begin(kAlertTopics), std::end(kAlertTopics));
    auto made = alerts->receivers().create(std::move(receiver));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? *made : Receiver();
  }

  void add(Alert alert) {
    WriteBatch writes;
    queue.add(std::move(alert), writes);
    EXPECT_TRUE(store.write(writes, Durability::later).has_value());
  }
  void route() {
    const auto routed = alerts->router().route();
    EXPECT_TRUE(routed.has_value()) << routed.error().message;
  }
  // Everything that is due now.
  int send() {
    int sent = 0;
    while (true) {
      const auto one = alerts->sender().send_one();
      EXPECT_TRUE(one.has_value()) << one.error().message;
      if (!one || !*one) return sent;
      ++sent;
    }
  }
  void route_and_send() {
    route();
    send();
  }

  std::vector<Delivery> deliveries(const Receiver& receiver) {
    auto page = alerts->sender().deliveries_of(receiver.id, "", 1'000);
    EXPECT_TRUE(page.has_value());
    return page ? page->deliveries : std::vector<Delivery>();
  }
  std::vector<KeptAlert> kept() {
    auto page = alerts->recent("", 1'000);
    EXPECT_TRUE(page.has_value());
    return page ? page->alerts : std::vector<KeptAlert>();
  }

  Alert move(const std::string& customer, const std::string& from, const std::string& to) {
    TierMove move{CustomerId(customer), from, to, "churn_risk_14d > 0.4",
                  "shop-health-v1",     {},   {}};
    move.figures = {{"churn_risk_14d", true, 0.63}, {"health_score", false, std::nullopt}};
    move.drivers = {"sessions a week fell from 2.1 to 0.8"};
    return {"", clock.now(), std::move(move)};
  }
  Alert action(const std::string& customer, const std::string& priority) {
    Action action;
    action.id = customer + "-call";
    action.customer = CustomerId(customer);
    action.play = "call_back";
    action.priority = priority;
    action.say = "Call: two cancelled sessions";
    return {"", clock.now(), NewAction{std::move(action)}};
  }
  Alert letters(std::uint64_t count, const std::string& first_id) {
    return {"", clock.now(),
            SetAside{DeadLetterCode::bad_property, count, first_id, "amount is no number",
                     SourceId("web")}};
  }
};

}  // namespace tideline
