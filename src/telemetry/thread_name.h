// What a thread is called where the system lists threads: `top -H`, `ps -L`, profilers.
#pragma once

namespace tideline {

// Of the calling thread, and of those it starts unless they take one of their own; at most 15
// bytes, what is longer is refused and changes nothing.
void name_thread(const char* name);

}  // namespace tideline
