// Texts and names as SQL writes them.
#pragma once

#include <string>
#include <string_view>

namespace tideline {

// 'a text'; quotes in it are doubled, and a NUL, at which a statement would end, is chr(0).
[[nodiscard]] std::string sql_text(std::string_view text);
// "a name"
[[nodiscard]] std::string sql_name(std::string_view name);

}  // namespace tideline
