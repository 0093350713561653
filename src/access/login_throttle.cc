#include "access/login_throttle.h"

#include <algorithm>

namespace tideline {
namespace {

constexpr int kFreeOfName = 5;      // failures before the first wait
constexpr int kFreeOfAddress = 20;  // many people may sit behind one
constexpr Duration kWaitMax = std::chrono::minutes(5);
constexpr Duration kForgetAfter = std::chrono::minutes(30);
constexpr int kDoublingsMax = 9;  // 512 s, which is beyond kWaitMax
constexpr std::size_t kEntriesMax = 10'000;

}  // namespace

// 1 s after the first failure too many, twice as long after each more.
Duration LoginThrottle::wait_of(const Table& table, const std::string& key, int free, Time now) {
  const auto known = table.find(key);
  if (known == table.end() || known->second.count < free) return Duration(0);
  if (now - known->second.last > kForgetAfter) return Duration(0);
  const int doublings = std::min(known->second.count - free, kDoublingsMax);
  const Duration wait = std::min<Duration>(kSecond * (1 << doublings), kWaitMax);
  return std::max(Duration(0), known->second.last + wait - now);
}

void LoginThrottle::note(Table& table, const std::string& key, Time now) {
  if (table.size() >= kEntriesMax && !table.contains(key)) {
    std::erase_if(table,
                  [&](const auto& entry) { return now - entry.second.last > kForgetAfter; });
    if (table.size() >= kEntriesMax) {
      const auto oldest = std::min_element(table.begin(), table.end(), [](auto& a, auto& b) {
        return a.second.last < b.second.last;
      });
      table.erase(oldest);
    }
  }
  Failures& failures = table[key];
  if (now - failures.last > kForgetAfter) failures.count = 0;
  ++failures.count;
  failures.last = now;
}

Duration LoginThrottle::begin(const std::string& name, const std::string& address, Time now) {
  const std::lock_guard lock(mutex_);
  Duration wait = wait_of(by_name_, name, kFreeOfName, now);
  if (!address.empty()) wait = std::max(wait, wait_of(by_address_, address, kFreeOfAddress, now));
  if (wait > Duration(0)) return wait;
  note(by_name_, name, now);
  if (!address.empty()) note(by_address_, address, now);
  return Duration(0);
}

void LoginThrottle::succeeded(const std::string& name, const std::string& address) {
  const std::lock_guard lock(mutex_);
  by_name_.erase(name);
  // Others at the address may be guessing: only this attempt is forgiven.
  if (const auto known = by_address_.find(address); known != by_address_.end()) {
    if (--known->second.count <= 0) by_address_.erase(known);
  }
}

}  // namespace tideline
