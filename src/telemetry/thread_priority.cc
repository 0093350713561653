#include "telemetry/thread_priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace tideline {
namespace {

// About a tenth of a processor that another thread keeps busy: the scheduler of Linux gives
// each step of niceness a fifth less.
constexpr int kNiceness = 10;

// The shortest that Linux takes; its own default is 0.7 ms and more (sched(7), sched_setattr(2)).
constexpr std::uint64_t kTurnNs = 100'000;

// struct sched_attr of sched_setattr(2), for which this glibc has no header.
struct Attributes {
  std::uint32_t size = sizeof(Attributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 1;  // SCHED_FLAG_RESET_ON_FORK: not for its children
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // SCHED_OTHER: the length of a turn, ns
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

void give_way() {
  // Of this thread alone, as Linux has it. A refusal changes how fast things go, nothing else.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
}

void take_short_turns() {
  Attributes wanted;
  wanted.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  wanted.runtime = kTurnNs;
  (void)::syscall(SYS_sched_setattr, ::gettid(), &wanted, 0);
}

}  // namespace tideline
