// import, generate, features.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "adapters/duckdb/parquet_writer.h"
#include "app/commands.h"
#include "app/pack_files.h"
#include "simulator/generate.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

std::string absolute(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

boost::json::array absolute_all(const std::vector<std::string>& paths) {
  boost::json::array list;
  for (const auto& path : paths) list.emplace_back(absolute(path));
  return list;
}

int print_import(const Json& result, bool json) {
  const auto& counts = result.as_object();
  const auto number = [&](const char* key) { return counts.at(key).to_number<std::uint64_t>(); };
  if (json) {
    boost::json::object printed = counts;
    printed.erase("already_done");
    print_json(printed);
  } else {
    std::printf(
        "received %lu = applied %lu + late_applied %lu + duplicate %lu + dead_lettered %lu\n",
        number("received"), number("applied"), number("late_applied"), number("duplicate"),
        number("dead_lettered"));
    for (const auto& [code, count] : counts.at("codes").as_object()) {
      std::printf("  dead_lettered %s: %lu\n", std::string(code).c_str(),
                  count.to_number<std::uint64_t>());
    }
    if (counts.at("already_done").as_bool())
      std::printf("These files were imported before; nothing was done.\n");
  }
  return static_cast<int>(number("dead_lettered") > 0 ? ExitCode::partly_done : ExitCode::ok);
}

// Writes events and truth of `generate` as Parquet files.
class ParquetSink final : public GenerateSink {
 public:
  ParquetSink(std::string folder, bool with_truth)
      : folder_(std::move(folder)), with_truth_(with_truth) {}

  Status events(std::uint32_t file, std::span<const Event> block) override {
    if (!events_) {
      ParquetWriterOptions options;
      options.path = folder_ + "/" + events_file_name(file);
      TRY_ASSIGN(events_, GeneratedEventWriter::open(std::move(options)));
    }
    rows_.clear();
    for (const Event& event : block) {
      rows_.push_back({event.customer.str(), event.event_time, event.name,
                       std::string(name_of(event.type)), event.message_id.str(), std::nullopt,
                       event.properties});
    }
    written_ += block.size();
    TRY(events_->append(rows_));
    if (!line_.show({"generating", -1, std::to_string(written_) + " events"})) {
      return fail(ErrorCode::cancelled, "interrupted; the files are not complete");
    }
    return {};
  }

  Status truth(std::uint32_t, std::span<const Truth> block) override {
    if (!with_truth_) return {};
    if (!truth_) TRY(open_truth());
    std::vector<std::vector<Cell>> rows;
    for (const Truth& truth : block) {
      rows.push_back({truth.customer.str(), truth.joined, truth.left ? Cell(*truth.left) : Cell(),
                      truth.returned ? Cell(*truth.returned) : Cell(),
                      static_cast<std::int64_t>(truth.departures),
                      std::string(name_of(truth.cause)), truth.satisfaction, truth.activity,
                      truth.leave_hazard, truth.leave_probability_30d,
                      static_cast<std::int64_t>(truth.events)});
    }
    return truth_->append(rows);
  }

  Status end_file(std::uint32_t) override {
    TRY(events_->finish());
    events_.reset();
    return {};
  }

  Status manifest(const std::string& json) override {
    if (truth_) TRY(truth_->finish());
    std::ofstream out(folder_ + "/manifest.json", std::ios::trunc | std::ios::binary);
    out << json << '\n';
    out.close();
    if (!out) return fail(ErrorCode::io_failed, "cannot write " + folder_ + "/manifest.json");
    return {};
  }

 private:
  Status open_truth() {
    using enum ColumnType;
    ParquetWriterOptions options;
    options.path = folder_ + "/truth.parquet";
    options.columns = {{"customer", text},       {"joined", time},
                       {"left_at", time},        {"returned", time},
                       {"departures", integer},  {"cause", text},
                       {"satisfaction", number}, {"activity", number},
                       {"leave_hazard", number}, {"leave_probability_30d", number},
                       {"events", integer}};
    TRY_ASSIGN(truth_, ParquetWriter::open(std::move(options)));
    return {};
  }

  std::string folder_;
  bool with_truth_;
  std::unique_ptr<GeneratedEventWriter> events_;
  std::unique_ptr<ParquetWriter> truth_;
  std::vector<GeneratedEvent> rows_;
  std::uint64_t written_ = 0;
  ProgressLine line_;
};

struct GenerateFlags {
  std::string pack = "marketplace";
  std::uint32_t customers = 2'000;
  std::uint32_t days = 365;
  std::string end = "2026-01-01";
  std::uint64_t seed = 1;
  std::string out;
  bool truth = false;
};

Result<int> run_generate(const GenerateFlags& flags, bool json) {
  TRY_ASSIGN(const auto pack, load_pack(flags.pack));
  const auto end = parse_time(flags.end);
  if (!end)
    return fail(ErrorCode::invalid, "--end is no RFC 3339 time or date: " + flags.end, "usage");
  std::error_code error;
  fs::create_directories(flags.out, error);
  if (error)
    return fail(ErrorCode::io_failed, "cannot make " + flags.out + ": " + error.message());
  GenerateOptions options;
  options.pack = pack->name();
  options.simulation.customers = flags.customers;
  options.simulation.days = flags.days;
  options.simulation.end = *end;
  options.simulation.seed = flags.seed;
  GenerateSummary summary;
  {
    ParquetSink sink(flags.out, flags.truth);
    TRY_ASSIGN(summary, generate(options, sink));
  }
  if (json) {
    print_json(boost::json::object{
        {"events", summary.events}, {"customers", summary.customers}, {"files", summary.files}});
  } else {
    std::printf("%lu events of %u customers in %u files in %s\n", summary.events,
                summary.customers, summary.files, flags.out.c_str());
  }
  return 0;
}

}  // namespace

