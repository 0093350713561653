#include "telemetry/thread_name.h"

#include <pthread.h>

namespace tideline {

void name_thread(const char* name) { (void)::pthread_setname_np(::pthread_self(), name); }

}  // namespace tideline
