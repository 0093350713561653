#include "assistant/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/check.h"
#include "base/sql_words.h"

namespace tideline {
namespace {

// Without the T and Z, as DuckDB's TIMESTAMP takes it.
std::string sql_time(Time t) {
  std::string text = format_time(t);
  text[10] = ' ';
  text.pop_back();
  return text;
}

template <class T>
SqlValue value_or_null(const std::optional<T>& maybe) {
  if (!maybe) return SqlValue();
  return SqlValue(*maybe);
}

SqlValue value_of(std::string_view name, const Arguments& a, Time now) {
  if (name == "now") return now;
  if (name == "from") return a.period ? SqlValue(a.period->from) : SqlValue();
  if (name == "to") return a.period ? SqlValue(a.period->to) : SqlValue();
  if (name == "before_from") return a.before ? SqlValue(a.before->from) : SqlValue();
  if (name == "before_to") return a.before ? SqlValue(a.before->to) : SqlValue();
  if (name == "customer") return value_or_null(a.customer);
  if (name == "other") return value_or_null(a.other);
  if (name == "tier") return value_or_null(a.tier);
  if (name == "from_tier") return value_or_null(a.from_tier);
  if (name == "event") return value_or_null(a.event);
  if (name == "by") return value_or_null(a.by);
  if (name == "threshold") return value_or_null(a.threshold);
  CHECK(name == "rows");  // no other name stands in a query of the catalogue
  return SqlValue(std::int64_t{a.rows.value_or(10)});
}

// NULL needs a type, and times travel as texts.
std::string_view sql_type(std::string_view name) {
  if (name == "threshold") return "DOUBLE";
  if (name == "rows") return "BIGINT";
  const bool time = name == "now" || name == "from" || name == "to" || name == "before_from" ||
                    name == "before_to";
  return time ? "TIMESTAMP" : "VARCHAR";
}

std::string written(const SqlValue& value, std::string_view type) {
  if (const auto* text = std::get_if<std::string>(&value)) return sql_text(*text);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
  if (const auto* time = std::get_if<Time>(&value))
    return "TIMESTAMP " + sql_text(sql_time(*time));
  return fmt::format("CAST(NULL AS {})", type);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

std::string path_of(const ApiReading& reading, const Arguments& arguments) {
  std::string path = reading.path;
  const std::size_t at = path.find("{customer}");
  if (at != path.npos) path.replace(at, 10, percent_encoded(arguments.customer.value_or("")));
  return path;
}

}  // namespace

bool Arguments::has(Slot slot) const {
  switch (slot) {
    case Slot::customer: return customer.has_value();
    case Slot::other: return other.has_value();
    case Slot::tier: return tier.has_value();
    case Slot::from_tier: return from_tier.has_value();
    case Slot::event: return event.has_value();
    case Slot::period: return period.has_value();
    case Slot::before: return before.has_value();
    case Slot::by: return by.has_value();
    case Slot::rows: return rows.has_value();
    case Slot::threshold: return threshold.has_value();
  }
  return false;
}

bool Arguments::any() const { return *this != Arguments(); }

Arguments completed(const Question& question, const Arguments& arguments, Time now) {
  Arguments a = arguments;
  const auto takes = [&](Slot slot) {
    return std::find(question.takes.begin(), question.takes.end(), slot) != question.takes.end();
  };
  if (takes(Slot::period) && !a.period)
    a.period = question.period_days > 0 ? last_days(question.period_days, now) : all_time(now);
  if (takes(Slot::before) && !a.before && a.period) a.before = before(*a.period);
  if (takes(Slot::by) && !a.by) a.by = question.by;
  if (takes(Slot::rows) && !a.rows) a.rows = question.rows_most;
  return a;
}

Statement statement_of(const Question& question, const Arguments& arguments, Time now) {
  const Arguments a = completed(question, arguments, now);
  Statement statement;
  if (question.sql.empty()) {
    statement.path = question.reading.path.empty() ? "" : path_of(question.reading, a);
    statement.text = statement.path.empty() ? "" : "GET " + statement.path;
    return statement;
  }
  std::map<std::string, std::size_t, std::less<>> places;
  const std::string& sql = question.sql;
  for (std::size_t i = 0; i < sql.size();) {
    const bool begins = sql[i] == '$' && i + 1 < sql.size() &&
                        std::islower(static_cast<unsigned char>(sql[i + 1]));
    if (!begins) {
      statement.sql += sql[i];
      statement.text += sql[i++];
      continue;
    }
    std::size_t end = i + 1;
    while (end < sql.size() &&
           (std::islower(static_cast<unsigned char>(sql[end])) || sql[end] == '_'))
      ++end;
    const std::string name = sql.substr(i + 1, end - i - 1);
    const SqlValue value = value_of(name, a, now);
    const auto [place, is_new] = places.try_emplace(name, places.size() + 1);
    if (is_new) {
      const auto* time = std::get_if<Time>(&value);
      statement.parameters.push_back(time ? SqlValue(sql_time(*time)) : value);
    }
    statement.sql += fmt::format("CAST(${} AS {})", place->second, sql_type(name));
    statement.text += written(value, sql_type(name));
    i = end;
  }
  return statement;
}

}  // namespace tideline
