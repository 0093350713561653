#include "pipeline/manifest.h"

namespace tideline {

Result<std::vector<ManifestFile>> manifest_entries(StateStore& store) {
  std::vector<ManifestFile> files;
  std::optional<Error> broken;
  TRY(store.scan(Family::manifest, "file", prefix_end("file"),
                 [&](std::string_view, std::string_view value) {
                   auto file = decode_manifest_file(value);
                   if (!file) {
                     broken = file.error();
                     return false;
                   }
                   files.push_back(std::move(*file));
                   return true;
                 }));
  if (broken) return fail(*broken);
  return files;
}

Result<std::vector<ManifestFile>> manifest_files(StateStore& store, const std::string& table) {
  TRY_ASSIGN(auto files, manifest_entries(store));
  std::erase_if(files, [&](const ManifestFile& file) {
    return !file.complete || (!table.empty() && file.table != table);
  });
  return files;
}

std::vector<std::string> names_of(const std::vector<ManifestFile>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.file);
  return names;
}

}  // namespace tideline
