// Packs on disk: by name among those that come with the program, or by folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packs/pack.h"
#include "packs/success.h"

namespace tideline {

// Where the program looks for packs by name: beside the program (../share/tideline/packs), in its
// source tree, and in the current folder's packs/.
[[nodiscard]] std::vector<std::string> pack_folders();
// Folder of a pack named "marketplace", or given as a path (with a '/').
[[nodiscard]] Result<std::string> find_pack(const std::string& name_or_path);
[[nodiscard]] Result<std::shared_ptr<const Pack>> load_pack(const std::string& name_or_path);
// Of success.toml in its folder; empty where there is none.
[[nodiscard]] Result<std::vector<SuccessTarget>> load_success(const std::string& name_or_path);
[[nodiscard]] Result<std::string> read_file(const std::string& path);

}  // namespace tideline
