// Which threads go first where processors are short (docs/adr/0010).
#pragma once

namespace tideline {

// From now on the calling thread, and those that it starts, get little of a processor that others
// want too, and all of one that nobody wants. For work that can be done later: the log keeps what
// waits for it.
void give_way();

// From now on the calling thread, when something wakes it, takes a processor from a thread of
// longer turns at once instead of waiting until that one's turn is over; its share stays the same.
// For threads that somebody waits for. From Linux 6.12 on; where there is no such choice nothing
// changes. Not for threads that it starts.
void take_short_turns();

}  // namespace tideline
