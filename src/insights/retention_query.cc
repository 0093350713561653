#include "insights/retention_query.h"

#include "base/check.h"
#include "base/sql_words.h"

namespace tideline {
namespace {

// Customers and the days on which they were active, each once.
std::string days_of(std::span<const std::string> qualifying, Time now) {
  CHECK(!qualifying.empty());
  std::string names;
  for (const std::string& name : qualifying) names += (names.empty() ? "" : ", ") + sql_text(name);
  return "days as (select distinct customer_id, event_time::date as day from events "
         "where type = 'track' and event in (" +
         names + ") and event_time <= timestamp '" + format_time(now).substr(0, 23) + "')";
}

// Of the whole days that ActivityCounter counts as recent.
std::string recent(std::span<const ActiveEvent> events, Time now) {
  CHECK(!events.empty());
  std::string names;
  for (const ActiveEvent& event : events)
    names += (names.empty() ? "" : ", ") + sql_text(event.name);
  const std::string today = "date '" + format_date(now) + "'";
  return "type = 'track' and event in (" + names + ") and event_time >= " + today + " - " +
         std::to_string(kRecentDays) + " and event_time < " + today;
}

// What one event brought.
std::string amount_in(std::span<const ActiveEvent> events, const std::string& currency) {
  std::string cases;
  for (const ActiveEvent& event : events) {
    if (event.money.empty()) continue;
    cases += " when event = " + sql_text(event.name) + " then 0";
    for (const std::string& property : event.money)
      cases += " + coalesce(try_cast(properties->>" + sql_text(property) + " as double), 0)";
  }
  if (cases.empty()) return "0";
  const std::string foreign = currency.empty() ? ""
                                               : " when upper(coalesce(properties->>'currency', " +
                                                     sql_text(currency) + ")) <> upper(" +
                                                     sql_text(currency) + ") then 0";
  return "case" + foreign + cases + " else 0 end";
}

std::string counts_on(RetentionKind kind, int window_days) {
  switch (kind) {
    case RetentionKind::n_day: return "day = first + n";
    case RetentionKind::unbounded: return "day >= first + n";
    case RetentionKind::rolling:
      return "day between first + n - " + std::to_string(window_days - 1) + " and first + n";
  }
  return "";
}

}  // namespace

std::string retention_query(std::span<const std::string> qualifying, RetentionKind kind,
                            int days_max, int window_days, Time now) {
  const std::string today = "date '" + format_date(now) + "'";
  return "with " + days_of(qualifying, now) +
         ", firsts as (select customer_id, min(day) as first from days group by 1)"
         ", ns as (select unnest(range(0, " +
         std::to_string(days_max + 1) +
         "))::integer as n)"
         " select n as day, count(distinct customer_id) as customers, count(distinct customer_id)"
         " filter (" +
         counts_on(kind, window_days) + " and day < " + today +
         ") as retained from ns join firsts on first + n < " + today +
         " join days using (customer_id) group by 1 order by 1";
}

std::string growth_query(std::span<const std::string> qualifying, Time now) {
  return "with " + days_of(qualifying, now) +
         ", months as (select distinct customer_id, date_trunc('month', day)::date as month "
         "from days), since as (select *, lag(month) over (partition by customer_id "
         "order by month) as before from months) select strftime(month, '%Y-%m') as month, "
         "count(*) as active, count(*) filter (before is null) as new, "
         "count(*) filter (before = month - interval 1 month) as retained, "
         "count(*) filter (before < month - interval 1 month) as resurrected "
         "from since group by 1 order by 1";
}

std::string daily_active_query(std::span<const ActiveEvent> events, Time now) {
  return "select count(distinct (customer_id, event_time::date)) / " +
         std::to_string(kRecentDays) +
         ".0 / count(distinct customer_id) as actual from events where " + recent(events, now);
}

std::string yearly_amount_query(std::span<const ActiveEvent> events, const std::string& currency,
                                Time now) {
  return "select sum(" + amount_in(events, currency) + ") / count(distinct customer_id) * 365 / " +
         std::to_string(kRecentDays) + " as actual from events where " + recent(events, now);
}

}  // namespace tideline
