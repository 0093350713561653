#include "pipeline/lake_tables.h"

#include <cmath>
#include <map>

#include "actions/action_records.h"
#include "base/fault.h"
#include "features/compute.h"
#include "features/state_view.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

constexpr std::size_t kOutboxRows = 200'000;

Cell text_or_null(const std::string& text) { return text.empty() ? Cell() : Cell(text); }
Cell number_or_null(double value) { return std::isfinite(value) ? Cell(value) : Cell(); }
Cell time_or_null(std::optional<Time> time) { return time ? Cell(*time) : Cell(); }

std::vector<Cell> prediction_cells(const KeptPrediction& kept) {
  const Prediction& p = kept.prediction;
  std::vector<Cell> cells = {p.customer.str(), p.timestamp, p.features_as_of};
  for (const auto& figure : p.figures) cells.push_back(figure ? number_or_null(*figure) : Cell());
  cells.insert(cells.end(),
               {text_or_null(p.tier), std::string(name_of(p.status)), text_or_null(p.reason),
                text_or_null(p.model_version), p.coverage, p.lapsed});
  return cells;
}

std::vector<Cell> tier_change_cells(const TierChange& change) {
  return {change.customer.str(),       change.time,
          text_or_null(change.from),   text_or_null(change.to),
          text_or_null(change.reason), text_or_null(change.model_version)};
}

std::vector<Cell> action_cells(const LakeRow& row) {
  const OwnedAction& owned = row.action;
  const Action& action = owned.action;
  return {action.id,
          action.customer.str(),
          action.play,
          std::string(name_of(owned.status)),
          action.created,
          action.priority,
          text_or_null(action.channel),
          text_or_null(action.say),
          action.cost,
          row.change.time,
          std::string(name_of(row.change.step)),
          text_or_null(row.change.by),
          text_or_null(owned.owner),
          time_or_null(owned.until),
          text_or_null(owned.reason),
          text_or_null(std::string(name_of(owned.outcome))),
          text_or_null(owned.note),
          owned.holds,
          static_cast<std::int64_t>(owned.version)};
}

std::vector<Cell> dead_letter_cells(const DeadLetter& letter) {
  return {letter.id,
          std::string(name_of(letter.code)),
          letter.reason,
          letter.payload,
          static_cast<std::int64_t>(letter.payload_bytes),
          letter.payload_hash.hex(),
          letter.source.str(),
          text_or_null(letter.customer_id),
          static_cast<std::int64_t>(letter.place.shard),
          static_cast<std::int64_t>(letter.place.offset),
          static_cast<std::int64_t>(letter.attempts),
          letter.first_time,
          letter.last_time,
          letter.program_version,
          letter.status};
}

}  // namespace

std::vector<Column> LakeTables::columns(const std::string& table) const {
  using enum ColumnType;
  if (table == "predictions") {
    std::vector<Column> columns = {
        {"customer_id", text}, {"timestamp", time}, {"features_as_of", time}};
    for (const TaskSpec& task : pack_.tasks()) columns.push_back({task.name, number});
    for (const Column& c : std::initializer_list<Column>{{"tier", text},
                                                         {"status", text},
                                                         {"reason", text},
                                                         {"model_version", text},
                                                         {"coverage", number},
                                                         {"lapsed", boolean}}) {
      columns.push_back(c);
    }
    return columns;
  }
  if (table == "tier_changes") {
    return {{"customer_id", text}, {"time", time},   {"from_tier", text},
            {"to_tier", text},     {"reason", text}, {"model_version", text}};
  }
  if (table == "customers") {
    return {{"customer_id", text},          {"first_event", time},
            {"last_event", time},           {"events", integer},
            {"qualifying_events", integer}, {"last_qualifying", time},
            {"eligible", boolean},          {"lapsed", boolean}};
  }
  if (table == "features") {
    std::vector<Column> columns = {{"customer_id", text}, {"as_of", time}};
    for (const FeatureSpec& feature : pack_.features()) columns.push_back({feature.name, number});
    columns.push_back({"coverage", number});
    return columns;
  }
  if (table == "dead_letters") {
    return {{"id", text},
            {"code", text},
            {"reason", text},
            {"payload", text},
            {"payload_bytes", integer},
            {"payload_hash", text},
            {"source", text},
            {"customer_id", text},
            {"shard", integer},
            {"log_offset", integer},
            {"attempts", integer},
            {"first_time", time},
            {"last_time", time},
            {"program_version", text},
            {"status", text}};
  }
  if (table == "actions") {
    return {{"id", text},        {"customer_id", text},  {"play", text},
            {"status", text},    {"created_time", time}, {"priority", text},
            {"channel", text},   {"sentence", text},     {"expected_cost", number},
            {"time", time},      {"change", text},       {"changed_by", text},
            {"owner", text},     {"until", time},        {"reason", text},
            {"outcome", text},   {"note", text},         {"holds", boolean},
            {"version", integer}};
  }
  return {};
}

Status LakeTables::append_waiting() {
  TRY(append_table("predictions"));
  TRY(append_table("tier_changes"));
  return append_table("actions");
}

