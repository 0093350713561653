// CHECK(condition): a programmer's error ends the process, in release builds too. Never reachable
// from user input; that is what Result is for.
#pragma once

namespace tideline {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition)                  \
  (static_cast<bool>(condition) ? void(0) \
                                : ::tideline::check_failed(#condition, __FILE__, __LINE__))
