// score: tables or the lake in, a table of figures out.
#include <cstdio>
#include <filesystem>

#include "app/commands.h"

namespace tideline {
namespace {

struct ScoreFlags {
  FolderFlags folder;
  std::vector<std::string> in;
  std::vector<std::string> at;
  std::string part;
  std::string out;
  std::string model;
};

boost::json::object arguments_of(const ScoreFlags& flags) {
  boost::json::object arguments{{"out", std::filesystem::absolute(flags.out).string()}};
  boost::json::array in;
  for (const std::string& file : flags.in)
    in.emplace_back(std::filesystem::absolute(file).string());
  arguments["in"] = std::move(in);
  arguments["at"] = boost::json::array(flags.at.begin(), flags.at.end());
  if (!flags.part.empty()) arguments["part"] = flags.part;
  if (!flags.model.empty()) arguments["model"] = flags.model;
  return arguments;
}

}  // namespace

void add_score(CommandLine& line) {
  CLI::App* command =
      line.app.add_subcommand("score", "Score tables of features, or every customer as of a time");
  auto flags = std::make_shared<ScoreFlags>();
  command->add_option("--in", flags->in,
                      "CSV or Parquet with a column a feature; an empty cell is missing; "
                      "customer_id and as_of are kept");
  command->add_option("--at", flags->at,
                      "The lake's customers as of these times (default: as of now)");
  command->add_option("--part", flags->part,
                      "I/N: only this one of N shares of the work, e.g. 2/8");
  command
      ->add_option(
          "--out", flags->out,
          "The file to write, .csv or .parquet; without an ending a folder of Parquet parts: "
          "a run that was ended goes on with the parts that are missing")
      ->required();
  command->add_option("--model", flags->model,
                      "Another version than the one in production, e.g. v3");
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline score --out today.csv --data demo\n"
               "  tideline score --at 2026-01-01T00:00:00Z --out then.parquet --data demo\n"
               "  tideline score --in customers.csv --out scores.csv --data demo --model v2\n"
               "  tideline score --in features-*.parquet --out scores --data demo");
  command->callback([&line, flags] {
    flags->folder.tables_alone = !flags->in.empty();
    line.action = [&line, flags] {
      return with_session(flags->folder, "score", arguments_of(*flags), [&](const Json& result) {
        if (line.json) {
          print_json(result);
          return 0;
        }
        const auto& told = result.as_object();
        if (told.contains("parts")) {
          std::printf("%s: %lu parts written, %lu were there\n",
                      told.at("path").get_string().c_str(),
                      told.at("parts").to_number<unsigned long>(),
                      told.at("parts_found").to_number<unsigned long>());
        }
        std::printf("%s: %lu rows, %lu of them scored by %s\n",
                    told.at("path").get_string().c_str(),
                    told.at("rows").to_number<unsigned long>(),
                    told.at("scored").to_number<unsigned long>(),
                    told.at("model_version").get_string().c_str());
        return 0;
      });
    };
  });
}

}  // namespace tideline
