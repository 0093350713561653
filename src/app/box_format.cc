#include "app/box_format.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <vector>

namespace tideline {
namespace {

constexpr std::size_t kCellWidthMax = 60;  // where the terminal is not asked
constexpr std::size_t kNarrowest = 6;      // to which a column of text is made smaller

struct Sign {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// The character that begins at `at`; a byte that begins none counts as itself.
Sign sign_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0xC0 || at + bytes > text.size()) return {lead, 1};
  char32_t code = lead & (0xFF >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i)
    code = (code << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  return {code, bytes};
}

// Columns of a terminal: two for East Asian wide characters and emoji, none for marks that join.
std::size_t width_of(char32_t code) {
  if (code < 0x300) return 1;
  if ((code >= 0x300 && code < 0x370) || (code >= 0x200B && code <= 0x200F) ||
      (code >= 0xFE00 && code <= 0xFE0F)) {
    return 0;
  }
  const bool wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2E80 && code < 0xA4D0) ||
                    (code >= 0xAC00 && code < 0xD7A4) || (code >= 0xF900 && code < 0xFB00) ||
                    (code >= 0xFE30 && code < 0xFE70) || (code >= 0xFF00 && code < 0xFF61) ||
                    (code >= 0x1F300 && code < 0x1F650) || (code >= 0x1F900 && code < 0x1FA00) ||
                    (code >= 0x20000 && code < 0x3FFFE);
  return wide ? 2 : 1;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Sign sign = sign_at(text, at);
    width += width_of(sign.code);
    at += sign.bytes;
  }
  return width;
}

// At most `width` wide, with "…" at the end of what was cut.
std::string cut(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  std::size_t used = 1, at = 0;
  while (at < text.size()) {
    const Sign sign = sign_at(text, at);
    used += width_of(sign.code);
    if (used > width) break;
    at += sign.bytes;
  }
  return text.substr(0, at) + "…";
}

// Control characters cannot move the cursor or end the line.
std::string visible(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      shown += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      constexpr char kHex[] = "0123456789abcdef";
      shown += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      shown += c;
    }
  }
  return shown;
}

std::string shown(const Cell& cell, ResultKind kind) {
  if (std::holds_alternative<std::monostate>(cell)) return "NULL";
  if (const auto* text = std::get_if<std::string>(&cell)) return visible(*text);
  std::string out;
  append_csv_cell(out, cell, kind);
  return out;
}

bool is_number(ResultKind kind) {
  return kind == ResultKind::number || kind == ResultKind::integer || kind == ResultKind::exact;
}

class BoxFormat final : public ResultSink {
 public:
  BoxFormat(TextOutput output, BoxOptions options)
      : output_(std::move(output)), options_(options) {}

  Status begin(std::span<const ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    std::vector<std::string> names, types;
    for (const ResultColumn& column : columns_) {
      names.push_back(visible(column.name));
      types.push_back(visible(column.type));
      std::transform(types.back().begin(), types.back().end(), types.back().begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    }
    lines_ = {std::move(names), std::move(types)};
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    if (++rows_ > options_.rows_max) return true;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < cells.size(); ++i)
      texts.push_back(shown(cells[i], columns_[i].kind));
    lines_.push_back(std::move(texts));
    return true;
  }
  Status end() override {
    choose_widths();
    std::string out;
    rule(out, "┌", "┬", "┐");
    for (std::size_t line = 0; line < lines_.size(); ++line) {
      append(out, lines_[line], line < 2);
      if (line == 1) rule(out, "├", "┼", "┤");
    }
    rule(out, "└", "┴", "┘");
    out += std::to_string(rows_) + (rows_ == 1 ? " row" : " rows");
    if (rows_ > options_.rows_max)
      out += ", the first " + std::to_string(options_.rows_max) + " shown";
    if (hidden_ > 0) {
      out += "; " + std::to_string(columns_.size()) + " columns, " +
             std::to_string(columns_.size() - hidden_) + " shown";
    }
    out += '\n';
    return output_(out);
  }

