// Crash points and planted bugs: named places where a test build can be made to die or to
// misbehave, so that the crash and checker tests can show that they notice. Compiled only with
// TIDELINE_FAULTS=1; otherwise every call below is nothing.
//
// The registry is the process's own: only `app` (from a hidden setting) and tests fill it.
#pragma once

#include <cstdint>
#include <string_view>

namespace tideline::fault {

#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS

// The `nth` pass (1: the next one) through the crash point kills the process with SIGKILL.
void arm(std::string_view crash_point, std::uint64_t nth);
// Switches a planted bug on.
void plant(std::string_view bug);
// Forgets everything armed and planted.
void clear();

// Thread-safe; one relaxed load while nothing is armed or planted.
void crash_point(std::string_view name);
[[nodiscard]] bool planted(std::string_view bug);

#else

inline void crash_point(std::string_view) {}
[[nodiscard]] constexpr bool planted(std::string_view) { return false; }

#endif

}  // namespace tideline::fault
