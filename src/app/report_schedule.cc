#include "app/report_schedule.h"

#include <sstream>

#include "base/check.h"

namespace tideline {
namespace {

constexpr std::string_view kRecordKey = "report.schedule";

}  // namespace

Result<TimeZone> zone_of(const ReportSettings& settings) {
  auto zone = TimeZone::find(settings.time_zone);
  if (!zone) return fail(zone.error().in("report.time_zone"));
  return zone;
}

Result<std::optional<reports::Schedule>> schedule_of(const ReportSettings& settings) {
  TRY_ASSIGN(auto zone, zone_of(settings));
  if (settings.every_days == 0) return std::optional<reports::Schedule>();
  const auto weekday = reports::weekday_of(settings.weekday);
  const auto at = reports::time_of_day(settings.at);
  CHECK(weekday && at);  // the settings were checked when they were read
  return std::optional(reports::Schedule{settings.every_days, *weekday, *at, std::move(zone)});
}

Result<reports::ScheduleRecord> load_schedule_record(StateStore& store) {
  TRY_ASSIGN(const auto bytes, store.get(Family::settings, kRecordKey));
  if (!bytes) return reports::ScheduleRecord();
  return reports::decode_schedule_record(*bytes);
}

void put_schedule_record(const reports::ScheduleRecord& record, WriteBatch& writes) {
  writes.put(Family::settings, std::string(kRecordKey), reports::encode(record));
}

std::vector<std::string> mail_addresses_of(const ReportSettings& settings) {
  std::istringstream words(settings.mail_to);
  std::vector<std::string> addresses;
  for (std::string word; words >> word;) addresses.push_back(word);
  return addresses;
}

}  // namespace tideline