 private:
  [[nodiscard]] std::size_t whole_width() const {
    std::size_t width = 1;
    for (const std::size_t w : widths_) width += w > 0 ? w + 3 : 0;
    return width + (hidden_ > 0 ? 4 : 0);
  }
  // Long texts give way first, then columns of the middle.
  void choose_widths() {
    widths_.assign(columns_.size(), 1);
    for (const auto& texts : lines_) {
      for (std::size_t i = 0; i < texts.size(); ++i)
        widths_[i] = std::max(widths_[i], width_of(texts[i]));
    }
    if (options_.columns_max == 0) {
      for (std::size_t& width : widths_) width = std::min(width, kCellWidthMax);
      return;
    }
    while (whole_width() > options_.columns_max) {
      std::size_t widest = columns_.size();
      for (std::size_t i = 0; i < widths_.size(); ++i) {
        const bool smaller = widths_[i] > kNarrowest && !is_number(columns_[i].kind);
        if (smaller && (widest == columns_.size() || widths_[i] > widths_[widest])) widest = i;
      }
      if (widest == columns_.size()) break;
      --widths_[widest];
    }
    for (std::size_t step = 0; whole_width() > options_.columns_max && step + 2 < widths_.size();
         ++step) {
      const std::size_t middle = widths_.size() / 2;
      const std::size_t away = (step + 1) / 2;
      const std::size_t at = step % 2 == 0 ? middle + away : middle - away;
      if (at == 0 || at + 1 >= widths_.size() || widths_[at] == 0) continue;
      widths_[at] = 0;
      ++hidden_;
    }
  }
  void rule(std::string& out, const char* left, const char* between, const char* right) const {
    bool first = true, dots = false;
    out += left;
    for (const std::size_t width : widths_) {
      if (width == 0 && dots) continue;
      if (!first) out += between;
      for (std::size_t i = 0; i < (width == 0 ? 3 : width + 2); ++i) out += "─";
      dots = dots || width == 0;
      first = false;
    }
    out += std::string(right) + "\n";
  }
  void append(std::string& out, const std::vector<std::string>& texts, bool head) const {
    bool dots = false;
    out += "│";
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (widths_[i] == 0) {
        out += dots ? "" : " … │";
        dots = true;
        continue;
      }
      const std::string text = cut(texts[i], widths_[i]);
      const std::string pad(widths_[i] - width_of(text), ' ');
      out += " " + (is_number(columns_[i].kind) && !head ? pad + text : text + pad) + " │";
    }
    out += '\n';
  }

  TextOutput output_;
  BoxOptions options_;
  std::vector<ResultColumn> columns_;
  std::vector<std::vector<std::string>> lines_;  // names, types, rows
  std::vector<std::size_t> widths_;              // 0: left out
  std::uint64_t rows_ = 0;
  std::size_t hidden_ = 0;
};

class LineFormat final : public ResultSink {
 public:
  explicit LineFormat(TextOutput output) : output_(std::move(output)) {}
  Status begin(std::span<const ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    for (const ResultColumn& column : columns_)
      width_ = std::max(width_, width_of(visible(column.name)));
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    std::string out = first_ ? "" : "\n";
    first_ = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string name = visible(columns_[i].name);
      out += std::string(width_ - width_of(name), ' ') + name + " = " +
             shown(cells[i], columns_[i].kind) + "\n";
    }
    TRY(output_(out));
    return true;
  }
  Status end() override { return {}; }

 private:
  TextOutput output_;
  std::vector<ResultColumn> columns_;
  std::size_t width_ = 0;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<ResultSink> box_format(TextOutput output, BoxOptions options) {
  return std::make_unique<BoxFormat>(std::move(output), options);
}
std::unique_ptr<ResultSink> line_format(TextOutput output) {
  return std::make_unique<LineFormat>(std::move(output));
}

}  // namespace tideline
