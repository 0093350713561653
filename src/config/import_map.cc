#include "config/import_map.h"

#include "base/toml_switches.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

namespace tideline {
namespace {

using Names = std::initializer_list<std::string_view>;

std::string joined(Names names) {
  std::string all;
  for (const std::string_view name : names) {
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  return all;
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_name(std::string_view name) {
  const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), word);
}

std::optional<TableFormat> format_named(std::string_view name) {
  if (name == "csv") return TableFormat::csv;
  if (name == "lines") return TableFormat::lines;
  if (name == "ndjson") return TableFormat::ndjson;
  if (name == "parquet") return TableFormat::parquet;
  return std::nullopt;
}

TableFormat format_of_file(std::string name) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) {
      name.resize(name.size() - packed.size());
      break;
    }
  }
  if (name.ends_with(".parquet")) return TableFormat::parquet;
  const bool json =
      name.ends_with(".ndjson") || name.ends_with(".jsonl") || name.ends_with(".json");
  return json ? TableFormat::ndjson : TableFormat::csv;
}

// Reads one TOML table; its messages name the file, the line and the key.
class Reader {
 public:
  Reader(const std::string& file, const toml::table& table, std::string where)
      : file_(file), table_(table), where_(std::move(where)) {}

  [[nodiscard]] tl::unexpected<Error> mistake(const toml::node& at,
                                              const std::string& what) const {
    return fail(ErrorCode::invalid,
                file_ + ":" + std::to_string(at.source().begin.line) + ": " + what);
  }
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view key,
                                            const std::string& wanted) const {
    const toml::node* node = table_.get(key);
    return mistake(node != nullptr ? *node : table_, named(key) + " must be " + wanted);
  }
  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
  [[nodiscard]] std::string named(std::string_view key) const { return where_ + std::string(key); }

  Status allow(Names keys) const {
    for (const auto& [key, node] : table_) {
      if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
        return mistake(node, "unknown key " + named(key.str()) + "; allowed are " + joined(keys));
      }
    }
    return {};
  }
  // The text under a key; an absent key leaves `value`.
  Status text(std::string_view key, std::string& value) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    if (!node->is_string()) return wrong(key, "a text");
    value = node->as_string()->get();
    return {};
  }
  Status required_text(std::string_view key, std::string& value) const {
    if (!has(key)) return mistake(table_, "no key " + named(key));
    TRY(text(key, value));
    if (value.empty()) return wrong(key, "a text that is not empty");
    return {};
  }
  Status boolean(std::string_view key, bool& value) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    if (!node->is_boolean()) return wrong(key, "true or false");
    value = node->as_boolean()->get();
    return {};
  }
  // A text, or several.
  Status texts(std::string_view key, bool one_is_enough, std::vector<std::string>& values) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    if (node->is_string() && one_is_enough) {
      values = {node->as_string()->get()};
      return {};
    }
    const std::string wanted = one_is_enough ? "a text or an array of texts" : "an array of texts";
    if (!node->is_array() || node->as_array()->empty()) return wrong(key, wanted);
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_string()) return wrong(key, wanted);
      values.push_back(item.as_string()->get());
    }
    return {};
  }

 private:
  const std::string& file_;
  const toml::table& table_;
  std::string where_;  // "files.purchases." or empty
};

// "name" or "name TYPE".
Status read_columns(const Reader& reader, std::vector<TableColumn>& columns) {
  std::vector<std::string> texts;
  TRY(reader.texts("columns", false, texts));
  for (const std::string& text : texts) {
    const std::size_t space = text.find(' ');
    TableColumn column{text.substr(0, space)};
    if (space != text.npos) column.type = text.substr(space + 1);
    const bool plain = std::all_of(column.type.begin(), column.type.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) ||
             std::string_view("_ (),").find(c) != std::string_view::npos;
    });
    if (column.name.empty() || column.type.empty() || !plain) {
      return reader.wrong("columns", "\"name\" or \"name TYPE\" each; \"" + text + "\" is not");
    }
    columns.push_back(std::move(column));
  }
  return {};
}

// What the keys of a table demand of each other.
Status check_table(const Reader& reader, const ImportMap::Table& entry) {
  const TableFormat format = entry.format.value_or(TableFormat::csv);
  const FileTable& table = entry.table;
  if (format != TableFormat::csv) {
    for (const std::string_view key : {"delim", "quote"}) {
      if (reader.has(key)) return reader.wrong(key, "left out: it is for format csv only");
    }
  }
  const bool text = format == TableFormat::csv || format == TableFormat::lines;
  if (!text && reader.has("header")) {
    return reader.wrong("header", "left out: it is for formats csv and lines only");
  }
  const bool one_column = format == TableFormat::lines || format == TableFormat::ndjson;
  if (one_column && reader.has("columns")) {
    return reader.wrong("columns", "left out: this format has one column");
  }
  if (format == TableFormat::parquet && reader.has("columns") && entry.required) {
    return reader.wrong("columns", "left out: Parquet files name their columns");
  }
  if (table.delim.size() != 1) return reader.wrong("delim", "one character");
  if (table.quote.size() > 1) return reader.wrong("quote", "one character or empty");
  if (table.columns.empty() && format == TableFormat::csv && !table.header) {
    return reader.wrong("columns", "given where header = false");
  }
  if (table.columns.empty() && !one_column && !entry.required) {
    return reader.wrong("columns", "given where required = false");
  }
  return {};
}

