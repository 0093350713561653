// Facts: everything that the reports need to know, gathered by somebody else. A report reads
// nothing but its facts, so the same facts give the same document.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "reports/answer.h"
#include "reports/initiative.h"
#include "reports/price_list.h"

namespace tideline::reports {

// What the pack says a figure is.
struct TaskFacts {
  std::string name;        // "churn_risk_30d"
  std::string definition;  // one sentence
  bool is_probability = false;
  NumberForm form;
  double horizon_days = 0;
};

struct TierFacts {
  std::string name;
  std::string rule;  // as written
};

struct PlayFacts {
  std::string name;
  std::string priority;
  std::string channel;
  double cost = 0;  // of one action, in the pack's currency
};

struct ModelFacts {
  std::string version;  // "engagement-v3"
  std::string trained;  // "1 March to 20 June 2026"
  double rows = 0;      // learnt from
  struct OfTask {
    std::string task;
    std::string champion;
    std::string split;  // how unseen rows were set apart: "by time"
    double judged = 0;  // rows
    std::vector<std::string> warnings;
  };
  std::vector<OfTask> tasks;
  std::string main_task;  // whose reliability and importance are shown
};

// Figures of the sizing that are known from measurements; what is not known is missing.
struct MeasuredFacts {
  std::optional<double> customers;
  std::optional<double> events_per_day;
  std::optional<double> cpu_s_per_million_events;  // received, made safe, applied, archived
  std::optional<double> cpu_s_per_million_scores;  // features and figures of a customer
  std::optional<double> lake_bytes_per_event;
  std::optional<double> state_bytes_per_customer;
  std::optional<double> memory_base_gib;
  std::optional<double> memory_bytes_per_customer;
  std::optional<double> cores;  // of this machine
  std::optional<double> memory_gib;
  std::string machine;  // "2 cores, AMD EPYC"
};

struct ControlFacts {
  bool tls = false;
  double shards = 0;
  double workers = 0;
  double dedupe_days = 0;
  double log_hours = 24;
  double lateness_hours = 72;
};

struct Facts {
  std::string program_version;
  std::string pack;      // its name
  std::string about;     // its sentence
  std::string currency;  // empty: none
  Time as_of{};
  Time events_from{};       // none of the queries reads events that happened before
  std::string as_of_day;    // in the zone of the reports: "1 January 2026"
  std::string as_of_words;  // in the zone of the reports: "1 January 2026, 01:00 (Europe/Berlin)"
  double lapse_days = 0;
  std::vector<std::string> qualifying;  // names of events
  std::vector<TaskFacts> tasks;
  std::vector<TierFacts> tiers;
  std::vector<PlayFacts> plays;
  std::optional<ModelFacts> model;
  std::string no_model;  // why there is none
  std::optional<Initiative> initiative;
  std::optional<PriceList> prices;
  MeasuredFacts measured;
  ControlFacts controls;
  Answers answers;
};

}  // namespace tideline::reports
