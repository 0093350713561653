#include "pipeline/priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace tideline {
namespace {

// About a thirtieth of a processor that another thread keeps busy: the scheduler of Linux gives
// each step of niceness a fifth less.
constexpr int kNiceness = 15;

}  // namespace

void give_way() {
  // Of this thread alone, as Linux has it. A refusal changes how fast things go, nothing else.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
}

}  // namespace tideline
