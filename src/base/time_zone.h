// TimeZone: what clocks on the wall show in one place, by the machine's zone files.
//
// Everything is computed in UTC; zones are for what people read and for schedules they write.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace date {
class time_zone;
}

namespace tideline {

// What a clock on the wall shows; means nothing without a zone.
using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

class TimeZone {
 public:
  [[nodiscard]] static TimeZone utc() { return {}; }
  // `name`: "Europe/Berlin". invalid: this machine has no such zone. Its files are read once; UTC
  // needs none.
  [[nodiscard]] static Result<TimeZone> find(const std::string& name);

  [[nodiscard]] const std::string& name() const { return name_; }
  // What is added to UTC; east of Greenwich above 0.
  [[nodiscard]] std::chrono::seconds offset_at(Time time) const;
  [[nodiscard]] LocalTime local(Time time) const;
  // When a clock there shows `local`, as RFC 5545 (3.3.5) has it: the first of two times where it
  // is set back; where it is set forward over `local`, as if it had not been yet.
  [[nodiscard]] Time instant_of(LocalTime local) const;

 private:
  TimeZone() = default;

  std::string name_ = "UTC";
  const date::time_zone* zone_ = nullptr;  // the library's, for ever; nullptr: UTC
};

}  // namespace tideline
