// The packs that come with the program, for measuring programs that know features.
#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "bench/measure.h"
#include "packs/pack.h"

namespace tideline::bench {

inline std::shared_ptr<const Pack> pack_named(const std::string& name) {
  const std::string path = "packs/" + name + "/pack.toml";
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  auto pack = Pack::parse(text.str(), path);
  require(pack.has_value(), pack ? "" : pack.error().message);
  return *pack;
}

inline std::shared_ptr<const Pack> marketplace_pack() { return pack_named("marketplace"); }

}  // namespace tideline::bench
