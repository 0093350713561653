#include "app/pack_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tideline {
namespace fs = std::filesystem;

std::vector<std::string> pack_folders() {
  std::vector<std::string> folders;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path here = program.parent_path();
    for (const fs::path& folder : {here / ".." / "share" / "tideline" / "packs", here / "packs",
                                   here / ".." / ".." / "packs"}) {
      folders.push_back(folder.lexically_normal().string());
    }
  }
  folders.push_back("packs");
  return folders;
}

Result<std::string> find_pack(const std::string& name_or_path) {
  std::error_code error;
  if (name_or_path.find('/') != std::string::npos) {
    if (fs::exists(name_or_path + "/pack.toml", error))
      return fs::absolute(name_or_path).lexically_normal().string();
    return fail(ErrorCode::not_found, "no pack in " + name_or_path + ": it has no pack.toml",
                "no_pack");
  }
  std::string known;
  for (const std::string& folder : pack_folders()) {
    if (fs::exists(fs::path(folder) / name_or_path / "pack.toml", error))
      return folder + "/" + name_or_path;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (!fs::exists(entry.path() / "pack.toml", error)) continue;
      known += (known.empty() ? "" : ", ") + entry.path().filename().string();
    }
    if (!known.empty()) break;
  }
  return fail(ErrorCode::not_found,
              "no pack " + name_or_path + "; there are: " + known + ", or give a folder",
              "no_pack");
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, "cannot read " + path, "not_found");
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

Result<std::shared_ptr<const Pack>> load_pack(const std::string& name_or_path) {
  TRY_ASSIGN(const std::string folder, find_pack(name_or_path));
  TRY_ASSIGN(const std::string text, read_file(folder + "/pack.toml"));
  return Pack::parse(text, folder + "/pack.toml");
}

Result<std::vector<SuccessTarget>> load_success(const std::string& name_or_path) {
  TRY_ASSIGN(const std::string folder, find_pack(name_or_path));
  const std::string file = folder + "/success.toml";
  if (!fs::exists(file)) return std::vector<SuccessTarget>();
  TRY_ASSIGN(const std::string text, read_file(file));
  return parse_success(text, file);
}

}  // namespace tideline
