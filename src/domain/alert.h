// Alert: something that people should hear of: a customer that changed its tier, a new action,
// dead letters, trouble of the program itself, reports that were drawn on schedule.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/action.h"
#include "domain/dead_letter.h"
#include "domain/event.h"

namespace tideline {

struct AlertFigure {
  std::string name;  // of the task
  bool is_probability = false;
  std::optional<double> value;
};

// A customer left one tier and entered another.
struct TierMove {
  CustomerId customer;
  std::string from;
  std::string to;
  std::string reason;
  std::string model_version;
  std::vector<AlertFigure> figures;  // one a task, in the pack's order
  std::vector<std::string> drivers;  // sentences, the weightiest first
};

struct NewAction {
  Action action;
};

// Events that became dead letters for one reason.
struct SetAside {
  DeadLetterCode code = DeadLetterCode::poison;
  std::uint64_t count = 0;
  std::string first_id;  // of the first of them
  std::string reason;    // of that one
  SourceId source;
};

// Something is wrong with the program, or no longer.
struct Trouble {
  std::string name;  // "lag", "log", "disk", "model", "processing"
  std::string what;  // one sentence
  Time since{};
  bool is_over = false;
};

// Sent by hand to try a receiver.
struct Trial {
  std::string receiver;
};

// Reports were drawn on schedule. It says where they are, never what stands in them.
struct ReportsReady {
  struct Report {
    std::string name;  // "engagement", "cost", "architecture"
    std::uint64_t pages = 0;
    std::uint64_t bytes = 0;
  };
  Time since{};  // the period that they look back on, until `as_of`
  Time as_of{};
  std::string day;    // "1 March 2026": of `as_of`, in the zone of the reports
  std::string paper;  // "a4", "letter"
  std::vector<Report> reports;
};

struct Alert {
  std::string id;  // stable: the same happening has the same id
  Time time{};
  std::variant<TierMove, NewAction, SetAside, Trouble, Trial, ReportsReady> what;
};

// What receivers choose among.
enum class AlertTopic : std::uint8_t {
  tier_entered,
  tier_left,
  action,
  dead_letters,
  trouble,
  report,
};
inline constexpr AlertTopic kAlertTopics[] = {AlertTopic::tier_entered, AlertTopic::tier_left,
                                              AlertTopic::action,       AlertTopic::dead_letters,
                                              AlertTopic::trouble,      AlertTopic::report};

}  // namespace tideline