Result<ImportMap::Table> read_table(const std::string& file, const std::string& name,
                                    const toml::node& node) {
  static const toml::table kNone;
  const bool is_table = node.is_table();
  const Reader reader(file, is_table ? *node.as_table() : kNone, "files." + name + ".");
  if (!is_table) return reader.mistake(node, "files." + name + " must be a table");
  if (!is_name(name)) {
    return reader.mistake(node, "files." + name +
                                    ": a table's name is letters, digits and _, and does not "
                                    "begin with a digit");
  }
  TRY(reader.allow({"match", "required", "format", "delim", "quote", "header", "columns"}));
  ImportMap::Table entry;
  FileTable& table = entry.table;
  table.name = name;
  TRY(reader.texts("match", true, entry.match));
  if (entry.match.empty()) return reader.wrong("match", "given");
  TRY(reader.boolean("required", entry.required));
  std::string format;
  TRY(reader.text("format", format));
  if (reader.has("format")) {
    entry.format = format_named(format);
    if (!entry.format) return reader.wrong("format", "csv, lines, ndjson or parquet");
    table.format = *entry.format;
  }
  table.header = table.format == TableFormat::csv;
  TRY(reader.boolean("header", table.header));
  TRY(reader.text("delim", table.delim));
  TRY(reader.text("quote", table.quote));
  TRY(read_columns(reader, table.columns));
  TRY(check_table(reader, entry));
  return entry;
}

// The format of a table that names none, by the files that it took.
Status settle_format(const ImportMap::Table& entry, FileTable& table) {
  if (entry.format || table.files.empty()) return {};
  table.format = format_of_file(last_part(table.files.front()));
  for (const std::string& file : table.files) {
    if (format_of_file(last_part(file)) != table.format) {
      return fail(ErrorCode::invalid, "table " + table.name + " takes files of several formats: " +
                                          table.files.front() + " and " + file);
    }
  }
  if (table.format == TableFormat::ndjson) table.header = false;
  return {};
}

}  // namespace

Result<ImportMap> parse_import_map(std::string_view text, const std::string& file) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    return fail(ErrorCode::invalid,
                file + ":" + std::to_string(parsed.error().source().begin.line) +
                    ": not TOML: " + std::string(parsed.error().description()));
  }
  const toml::table& root = parsed.table();
  const Reader reader(file, root, "");
  TRY(reader.allow({"description", "pack", "source", "select", "files"}));
  ImportMap map;
  map.source = last_part(file);
  if (map.source.ends_with(".toml")) map.source.resize(map.source.size() - 5);
  TRY(reader.required_text("description", map.description));
  TRY(reader.required_text("pack", map.pack));
  TRY(reader.text("source", map.source));
  if (map.source.empty()) return reader.wrong("source", "a text that is not empty");
  TRY(reader.required_text("select", map.select));
  const toml::node* files = root.get("files");
  if (files == nullptr || !files->is_table() || files->as_table()->empty()) {
    return reader.wrong("files", "at least one table [files.NAME]");
  }
  for (const auto& [name, node] : *files->as_table()) {
    TRY_ASSIGN(ImportMap::Table table, read_table(file, std::string(name.str()), node));
    map.tables.push_back(std::move(table));
  }
  return map;
}

Result<std::vector<FileTable>> assign_files(const ImportMap& map,
                                            std::span<const std::string> files) {
  std::vector<FileTable> tables;
  for (const ImportMap::Table& entry : map.tables) tables.push_back(entry.table);
  for (const std::string& file : files) {
    std::vector<std::size_t> takers;
    for (std::size_t i = 0; i < map.tables.size(); ++i) {
      const std::vector<std::string>& match = map.tables[i].match;
      const std::string name = last_part(file);
      if (std::any_of(match.begin(), match.end(), [&](const std::string& pattern) {
            return matches_pattern(name, pattern);
          })) {
        takers.push_back(i);
      }
    }
    if (takers.size() != 1) {
      std::string names;
      for (std::size_t i = 0; i < tables.size(); ++i) {
        const bool takes = std::find(takers.begin(), takers.end(), i) != takers.end();
        if (takers.empty() || takes) names += (names.empty() ? "" : ", ") + tables[i].name;
      }
      return fail(ErrorCode::invalid,
                  takers.empty()
                      ? "no table of the map takes " + file + "; its tables are " + names
                      : "several tables of the map take " + file + ": " + names);
    }
    tables[takers.front()].files.push_back(file);
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].files.empty() && map.tables[i].required) {
      return fail(ErrorCode::invalid, "no file for the map's table " + tables[i].name +
                                          " (it takes " + map.tables[i].match.front() + ")");
    }
    std::sort(tables[i].files.begin(), tables[i].files.end());
    TRY(settle_format(map.tables[i], tables[i]));
  }
  return tables;
}

bool matches_pattern(std::string_view name, std::string_view pattern) {
  std::size_t n = 0;
  std::size_t p = 0;
  std::optional<std::size_t> star;  // the last * seen, and where its text began
  std::size_t star_text = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star) {
      p = *star + 1;
      n = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace tideline
