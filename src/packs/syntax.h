// The expression language of packs as text and as a tree. What names mean is the compiler's
// business.
//
//   or < and < not < (< <= > >= == !=) < (+ -) < (* /) < unary minus < names, numbers, calls
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tideline {

// What is wrong with the text of a pack, and the line of it (from 1).
struct Mistake {
  int line = 0;
  std::string message;
};
template <class T>
using Parsed = tl::expected<T, Mistake>;

[[nodiscard]] inline tl::unexpected<Mistake> mistake(int line, std::string message) {
  return tl::unexpected<Mistake>(Mistake{line, std::move(message)});
}

struct Node {
  enum class Kind : std::uint8_t {
    number,
    duration,
    text,
    boolean,
    name,
    member,
    call,
    unary,
    binary
  };
  struct Option;

  Kind kind = Kind::number;
  std::string text;   // the name, text, operator, function, or the property of a member
  double number = 0;  // number; boolean as 0 or 1
  Duration duration{};
  std::vector<Node> args;  // operands, arguments; member: whose property it is
  std::vector<Option> options;
  int line = 0;  // of the pack's text
};
struct Node::Option {
  std::string name;
  Node value;
};

// Nesting deeper than this is refused.
inline constexpr int kMaxNesting = 64;

[[nodiscard]] Parsed<Node> parse_expression(std::string_view text, int line);

// The canonical text: one blank around operators, no needless parentheses.
[[nodiscard]] std::string render(const Node& node);

// Puts named parts in where their names stand, parts within parts too. `used` gets the names
// found.
[[nodiscard]] Parsed<Node> expand(const Node& node, const std::map<std::string, Node>& parts,
                                  std::vector<std::string>& used);

}  // namespace tideline
