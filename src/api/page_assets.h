// The files of src/api/assets, embedded in the program at build.
#pragma once

#include <span>
#include <string_view>

namespace tideline {

struct PageAsset {
  std::string_view name;  // "status.js"
  std::string_view content;
};

[[nodiscard]] std::span<const PageAsset> page_assets();

}  // namespace tideline
