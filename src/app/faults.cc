#include "app/faults.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/fault.h"

namespace tideline {

Status arm_faults(const FaultsSettings& settings) {
  if (settings.crash_point.empty() && settings.bug.empty()) return {};
#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS
  if (!settings.crash_point.empty()) {
    const auto colon = settings.crash_point.find(':');
    std::uint64_t nth = 1;
    if (colon != std::string::npos) {
      const char* begin = settings.crash_point.data() + colon + 1;
      const char* end = settings.crash_point.data() + settings.crash_point.size();
      if (std::from_chars(begin, end, nth).ptr != end || nth == 0) {
        return fail(ErrorCode::invalid, "faults.crash_point is NAME or NAME:COUNT", "usage");
      }
    }
    const std::string name = settings.crash_point.substr(0, colon);
    if (!fault::is_crash_point(name)) {
      std::string all;
      for (const std::string_view point : fault::kCrashPoints) {
        all += (all.empty() ? "" : ", ") + std::string(point);
      }
      return fail(ErrorCode::invalid, "no crash point \"" + name + "\"; there are: " + all,
                  "usage");
    }
    fault::arm(name, nth);
  }
  for (std::size_t begin = 0; begin < settings.bug.size();) {
    const std::size_t end = std::min(settings.bug.find(',', begin), settings.bug.size());
    fault::plant(settings.bug.substr(begin, end - begin));
    begin = end + 1;
  }
  return {};
#else
  return fail(ErrorCode::refused, "this build has no fault points", "usage");
#endif
}

}  // namespace tideline
