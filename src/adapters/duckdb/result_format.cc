#include "adapters/duckdb/result_format.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

namespace tideline {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;

// Collects text and hands it on in large pieces.
class TextBuffer {
 public:
  explicit TextBuffer(TextOutput output) : output_(std::move(output)) {}
  [[nodiscard]] std::string& text() { return text_; }
  Status flush_when_large() { return text_.size() < kFlushBytes ? Status{} : flush(); }
  Status flush() {
    if (text_.empty()) return {};
    Status done = output_(text_);
    text_.clear();
    return done;
  }

 private:
  TextOutput output_;
  std::string text_;
};

void append_integer(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_csv_text(std::string& out, std::string_view text) {
  if (!text.empty() && text.find_first_of("\",\r\n") == text.npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

class CsvFormat final : public ResultSink {
 public:
  explicit CsvFormat(TextOutput output) : buffer_(std::move(output)) {}
  Status begin(std::span<const ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) buffer_.text() += ',';
      append_csv_text(buffer_.text(), columns_[i].name);
    }
    buffer_.text() += '\n';
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    std::string& out = buffer_.text();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += ',';
      append_csv_cell(out, cells[i], columns_[i].kind);
    }
    out += '\n';
    TRY(buffer_.flush_when_large());
    return true;
  }
  Status end() override { return buffer_.flush(); }

 private:
  TextBuffer buffer_;
  std::vector<ResultColumn> columns_;
};

class JsonFormat final : public ResultSink {
 public:
  explicit JsonFormat(TextOutput output) : buffer_(std::move(output)) {}
  Status begin(std::span<const ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    std::set<std::string> taken;
    for (const ResultColumn& column : columns_) {
      std::string name = column.name;
      for (int n = 2; !taken.insert(name).second; ++n) {
        name = column.name + "_" + std::to_string(n);
      }
      append_json_text(keys_.emplace_back(), name);
    }
    buffer_.text() += '[';
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    std::string& out = buffer_.text();
    out += first_ ? "\n{" : ",\n{";
    first_ = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += ',';
      out += keys_[i];
      out += ':';
      append_json_cell(out, cells[i], columns_[i].kind);
    }
    out += '}';
    TRY(buffer_.flush_when_large());
    return true;
  }
  Status end() override {
    buffer_.text() += first_ ? "]\n" : "\n]\n";
    return buffer_.flush();
  }

 private:
  TextBuffer buffer_;
  std::vector<ResultColumn> columns_;
  std::vector<std::string> keys_;
  bool first_ = true;
};

// Text that cannot move a terminal's cursor.
std::string visible(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 =
        c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c == '\n') {
      shown += "\\n";
    } else if (c < 0x20 || c == 0x7F) {
      constexpr char kHex[] = "0123456789abcdef";
      shown += {'\\', 'x', kHex[c >> 4], kHex[c & 15]};
    } else if (c1) {
      shown += "\\u00";
      constexpr char kHex[] = "0123456789abcdef";
      const auto next = static_cast<unsigned char>(text[++i]);
      shown += {kHex[next >> 4], kHex[next & 15]};
    } else {
      shown += text[i];
    }
  }
  return shown;
}

// Code points; near enough to columns of a terminal.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

class AlignedFormat final : public ResultSink {
 public:
  AlignedFormat(TextOutput output, std::size_t rows_max)
      : output_(std::move(output)), rows_max_(rows_max) {}
  Status begin(std::span<const ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    std::vector<std::string> names;
    for (const ResultColumn& column : columns_) names.push_back(visible(column.name));
    widths_.assign(columns_.size(), 0);
    keep(std::move(names));
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    if (++rows_ > rows_max_) return true;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::string text;
      if (const auto* own = std::get_if<std::string>(&cells[i])) {
        text = visible(*own);
      } else if (std::holds_alternative<std::monostate>(cells[i])) {
        text = "NULL";
      } else {
        append_csv_cell(text, cells[i], columns_[i].kind);
      }
      texts.push_back(std::move(text));
    }
    keep(std::move(texts));
    return true;
  }
  Status end() override {
    std::string out;
    for (std::size_t line = 0; line < lines_.size(); ++line) {
      append_line(out, lines_[line]);
      if (line == 0) append_rule(out);
    }
    out += std::to_string(rows_) + (rows_ == 1 ? " row" : " rows");
    if (rows_ > rows_max_) out += ", the first " + std::to_string(rows_max_) + " shown";
    out += '\n';
    return output_(out);
  }

 private:
  void keep(std::vector<std::string> texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      widths_[i] = std::max(widths_[i], width_of(texts[i]));
    }
    lines_.push_back(std::move(texts));
  }
  void append_line(std::string& out, const std::vector<std::string>& texts) const {
    const std::size_t start = out.size();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i > 0) out += "  ";
      const ResultKind kind = columns_[i].kind;
      const bool right =
          kind == ResultKind::number || kind == ResultKind::integer || kind == ResultKind::exact;
      const std::string pad(widths_[i] - width_of(texts[i]), ' ');
      out += right ? pad + texts[i] : texts[i] + pad;
    }
    out.erase(std::max(start, out.find_last_not_of(' ') + 1));
    out += '\n';
  }
  void append_rule(std::string& out) const {
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      out += std::string(i > 0 ? 2 : 0, ' ') + std::string(widths_[i], '-');
    }
    out += '\n';
  }

  TextOutput output_;
  std::size_t rows_max_;
  std::uint64_t rows_ = 0;
  std::vector<ResultColumn> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> lines_;  // the names first
};

}  // namespace

void append_number(std::string& out, double x) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
}

void append_csv_cell(std::string& out, const Cell& cell, ResultKind kind) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    if (kind == ResultKind::exact) {
      out += *text;
    } else {
      append_csv_text(out, *text);
    }
  } else if (const auto* number = std::get_if<double>(&cell)) {
    append_number(out, *number);
  } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
    append_integer(out, *integer);
  } else if (const auto* time = std::get_if<Time>(&cell)) {
    out += format_time(*time);
  } else if (const auto* boolean = std::get_if<bool>(&cell)) {
    out += *boolean ? "true" : "false";
  }
}

void append_json_text(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (byte < 0x20) {
          out += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_json_cell(std::string& out, const Cell& cell, ResultKind kind) {
  if (std::holds_alternative<std::monostate>(cell)) {
    out += "null";
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    if (kind == ResultKind::exact) {
      out += *text;
    } else {
      append_json_text(out, *text);
    }
  } else if (const auto* time = std::get_if<Time>(&cell)) {
    out += '"' + format_time(*time) + '"';
  } else {
    append_csv_cell(out, cell, kind);  // numbers and booleans look the same
  }
}

std::unique_ptr<ResultSink> csv_format(TextOutput output) {
  return std::make_unique<CsvFormat>(std::move(output));
}
std::unique_ptr<ResultSink> json_format(TextOutput output) {
  return std::make_unique<JsonFormat>(std::move(output));
}
std::unique_ptr<ResultSink> table_format(TextOutput output, std::size_t rows_max) {
  return std::make_unique<AlignedFormat>(std::move(output), rows_max);
}

}  // namespace tideline
