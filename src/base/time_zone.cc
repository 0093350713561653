#include "base/time_zone.h"

#include <date/tz.h>
#include <exception>

namespace tideline {

using std::chrono::seconds;

Result<TimeZone> TimeZone::find(const std::string& name) {
  TimeZone found;
  if (name == found.name_) return found;
  try {
    found.zone_ = date::locate_zone(name);
  } catch (const std::exception& error) {
    return fail(ErrorCode::invalid,
                "there is no zone " + name + " on this machine (" + error.what() +
                    "); look at its name, or install tzdata",
                "bad_time_zone");
  }
  found.name_ = name;
  return found;
}

seconds TimeZone::offset_at(Time time) const {
  if (zone_ == nullptr) return seconds(0);
  return zone_->get_info(time).offset;
}

LocalTime TimeZone::local(Time time) const {
  return LocalTime((time + offset_at(time)).time_since_epoch());
}

Time TimeZone::instant_of(LocalTime local) const {
  const Time shown(local.time_since_epoch());
  if (zone_ == nullptr) return shown;
  // The offset before a clock is set gives the first of two times, and later ones for none.
  const date::local_time<std::chrono::milliseconds> clock(local.time_since_epoch());
  return shown - zone_->get_info(clock).first.offset;
}

}  // namespace tideline
