// Scripts that test a pack: load events, advance the clock, expect figures. `tideline test` runs
// them for users, our own tests for the packs that come with the program. The language is told in
// docs/pack-tests.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "packs/pack.h"

namespace tideline {

struct ScriptFailure {
  int line = 0;
  std::string message;  // "expected sessions_7d 3, got 2"
};

struct ScriptReport {
  std::size_t expectations = 0;
  std::vector<ScriptFailure> failures;
};

// `invalid` with "FILE:LINE: what is wrong; what is allowed" for a script that cannot be read. An
// expectation that is not met is a failure in the report; the script goes on behind it.
[[nodiscard]] Result<ScriptReport> run_script(const Pack& pack, std::string_view text,
                                              const std::string& file);

// The pack that a script names in its line `pack NAME`; nullopt when it names none.
[[nodiscard]] std::optional<std::string> pack_of_script(std::string_view text);

}  // namespace tideline
