#include "base/fault.h"

#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include <unistd.h>

#include "base/check.h"

namespace tideline::fault {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::uint64_t, std::less<>> armed;  // passes left until the kill
  std::set<std::string, std::less<>> planted;
  std::atomic<bool> any_armed{false};
  std::atomic<bool> any_planted{false};
};

Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace

void arm(std::string_view point, std::uint64_t nth) {
  CHECK(is_crash_point(point));
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  r.armed[std::string(point)] = nth;
  r.any_armed = true;
}

void plant(std::string_view bug) {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  r.planted.emplace(bug);
  r.any_planted = true;
}

void clear() {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  r.armed.clear();
  r.planted.clear();
  r.any_armed = false;
  r.any_planted = false;
}

void crash_point(CrashPoint point) {
  Registry& r = registry();
  if (!r.any_armed.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(r.mutex);
  const auto found = r.armed.find(point.name());
  if (found == r.armed.end() || found->second == 0) return;
  if (--found->second > 0) return;
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();  // the signal takes the process before anything else can happen here
}

bool planted(std::string_view bug) {
  Registry& r = registry();
  if (!r.any_planted.load(std::memory_order_relaxed)) return false;
  const std::lock_guard lock(r.mutex);
  return r.planted.contains(bug);
}

}  // namespace tideline::fault

#endif
