// The manifest: which files of the lake count. Kept in state, so that it changes atomically with
// what it describes.
#pragma once

#include <string>
#include <vector>

#include "pipeline/records.h"

namespace tideline {

// Complete files of a table ("events", ...), in the order of their names; all tables when empty.
[[nodiscard]] Result<std::vector<ManifestFile>> manifest_files(StateStore& store,
                                                               const std::string& table);
// Also the promised ones, whose write may have been cut short.
[[nodiscard]] Result<std::vector<ManifestFile>> manifest_entries(StateStore& store);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<ManifestFile>& files);

}  // namespace tideline
