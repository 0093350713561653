// The answers that reports look for, by id, and their columns. Each may be missing: what needs it
// then says so in place. Who gathers them gives each its query (app/report_gathering.h).
//
//   id            rows                        columns
//   customers     one                         registered eligible lapsed
//   activity      one                         active_1d active_7d active_28d before_28d
//                                             share_1d events_28d
//   daily         a day, oldest first         active mean_7d
//   weekly        a week, oldest first        retained new resurrected churned
//   events        an event, most first        events customers
//   figures       a task                      customers mean p10 median p90
//   tiers         a tier, the pack's order    customers share
//   tier_days     a day, oldest first         one a tier
//   moves         "FROM > TO" of tiers        customers
//   model         "TASK > MODEL"              champion roc_auc brier_skill log_loss ece r2 mae
//   reliability   a bin                       rows predicted observed low high
//   importance    a feature, greatest first   loss_rise
//   plays         a play                      recommended done dismissed cost
//   effect        a play; "all" first         treated holdout difference low high
//   risk          one                         expected_churn
//   loss          one                         money_at_risk
//   money         a figure of the calculator  value
//   gain          proven, scenario            amount
//   pilots        a pilot                     treated holdout difference low high sample_ratio_p
//   measured      a measurement               value
//   benchmarks    a measurement               value worst
//   folder        a part of the data folder   bytes
//   limits        a limit                     value
#pragma once

namespace tideline::reports::answers {

inline constexpr const char* kCustomers = "customers";
inline constexpr const char* kActivity = "activity";
inline constexpr const char* kDaily = "daily";
inline constexpr const char* kWeekly = "weekly";
inline constexpr const char* kEvents = "events";
inline constexpr const char* kFigures = "figures";
inline constexpr const char* kTiers = "tiers";
inline constexpr const char* kTierDays = "tier_days";
inline constexpr const char* kMoves = "moves";
inline constexpr const char* kModel = "model";
inline constexpr const char* kReliability = "reliability";
inline constexpr const char* kImportance = "importance";
inline constexpr const char* kPlays = "plays";
inline constexpr const char* kEffect = "effect";
inline constexpr const char* kRisk = "risk";
inline constexpr const char* kLoss = "loss";
inline constexpr const char* kMoney = "money";
inline constexpr const char* kGain = "gain";
inline constexpr const char* kPilots = "pilots";
inline constexpr const char* kMeasured = "measured";
inline constexpr const char* kBenchmarks = "benchmarks";
inline constexpr const char* kFolder = "folder";
inline constexpr const char* kLimits = "limits";
// Rows of the benchmarks that are looked for, as docs/benchmarks.md names them.
inline constexpr const char* kDurableIngest = "durable ingest over HTTP, until acknowledged";
inline constexpr const char* kApplied = "the same events, until applied to states";
// Made by the reports themselves, from prices, initiative and measurements.
inline constexpr const char* kSuccess = "success";
inline constexpr const char* kPrices = "prices";
inline constexpr const char* kSizes = "sizes";
inline constexpr const char* kCloudParts = "cloud_parts";
inline constexpr const char* kSuites = "suites";
inline constexpr const char* kCostByCustomers = "cost_by_customers";

}  // namespace tideline::reports::answers
