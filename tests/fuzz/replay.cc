// Runs one harness over files: fuzz_replay HARNESS FILE… The last file named is the one that
// broke a promise.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "harness.h"

namespace {

struct Named {
  const char* name;
  void (*run)(std::string_view);
};

using namespace tideline;

constexpr Named kHarnesses[] = {
    {"json_event", fuzz::json_event},
    {"lines", fuzz::lines},
    {"inflate", fuzz::inflate},
    {"http_head", fuzz::http_head},
    {"query", fuzz::query},
    {"pack", fuzz::pack},
    {"log_record", fuzz::log_record},
    {"log_folder", fuzz::log_folder},
    {"state_record", fuzz::state_record},
    {"model_manifest", fuzz::model_manifest},
    {"csv_map", fuzz::csv_map},
    {"xgboost_model", fuzz::xgboost_model},
};

}  // namespace

int main(int count, char** words) {
  for (const Named& harness : kHarnesses) {
    if (count < 2) std::printf("%s\n", harness.name);  // what there is
    if (count < 2 || std::strcmp(harness.name, words[1]) != 0) continue;
    for (int i = 2; i < count; ++i) {
      std::ifstream file(words[i], std::ios::binary);
      if (!file) {
        std::fprintf(stderr, "cannot read %s\n", words[i]);
        return 2;
      }
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      std::fprintf(stderr, "%s\n", words[i]);
      harness.run(bytes);
    }
    return 0;
  }
  return count < 2 ? 0 : 2;
}
