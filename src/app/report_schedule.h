// The schedule of the reports, as the settings have it and as far as it is worked off.
#pragma once

#include <optional>
#include <string>

#include "config/settings.h"
#include "ports/state_store.h"
#include "reports/schedule.h"

namespace tideline {

// Of report.time_zone. invalid where this machine has no such zone.
[[nodiscard]] Result<TimeZone> zone_of(const ReportSettings& settings);

// nullopt: reports are drawn only when asked for.
[[nodiscard]] Result<std::optional<reports::Schedule>> schedule_of(const ReportSettings& settings);

// Kept in Family::settings; nothing done or tried where there is none yet.
[[nodiscard]] Result<reports::ScheduleRecord> load_schedule_record(StateStore& store);
void put_schedule_record(const reports::ScheduleRecord& record, WriteBatch& writes);

// The addresses of report.mail_to.
[[nodiscard]] std::vector<std::string> mail_addresses_of(const ReportSettings& settings);

}  // namespace tideline
