// test: runs scripts that load events, advance a clock and expect figures of a pack.
#include <cstdio>
#include <filesystem>

#include "app/commands.h"
#include "app/pack_files.h"
#include "pipeline/pack_script.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

// *.test files of a folder, or the file itself.
std::vector<std::string> scripts_of(const std::vector<std::string>& paths) {
  std::vector<std::string> scripts;
  for (const auto& path : paths) {
    if (!fs::is_directory(path)) {
      scripts.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.path().extension() == ".test") scripts.push_back(entry.path().string());
    }
  }
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

// The pack named in the script, else the one in whose folder (or tests/ below it) the script lies.
Result<std::shared_ptr<const Pack>> pack_for(const std::string& script, const std::string& text) {
  if (const auto named = pack_of_script(text)) return load_pack(*named);
  const fs::path folder = fs::absolute(script).parent_path();
  for (const fs::path& candidate : {folder, folder.parent_path()}) {
    if (fs::exists(candidate / "pack.toml")) return load_pack(candidate.string());
  }
  return fail(ErrorCode::invalid,
              script + " names no pack (`pack NAME`) and lies in no pack's folder", "bad_script");
}

Result<ScriptReport> run_file(const std::string& script) {
  TRY_ASSIGN(const std::string text, read_file(script));
  TRY_ASSIGN(const auto pack, pack_for(script, text));
  return run_script(*pack, text, script);
}

int run_all(const std::vector<std::string>& paths, bool json) {
  std::size_t expectations = 0;
  boost::json::array failures;
  for (const std::string& script : scripts_of(paths)) {
    const auto report = run_file(script);
    if (!report) {
      failures.push_back({{"file", script}, {"message", report.error().message}});
      if (!json) std::printf("FAILED %s\n", report.error().message.c_str());
      continue;
    }
    expectations += report->expectations;
    for (const ScriptFailure& failure : report->failures) {
      failures.push_back({{"file", script}, {"line", failure.line}, {"message", failure.message}});
      if (!json)
        std::printf("FAILED %s:%d: %s\n", script.c_str(), failure.line, failure.message.c_str());
    }
  }
  const std::size_t failed = failures.size();
  if (json) {
    print_json(
        boost::json::object{{"expectations", expectations}, {"failures", std::move(failures)}});
  } else {
    std::printf("%zu expectations, %zu failed\n", expectations, failed);
  }
  return failed == 0 && expectations > 0 ? 0 : static_cast<int>(ExitCode::failure);
}

}  // namespace

void add_pack_test(CommandLine& line) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      line.app.add_subcommand("test", "Run scripts that test a pack (docs/pack-tests.md)");
  command->add_option("scripts", *paths, "*.test files, or folders of them")
      ->required()
      ->check(CLI::ExistingPath);
  add_json_flag(*command, line);
  add_examples(
      *command,
      "  tideline test packs/marketplace/tests\n  tideline test my-pack/tests/payments.test");
  command->callback(
      [&line, paths] { line.action = [&line, paths] { return run_all(*paths, line.json); }; });
}

}  // namespace tideline
