// report: PDF files for people who read on paper.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "app/commands.h"

namespace tideline {
namespace {

// The time of SOURCE_DATE_EPOCH, which makes files reproducible; empty where it is not set.
std::string source_date() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  std::int64_t seconds = 0;
  if (!text || std::from_chars(text, text + std::strlen(text), seconds).ec != std::errc{})
    return "";
  return format_time(time_from_millis(seconds * 1000));
}

int print_reports(const Json& result) {
  for (const Json& one : result.as_object().at("reports").as_array()) {
    const auto& report = one.as_object();
    std::printf("%s  %s pages\n", text_at(one, "file").c_str(),
                std::to_string(report.at("pages").to_number<int>()).c_str());
    if (report.at("cut_pages").to_number<int>() > 0)
      std::fprintf(stderr, "tideline: %s: something was left out to fit; the page says so\n",
                   text_at(one, "report").c_str());
  }
  return 0;
}

}  // namespace

void add_report(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::string report;
    std::string out;
    std::string at;
    std::string paper = "a4";
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = line.app.add_subcommand("report", "Draw reports as PDF files");
  command->add_option("report", flags->report, "engagement, cost, architecture or all")
      ->required()
      ->check(CLI::IsMember({"engagement", "cost", "architecture", "all"}));
  command->add_option("--out", flags->out, "Folder to write into")->required();
  command->add_option("--at", flags->at, "As of this time (default: the folder's now)");
  command->add_option("--paper", flags->paper, "a4 or letter")
      ->check(CLI::IsMember({"a4", "letter"}))
      ->capture_default_str();
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline report engagement --out reports --data demo\n"
               "  tideline report all --out reports --paper letter --at 2026-01-01 --data demo");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{
          {"report", flags->report},
          {"paper", flags->paper},
          {"out", std::filesystem::absolute(flags->out).lexically_normal().string()}};
      if (!flags->at.empty()) arguments["at"] = flags->at;
      if (const std::string created = source_date(); !created.empty())
        arguments["created"] = created;
      return with_session(flags->folder, "report", arguments, [&](const Json& result) {
        if (!line.json) return print_reports(result);
        print_json(result);
        return 0;
      });
    };
  });
}

}  // namespace tideline
