// What is kept to judge models later: records of Family::watch, their keys and bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "learning/drift.h"
#include "learning/realised.h"

namespace tideline {

// One prediction of one model for one watched customer, at a key that sorts by as_of, customer,
// model.
struct WatchedRow {
  Time as_of{};
  CustomerId customer;
  std::string model_version;
  RealisedRow row;  // labels filled in as they become known
};

// Family::watch, key "mark" + model: when a model's predictions were last kept.
struct WatchMark {
  std::int64_t day = 0;   // day_index() of the last kept scoring
  std::int64_t week = 0;  // the week of the last rows, from day / 7
};

[[nodiscard]] std::string watched_prefix();
[[nodiscard]] std::string watched_prefix(Time as_of);
[[nodiscard]] std::string watched_key(const WatchedRow& row);
[[nodiscard]] std::string encode(const WatchedRow& row);
// corrupt when either is not what was written.
[[nodiscard]] Result<WatchedRow> decode_watched_row(std::string_view key, std::string_view value);

// Times of rows, each with the tasks (bit: place in the pack) whose labels were looked up.
[[nodiscard]] std::string watched_time_prefix();
[[nodiscard]] std::string watched_time_key(Time as_of);
[[nodiscard]] std::optional<Time> time_of_watched_time_key(std::string_view key);
[[nodiscard]] std::string encode_labelled(std::uint64_t tasks);
[[nodiscard]] std::uint64_t decode_labelled(std::string_view value);

[[nodiscard]] std::string watch_mark_key(std::string_view model_version);
[[nodiscard]] std::string encode(const WatchMark& mark);
[[nodiscard]] Result<WatchMark> decode_watch_mark(std::string_view bytes);

// drift.json of a model that brought none: made at its first scoring.
[[nodiscard]] std::string drift_reference_key(std::string_view model_version);
// JSON of what is known of a model in service.
[[nodiscard]] std::string watch_report_prefix();
[[nodiscard]] std::string watch_report_key(std::string_view model_version);

}  // namespace tideline
