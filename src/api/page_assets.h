// The files of the page, built from web/ by tools/build_page.sh and embedded in the program.
#pragma once

#include <span>
#include <string_view>

namespace tideline {

struct PageAsset {
  std::string_view name;  // "index.html", "assets/index-B1c2.js"
  std::string_view type;  // "text/javascript; charset=utf-8"
  std::string_view content;
  std::string_view gzip;  // the same, compressed; empty where that does not make it smaller
};

// By name, ascending. Names below assets/ carry a hash of the content.
[[nodiscard]] std::span<const PageAsset> page_assets();

}  // namespace tideline
