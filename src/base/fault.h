// Crash points and planted bugs: named places where a test build can be made to die or to
// misbehave, so that the crash and checker tests can show that they notice. Compiled only with
// TIDELINE_FAULTS=1; otherwise every call below is nothing.
//
// The registry is the process's own: only `app` (from a hidden setting) and tests fill it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace tideline::fault {

// Every place where a test can end the process, along the way of an event. A name that is not
// here does not compile; that each is reached, `make faults` proves.
inline constexpr std::string_view kCrashPoints[] = {
    "log.before_segment",      "log.after_segment",
    "log.before_write",        "log.after_write",
    "log.before_sync",         "log.after_sync",
    "log.before_ack",          "log.after_ack",
    "log.before_trim",         "log.after_trim",
    "processor.before_batch",  "processor.before_commit",
    "processor.after_commit",  "dead_letter.before_commit",
    "dead_letter.before_drop", "dead_letter.after_drop",
    "archive.after_promise",   "archive.before_rename",
    "archive.after_rename",    "archive.after_write",
    "archive.after_commit",    "archive.before_swap",
    "archive.after_swap",      "score.before_write",
    "score.after_write",       "score.before_outbox",
    "score.after_outbox",      "model.before_rename",
    "model.after_save",        "model.before_swap",
    "model.after_swap",        "retention.before_log",
    "retention.before_dedupe", "retention.after_dedupe",
    "replay.after_rebuild",    "replay.before_swap",
    "replay.in_swap",          "replay.after_swap",
};
// Only inside the planted bug offset_committed_apart.
inline constexpr std::string_view kCrashPointOfBug = "processor.between_commits";

[[nodiscard]] constexpr bool is_crash_point(std::string_view name) {
  return name == kCrashPointOfBug || std::find(std::begin(kCrashPoints), std::end(kCrashPoints),
                                               name) != std::end(kCrashPoints);
}

// The name of a crash point, checked while compiling.
class CrashPoint {
 public:
  consteval CrashPoint(const char* name) : name_(name) {  // NOLINT: implicit, as a plain text is
    if (!is_crash_point(name_)) throw "no such crash point";
  }
  [[nodiscard]] constexpr std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS

// The `nth` pass (1: the next one) through the crash point kills the process with SIGKILL.
void arm(std::string_view point, std::uint64_t nth);
// Switches a planted bug on.
void plant(std::string_view bug);
// Forgets everything armed and planted.
void clear();

// Thread-safe; one relaxed load while nothing is armed or planted.
void crash_point(CrashPoint point);
[[nodiscard]] bool planted(std::string_view bug);

#else

inline void crash_point(CrashPoint) {}
[[nodiscard]] constexpr bool planted(std::string_view) { return false; }

#endif

}  // namespace tideline::fault
