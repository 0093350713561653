// What a simulated day on the platform looks like as events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/event.h"
#include "simulator/platform_world.h"
#include "simulator/property_writer.h"

namespace tideline {

// Writes one customer's events; what it draws (hours, properties) changes nothing in the life.
class PlatformWriter {
 public:
  PlatformWriter(const PlatformWorld& world, std::uint32_t index, const PlatformBeginning& who);

  // identify with the traits, on the first seen day.
  void introduce(std::int64_t day, std::vector<Event>& out);
  // Appends the day's events, in no order; all lie on the day.
  void write(std::int64_t day, const PlatformNature& nature, const PlatformDay& lived,
             std::vector<Event>& out);
  [[nodiscard]] std::uint64_t events() const { return sent_; }
  [[nodiscard]] double paid() const { return paid_; }  // USD
  [[nodiscard]] const CustomerId& customer() const { return customer_; }

 private:
  void write_visit(std::int64_t day, const PlatformNature& nature, const PlatformDay& lived,
                   std::vector<Event>& out);
  void write_money(std::int64_t day, const PlatformNature& nature, const PlatformDay& lived,
                   std::vector<Event>& out);
  void pay(Time at, double amount, std::vector<Event>& out);
  void emit(Time at, EventType type, std::string_view name, std::vector<Event>& out,
            PropertyWriter properties = {});
  // A moment of [from, until).
  [[nodiscard]] Time moment(Time from, Time until);

  const PlatformWorld* world_;
  CustomerId customer_;
  std::string prefix_;
  std::string gender_, age_band_, region_;
  std::int64_t joined_day_;
  Rng rng_;
  Time began_{};  // of the day's session
  Time ended_{};
  std::uint64_t sent_ = 0;
  double paid_ = 0;
};

}  // namespace tideline