Status LakeTables::append_table(const std::string& table) {
  for (;;) {
    std::map<std::string, Rows> by_date;
    WriteBatch writes;
    std::optional<Error> broken;
    const std::string prefix = outbox_prefix(table);
    TRY(store_.scan(Family::outbox, prefix, prefix_end(prefix),
                    [&](std::string_view key, std::string_view value) {
                      const Time time = time_from_millis(static_cast<std::int64_t>(
                          from_big_endian(key.substr(prefix.size(), 8))));
                      Rows& rows = by_date[format_date(time)];
                      if (table == "predictions") {
                        auto kept = decode_kept_prediction(value);
                        if (kept) rows.cells.push_back(prediction_cells(*kept));
                        if (!kept) broken = kept.error();
                      } else if (table == "actions") {
                        auto row = decode_lake_row(value);
                        if (row) rows.cells.push_back(action_cells(*row));
                        if (!row) broken = row.error();
                      } else {
                        auto change = decode_tier_change(value);
                        if (change) rows.cells.push_back(tier_change_cells(*change));
                        if (!change) broken = change.error();
                      }
                      writes.remove(Family::outbox, std::string(key));
                      return !broken && writes.operations().size() < kOutboxRows;
                    }));
    if (broken) return fail(*broken);
    if (writes.empty()) return {};
    const bool full = writes.operations().size() >= kOutboxRows;
    for (auto& [date, rows] : by_date) {
      rows.columns = columns(table);
      const std::string name =
          "r" + std::to_string(millis(clock_.now())) + "-" + std::to_string(rows.cells.size());
      ManifestFile file{table + "/dt=" + date + "/" + name + ".parquet",
                        table,
                        date,
                        true,
                        rows.cells.size(),
                        {}};
      TRY(lake_.write_rows(file.file, rows));
      writes.put(Family::manifest, manifest_key(file.file), encode(file));
    }
    fault::crash_point("score.before_outbox");
    TRY(store_.write(writes, Durability::now));
    fault::crash_point("score.after_outbox");
    if (!full) return {};
  }
}

Status LakeTables::replace_current() {
  TRY_ASSIGN(Rows letters, dead_letter_rows());
  TRY(replace("dead_letters", std::move(letters)));
  Rows customers{columns("customers"), {}};
  Rows features{columns("features"), {}};
  TRY(customer_rows(customers, features));
  TRY(replace("customers", std::move(customers)));
  return replace("features", std::move(features));
}

Status LakeTables::replace(const std::string& table, Rows rows) {
  TRY_ASSIGN(const auto old, manifest_files(store_, table));
  const std::string date = format_date(clock_.now());
  WriteBatch writes;
  for (const auto& file : old) writes.remove(Family::manifest, manifest_key(file.file));
  std::string kept;
  if (!rows.cells.empty()) {
    const std::string name = "c" + std::to_string(millis(clock_.now()));
    ManifestFile file{
        table + "/dt=" + date + "/" + name + ".parquet", table, date, true, rows.cells.size(), {}};
    TRY(lake_.write_rows(file.file, rows));
    writes.put(Family::manifest, manifest_key(file.file), encode(file));
    kept = file.file;
  }
  TRY(store_.write(writes, Durability::now));
  std::vector<std::string> gone;
  for (const auto& file : old) {
    if (file.file != kept) gone.push_back(file.file);
  }
  return lake_.remove(gone);
}

Result<Rows> LakeTables::dead_letter_rows() {
  Rows rows{columns("dead_letters"), {}};
  std::optional<Error> broken;
  TRY(store_.scan(Family::dead_letters, "", "", [&](std::string_view, std::string_view value) {
    auto letter = decode_dead_letter(value);
    if (!letter) {
      broken = letter.error();
      return false;
    }
    rows.cells.push_back(dead_letter_cells(*letter));
    return true;
  }));
  if (broken) return fail(*broken);
  return rows;
}

Status LakeTables::customer_rows(Rows& customers, Rows& features) {
  const Time now = clock_.now();
  std::optional<Error> broken;
  TRY(store_.scan(Family::customers, "", "", [&](std::string_view key, std::string_view value) {
    auto state = CustomerState::decode(pack_, value);
    if (!state) {
      broken = state.error();
      return false;
    }
    const StateView view(pack_, *state, now);
    std::uint64_t events = 0;
    for (const EventCounter& counter : state->counters(pack_)) events += counter.count;
    customers.cells.push_back(
        {std::string(key), time_or_null(state->first_event()), time_or_null(state->last_event()),
         static_cast<std::int64_t>(events), static_cast<std::int64_t>(state->qualifying_count()),
         time_or_null(state->last_qualifying()), is_eligible(view),
         is_lapsed(pack_, *state, now)});
    const FeatureVector vector = compute_features(view);
    std::vector<Cell> row = {std::string(key), now};
    for (const double x : vector.values) row.push_back(number_or_null(x));
    row.push_back(vector.coverage);
    features.cells.push_back(std::move(row));
    return true;
  }));
  if (broken) return fail(*broken);
  return {};
}

}  // namespace tideline
