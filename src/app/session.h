// FolderSession: a command's way to a folder: through the server that owns it, or by opening it
// itself.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/operations.h"
#include "app/terminal.h"
#include "config/load.h"

namespace tideline {

// What every command that works on a folder takes.
struct FolderFlags {
  std::string data = "data";
  std::optional<std::string> pack;
  std::optional<std::string> config;  // TOML file; else DATA/tideline.toml where it is
  std::vector<SettingFlag> settings;  // flags that set a setting, e.g. --listen
  bool allow_changed_pack = false;
  // In a folder that is new, or has nothing but models of tables, the command works without a pack
  // (table_models.h).
  bool tables_alone = false;
};

// Settings of a command: flags > environment > file > defaults.
[[nodiscard]] Result<LoadedSettings> settings_of(const FolderFlags& flags);

class FolderSession {
 public:
  // Looks who owns the folder; opens it when nobody does.
  [[nodiscard]] static Result<std::unique_ptr<FolderSession>> open(const FolderFlags& flags);

  // Runs an operation (operations.h) here or in the server.
  [[nodiscard]] Result<Json> run(const std::string& operation,
                                 const boost::json::object& arguments);

  [[nodiscard]] const std::string& data() const { return flags_.data; }

 private:
  explicit FolderSession(FolderFlags flags) : flags_(std::move(flags)) {}
  Status open_without_pack();
  Result<Json> run_remote(const std::string& operation, const boost::json::object& arguments);

  FolderFlags flags_;
  SystemClock clock_;
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<Engine> engine_;  // null: a server owns the folder, or it has no pack
  // Of a folder without a pack.
  std::unique_ptr<OwnedFolder> bare_folder_;
  PosixFileSystem files_;
  std::unique_ptr<ModelFilesStore> table_models_;
};

}  // namespace tideline
