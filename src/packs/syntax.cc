#include "packs/syntax.h"

#include "packs/spelling.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>

namespace tideline {
namespace {

struct Token {
  enum class Kind : std::uint8_t { end, number, duration, text, name, symbol };
  Kind kind = Kind::end;
  std::string text;  // of a symbol or name; the content of a text; a number as written
  double number = 0;
  Duration duration{};
  std::size_t column = 0;
};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

class Lexer {
 public:
  Lexer(std::string_view text, int line) : text_(text), line_(line) {}

  Parsed<std::vector<Token>> run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      Token token;
      token.column = at_ + 1;
      if (at_ < text_.size()) TRY(read(token));
      tokens.push_back(token);
      if (token.kind == Token::Kind::end) return tokens;
    }
  }

 private:
  tl::unexpected<Mistake> wrong(const std::string& what) const {
    return mistake(line_, what + " at column " + std::to_string(at_ + 1) + " of '" +
                              std::string(text_) + "'");
  }

  Parsed<void> read(Token& token) {
    const char c = text_[at_];
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      return read_number(token);
    }
    if (c == '"') return read_text(token);
    if (is_letter(c)) {
      token.kind = Token::Kind::name;
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) {
        token.text += text_[at_++];
      }
      return {};
    }
    return read_symbol(token);
  }

  Parsed<void> read_number(Token& token) {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) ||
                                  text_[end] == '.' || after_exponent(end))) {
      ++end;
    }
    token.text = std::string(text_.substr(at_, end - at_));
    if (const auto duration = parse_duration(token.text)) {
      token.kind = Token::Kind::duration;
      token.duration = *duration;
    } else {
      const char* last = token.text.data() + token.text.size();
      const auto [stop, code] = std::from_chars(token.text.data(), last, token.number);
      if (code != std::errc() || stop != last) {
        return wrong("\"" + token.text +
                     "\" is neither a number nor a duration such as 14d or 36h");
      }
      token.kind = Token::Kind::number;
    }
    at_ = end;
    return {};
  }

  bool after_exponent(std::size_t at) const {
    return (text_[at] == '-' || text_[at] == '+') && at > at_ &&
           (text_[at - 1] == 'e' || text_[at - 1] == 'E') && at + 1 < text_.size() &&
           is_digit(text_[at + 1]);
  }

  Parsed<void> read_text(Token& token) {
    const std::size_t close = text_.find('"', at_ + 1);
    if (close == std::string_view::npos) return wrong("a text without its closing \"");
    token.kind = Token::Kind::text;
    token.text = std::string(text_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    return {};
  }

  Parsed<void> read_symbol(Token& token) {
    for (const std::string_view symbol :
         {"<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ",", ".", "="}) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      token.kind = Token::Kind::symbol;
      token.text = symbol;
      at_ += symbol.size();
      return {};
    }
    return wrong("unexpected character '" + std::string(1, text_[at_]) + "'");
  }

  std::string_view text_;
  int line_;
  std::size_t at_ = 0;
};

int precedence_of(const std::string& symbol) {
  if (symbol == "or") return 1;
  if (symbol == "and") return 2;
  if (symbol == "<" || symbol == "<=" || symbol == ">" || symbol == ">=" || symbol == "==" ||
      symbol == "!=") {
    return 4;
  }
  if (symbol == "+" || symbol == "-") return 5;
  if (symbol == "*" || symbol == "/") return 6;
  return 0;
}
constexpr int kNot = 3;
constexpr int kMinus = 7;

class Parser {
 public:
  Parser(std::string_view text, int line, std::vector<Token> tokens)
      : text_(text), line_(line), tokens_(std::move(tokens)) {}

  Parsed<Node> run() {
    TRY_ASSIGN(Node node, binary(1));
    if (peek().kind != Token::Kind::end) return wrong("expected an operator or the end");
    return node;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::symbol && peek(ahead).text == symbol;
  }
  Node make(Node::Kind kind, std::string text) const {
    Node node;
    node.kind = kind;
    node.text = std::move(text);
    node.line = line_;
    return node;
  }
  tl::unexpected<Mistake> wrong(const std::string& what) const {
    const Token& token = peek();
    const std::string found = token.kind == Token::Kind::end ? "the end" : "'" + token.text + "'";
    return mistake(line_, what + ", found " + found + " at column " +
                              std::to_string(token.column) + " of '" + std::string(text_) + "'");
  }

  // Operators of at least this precedence, left to right; comparisons do not chain.
  Parsed<Node> binary(int least) {
    if (++depth_ > kMaxNesting) return wrong("nested too deeply");
    TRY_ASSIGN(Node left, unary());
    while (true) {
      const Token& token = peek();
      const bool is_operator =
          token.kind == Token::Kind::symbol || token.kind == Token::Kind::name;
      const int precedence = is_operator ? precedence_of(token.text) : 0;
      if (precedence < least || precedence == 0) break;
      Node node = make(Node::Kind::binary, token.text);
      ++at_;
      TRY_ASSIGN(Node right, binary(precedence + 1));
      node.args.push_back(std::move(left));
      node.args.push_back(std::move(right));
      left = std::move(node);
      if (precedence == 4 && peek().kind == Token::Kind::symbol &&
          precedence_of(peek().text) == 4) {
        return wrong("comparisons do not chain; join them by `and`");
      }
    }
    --depth_;
    return left;
  }

  Parsed<Node> unary() {
    const bool is_not = peek().kind == Token::Kind::name && peek().text == "not";
    if (!is_not && !is_symbol("-")) return primary();
    Node node = make(Node::Kind::unary, is_not ? "not" : "-");
    ++at_;
    TRY_ASSIGN(Node operand, binary(is_not ? kNot + 1 : kMinus));
    node.args.push_back(std::move(operand));
    return node;
  }

  Parsed<Node> primary() {
    const Token token = peek();
    if (is_symbol("(")) {
      ++at_;
      TRY_ASSIGN(Node node, binary(1));
      if (!is_symbol(")")) return wrong("expected ')'");
      ++at_;
      return node;
    }
    ++at_;
    switch (token.kind) {
      case Token::Kind::number: {
        Node node = make(Node::Kind::number, token.text);
        node.number = token.number;
        return node;
      }
      case Token::Kind::duration: {
        Node node = make(Node::Kind::duration, token.text);
        node.duration = token.duration;
        return node;
      }
      case Token::Kind::text: return member(make(Node::Kind::text, token.text));
      case Token::Kind::name: return named(token);
      default: break;
    }
    --at_;
    return wrong("expected a number, a name, a text, a call or '('");
  }

  Parsed<Node> named(const Token& token) {
    if (token.text == "true" || token.text == "false") {
      Node node = make(Node::Kind::boolean, token.text);
      node.number = token.text == "true" ? 1 : 0;
      return node;
    }
    if (token.text == "and" || token.text == "or") {
      --at_;
      return wrong("expected a value before '" + token.text + "'");
    }
    if (!is_symbol("(")) return member(make(Node::Kind::name, token.text));
    ++at_;
    return call(make(Node::Kind::call, token.text));
  }

  Parsed<Node> member(Node owner) {
    if (!is_symbol(".")) return owner;
    ++at_;
    if (peek().kind != Token::Kind::name && peek().kind != Token::Kind::text) {
      return wrong("expected the name of a property after '.'");
    }
    Node node = make(Node::Kind::member, peek().text);
    ++at_;
    node.args.push_back(std::move(owner));
    return node;
  }

  // After "name(".
  Parsed<Node> call(Node node) {
    if (is_symbol(")")) return ++at_, node;
    while (true) {
      if (peek().kind == Token::Kind::name && is_symbol("=", 1)) {
        const std::string option = peek().text;
        at_ += 2;
        TRY_ASSIGN(Node value, binary(1));
        for (const Node::Option& other : node.options) {
          if (other.name == option) return wrong("option '" + option + "' is given twice");
        }
        node.options.push_back(Node::Option{option, std::move(value)});
      } else {
        if (!node.options.empty()) return wrong("expected 'option = value' after an option");
        TRY_ASSIGN(Node value, binary(1));
        node.args.push_back(std::move(value));
      }
      if (is_symbol(")")) return ++at_, node;
      if (!is_symbol(",")) return wrong("expected ',' or ')'");
      ++at_;
    }
  }

  std::string_view text_;
  int line_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

bool is_identifier(const std::string& text) {
  return !text.empty() && is_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::string number_text(double number) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  return std::string(buffer, result.ptr);
}

std::string render_within(const Node& node, int least);

std::string render_call(const Node& node) {
  std::string text = node.text + "(";
  std::string separator;
  for (const Node& arg : node.args) text += separator + render_within(arg, 1), separator = ", ";
  for (const Node::Option& option : node.options) {
    text += separator + option.name + " = " + render_within(option.value, 1);
    separator = ", ";
  }
  return text + ")";
}

// In parentheses where the node binds less tightly than `least`.
std::string render_within(const Node& node, int least) {
  switch (node.kind) {
    case Node::Kind::number: return number_text(node.number);
    case Node::Kind::duration: return format_duration(node.duration);
    case Node::Kind::text: return in_quotes(node.text);
    case Node::Kind::boolean:
    case Node::Kind::name: return node.text;
    case Node::Kind::member:
      return render_within(node.args[0], kMinus + 1) + "." +
             (is_identifier(node.text) ? node.text : in_quotes(node.text));
    case Node::Kind::call: return render_call(node);
    case Node::Kind::unary: {
      const bool is_not = node.text == "not";
      const int own = is_not ? kNot : kMinus;
      const std::string text = (is_not ? "not " : "-") + render_within(node.args[0], own + 1);
      return own < least ? "(" + text + ")" : text;
    }
    case Node::Kind::binary: break;
  }
  const int own = precedence_of(node.text);
  const std::string text = render_within(node.args[0], own == 4 ? own + 1 : own) + " " +
                           node.text + " " + render_within(node.args[1], own + 1);
  return own < least ? "(" + text + ")" : text;
}

class Expander {
 public:
  Expander(const std::map<std::string, Node>& parts, std::vector<std::string>& used)
      : parts_(parts), used_(used) {}

  Parsed<Node> run(const Node& node) {
    if (node.kind == Node::Kind::name) {
      const auto part = parts_.find(node.text);
      if (part == parts_.end()) return node;
      if (std::find(open_.begin(), open_.end(), node.text) != open_.end()) {
        return mistake(node.line, "part '" + node.text + "' is defined by itself");
      }
      used_.push_back(node.text);
      open_.push_back(node.text);
      TRY_ASSIGN(Node result, run(part->second));
      open_.pop_back();
      return result;
    }
    // A set may bear the name of a part: what a member belongs to is never a part.
    if (node.kind == Node::Kind::member) return node;
    if (++nodes_ > kMaxNodes)
      return mistake(node.line, "the expression is too long once its parts are put in");
    Node result = node;
    for (Node& arg : result.args) {
      TRY_ASSIGN(arg, run(arg));
    }
    for (Node::Option& option : result.options) {
      TRY_ASSIGN(option.value, run(option.value));
    }
    return result;
  }

 private:
  static constexpr int kMaxNodes = 10'000;
  const std::map<std::string, Node>& parts_;
  std::vector<std::string>& used_;
  std::vector<std::string> open_;
  int nodes_ = 0;
};

}  // namespace

Parsed<Node> parse_expression(std::string_view text, int line) {
  TRY_ASSIGN(std::vector<Token> tokens, Lexer(text, line).run());
  return Parser(text, line, std::move(tokens)).run();
}

std::string render(const Node& node) { return render_within(node, 1); }

Parsed<Node> expand(const Node& node, const std::map<std::string, Node>& parts,
                    std::vector<std::string>& used) {
  return Expander(parts, used).run(node);
}

}  // namespace tideline
