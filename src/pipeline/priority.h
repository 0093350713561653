// Threads that give way to others.
#pragma once

namespace tideline {

// From now on the calling thread, and those that it starts, get little of a processor that others
// want too, and all of one that nobody wants. For work that can be done later: the log keeps what
// waits for it.
void give_way();

}  // namespace tideline