void add_import(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::vector<std::string> files;
    std::string map;
    std::string source;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      line.app.add_subcommand("import", "Take events from files into a data folder");
  command->add_option("files", flags->files, "NDJSON, CSV or Parquet, plain, .gz or .zst")
      ->required()
      ->check(CLI::ExistingFile);
  add_folder_flags(*command, flags->folder, true);
  command
      ->add_option("--map", flags->map,
                   "Import map (TOML, docs/import-maps.md): how foreign files become events")
      ->check(CLI::ExistingFile);
  command->add_option("--source", flags->source,
                      "Source of the events (default: import, or what the map says)");
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline import events.ndjson.gz --data shop --pack commerce\n"
               "  tideline import history/events-*.parquet --data demo --pack marketplace\n"
               "  tideline import orders.csv --map orders.toml --data shop --pack commerce");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{{"files", absolute_all(flags->files)}};
      if (!flags->map.empty()) arguments["map"] = absolute(flags->map);
      if (!flags->source.empty()) arguments["source"] = flags->source;
      return with_session(flags->folder, "import", arguments,
                          [&line](const Json& result) { return print_import(result, line.json); });
    };
  });
}

void add_generate(CommandLine& line) {
  auto flags = std::make_shared<GenerateFlags>();
  CLI::App* command =
      line.app.add_subcommand("generate", "Write a simulated history as Parquet files");
  command->add_option("--pack", flags->pack, "Pack to simulate")->capture_default_str();
  command->add_option("--customers", flags->customers, "Simulated customers")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command->add_option("--days", flags->days, "Days of history")
      ->capture_default_str()
      ->check(CLI::Range(1, 3'650));
  command->add_option("--end", flags->end, "End of the history, a date or a time")
      ->capture_default_str();
  command->add_option("--seed", flags->seed, "Same seed, same bytes")->capture_default_str();
  command->add_option("--out", flags->out, "Folder of the files")->required();
  command->add_flag("--truth", flags->truth,
                    "Also write truth.parquet: the hidden state of every customer");
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline generate --pack marketplace --customers 1000 --days 120 --seed 7 --out "
               "history --truth");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      const auto done = run_generate(*flags, line.json);
      return done ? *done : report(done.error());
    };
  });
}

void add_features(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::vector<std::string> at;
    std::vector<std::string> customers;
    std::string format = "csv";
    std::string out;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      line.app.add_subcommand("features", "Write the features of every customer as of a time");
  add_folder_flags(*command, flags->folder, false);
  command->add_option("--at", flags->at, "As of these times, as known then (default: now)");
  command->add_option("--customer", flags->customers, "Only these customers");
  command->add_option("--format", flags->format, "What to write")
      ->capture_default_str()
      ->check(CLI::IsMember({"csv", "json", "parquet"}));
  command->add_option("--out", flags->out, "File (default: standard output)");
  add_examples(*command,
               "  tideline features --data demo --customer c000123\n"
               "  tideline features --data demo --at 2025-12-01T00:00:00Z --format parquet --out "
               "features.parquet");
  command->callback([&line, flags] {
    line.action = [flags] {
      const bool to_stdout = flags->out.empty();
      if (to_stdout && flags->format == "parquet") {
        return report({ErrorCode::invalid, "--format parquet needs --out", "usage"});
      }
      const std::string path =
          absolute(to_stdout ? flags->folder.data + "/run/features-" + std::to_string(::getpid())
                             : flags->out);
      boost::json::object arguments{{"path", path}, {"format", flags->format}};
      arguments["at"] = boost::json::array(flags->at.begin(), flags->at.end());
      arguments["customers"] =
          boost::json::array(flags->customers.begin(), flags->customers.end());
      return with_session(flags->folder, "features", arguments, [&](const Json& result) {
        if (!to_stdout) {
          std::fprintf(stderr, "%lu rows in %s\n",
                       result.as_object().at("rows").to_number<std::uint64_t>(),
                       flags->out.c_str());
          return 0;
        }
        std::FILE* in = std::fopen(path.c_str(), "rb");
        char buffer[65536];
        std::size_t n = 0;
        while (in && (n = std::fread(buffer, 1, sizeof buffer, in)) > 0)
          std::fwrite(buffer, 1, n, stdout);
        if (in) std::fclose(in);
        std::remove(path.c_str());
        return 0;
      });
    };
  });
}

}  // namespace tideline
