// How toml++ is compiled here; packs and config include it right before <toml++/toml.h>.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// toml++ 3.3 asserts that a key begins like one, and right behind answers a mistake when it does
// not: "[?" in a file must be that mistake and not the end of the program. With NDEBUG its
// assertions would be assumptions of the compiler instead.
#define TOML_ASSERT(condition) static_cast<void>(0)
#undef NDEBUG
