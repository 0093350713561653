// ImportMap: how foreign files become events (docs/import-maps.md), parsed from TOML.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_table.h"
#include "base/result.h"

namespace tideline {

struct ImportMap {
  struct Table {
    FileTable table;                 // without files
    std::vector<std::string> match;  // patterns of file names, at least one
    std::optional<TableFormat>
        format;  // nullopt: by the files' names; table.format is not set then
    bool required = true;
  };
  std::string description;
  std::string pack;
  std::string source;  // the map's file name without .toml where the map gives none
  std::string select;
  std::vector<Table> tables;  // by name
};

// `text` is the content of `file`, whose name appears in messages. invalid: file, key or line, and
// what is allowed.
[[nodiscard]] Result<ImportMap> parse_import_map(std::string_view text, const std::string& file);

// The map's tables with the files that each takes, sorted; the format of a table that names none
// goes by the files' names. invalid: a file that no table or several take, a required table
// without a file, files of several formats in one table.
[[nodiscard]] Result<std::vector<FileTable>> assign_files(const ImportMap& map,
                                                          std::span<const std::string> files);

// `*` any characters, `?` one byte, everything else itself; the whole name must match.
[[nodiscard]] bool matches_pattern(std::string_view name, std::string_view pattern);

}  // namespace tideline
