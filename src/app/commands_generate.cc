// generate.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/duckdb/parquet_writer.h"
#include "app/commands.h"
#include "app/disturbance_flags.h"
#include "app/generate_platform.h"
#include "app/generated_event_rows.h"
#include "app/pack_files.h"
#include "simulator/generate.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

Cell cell(const std::optional<Time>& time) { return time ? Cell(*time) : Cell(); }

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
    written_ += block.size();
    TRY(events_->append(generated_rows(block)));
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
      rows.push_back({truth.customer.str(), std::string(name_of(truth.kind)), truth.joined,
                      std::string(name_of(truth.decline_cause)), cell(truth.decline_began),
                      cell(truth.left), cell(truth.returned),
                      static_cast<std::int64_t>(truth.departures),
                      std::string(name_of(truth.leave_cause)), truth.satisfaction, truth.activity,
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
    options.columns = {{"customer", text},
                       {"kind", text},
                       {"joined", time},
                       {"decline_cause", text},
                       {"decline_began", time},
                       {"left_at", time},
                       {"returned", time},
                       {"departures", integer},
                       {"leave_cause", text},
                       {"satisfaction", number},
                       {"activity", number},
                       {"leave_hazard", number},
                       {"leave_probability_30d", number},
                       {"events", integer}};
    TRY_ASSIGN(truth_, ParquetWriter::open(std::move(options)));
    return {};
  }

  std::string folder_;
  bool with_truth_;
  std::unique_ptr<GeneratedEventWriter> events_;
  std::unique_ptr<ParquetWriter> truth_;
  std::uint64_t written_ = 0;
  ProgressLine line_;
};

struct GenerateFlags {
  std::string pack = "marketplace";
  // 0: as many as is usual for the pack.
  std::uint32_t customers = 0;
  std::uint32_t days = 0;
  std::string end = "2026-01-01";
  std::uint64_t seed = 1;
  std::string out;
  bool truth = false;
  DisturbanceOptions disturbance;
  PlatformFlags platform;
};

constexpr std::uint32_t kUsualCustomers = 2'000;
constexpr std::uint32_t kUsualDays = 365;

Result<int> run_platform(const GenerateFlags& flags, Time end, bool json) {
  PlatformGenerateOptions options;
  if (flags.customers > 0) options.platform.customers = flags.customers;
  if (flags.days > 0) options.platform.days = flags.days;
  options.platform.end = end;
  options.platform.seed = flags.seed;
  options.platform.targets = flags.platform.targets;
  options.platform.planted_gap = flags.platform.planted_gap;
  options.disturbance = flags.disturbance;
  options.threads = static_cast<int>(std::min(4U, std::thread::hardware_concurrency()));
  return generate_platform_files(options, flags.out, flags.truth, json);
}

Result<int> run_generate(const GenerateFlags& flags, bool json) {
  TRY_ASSIGN(const auto pack, load_pack(flags.pack));
  if (auto checked = check(flags.disturbance); !checked)
    return fail(ErrorCode::invalid, checked.error().message, "usage");
  const auto end = parse_time(flags.end);
  if (!end)
    return fail(ErrorCode::invalid, "--end is no RFC 3339 time or date: " + flags.end, "usage");
  std::error_code error;
  fs::create_directories(flags.out, error);
  if (error)
    return fail(ErrorCode::io_failed, "cannot make " + flags.out + ": " + error.message());
  if (pack->name() == "engagement") return run_platform(flags, *end, json);
  GenerateOptions options;
  options.pack = pack->name();
  options.simulation.customers = flags.customers > 0 ? flags.customers : kUsualCustomers;
  options.simulation.days = flags.days > 0 ? flags.days : kUsualDays;
  options.simulation.end = *end;
  options.simulation.seed = flags.seed;
  options.disturbance = flags.disturbance;
  GenerateSummary summary;
  {
    ParquetSink sink(flags.out, flags.truth);
    TRY_ASSIGN(summary, generate(options, sink));
  }
  if (json) {
    boost::json::object made = json_of(summary.counts);
    made["events"] = summary.events;
    made["customers"] = summary.customers;
    made["files"] = summary.files;
    print_json(made);
  } else {
    std::printf("%lu events of %u customers in %u files in %s\n", summary.events,
                summary.customers, summary.files, flags.out.c_str());
    if (flags.disturbance.any()) {
      std::printf("%lu late, %lu for the second time, %lu malformed\n", summary.counts.late,
                  summary.counts.duplicates, summary.counts.malformed_in_all());
    }
  }
  return 0;
}

}  // namespace

void add_generate(CommandLine& line) {
  auto flags = std::make_shared<GenerateFlags>();
  CLI::App* command =
      line.app.add_subcommand("generate", "Write a simulated history as Parquet files");
  command->add_option("--pack", flags->pack, "Pack to simulate")->capture_default_str();
  command->add_option("--customers", flags->customers, "Simulated customers")
      ->default_str("2000, engagement 100000")
      ->check(CLI::Range(1, 10'000'000));
  command->add_option("--days", flags->days, "Days of history")
      ->default_str("365, engagement 300")
      ->check(CLI::Range(1, 3'650));
  command->add_option("--end", flags->end, "End of the history, a date or a time")
      ->capture_default_str();
  command->add_option("--seed", flags->seed, "Same seed, same bytes")->capture_default_str();
  command->add_option("--out", flags->out, "Folder of the files")->required();
  command->add_flag("--truth", flags->truth,
                    "Also write truth.parquet: the hidden state of every customer");
  add_disturbance_flags(*command, flags->disturbance);
  add_platform_flags(*command, flags->platform);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline generate --pack marketplace --customers 1000 --days 120 --seed 7 --out "
               "history --truth\n"
               "  tideline generate --out rough --late-share 0.01 --duplicate-share 0.02 "
               "--malformed-share 0.005");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      const auto done = run_generate(*flags, line.json);
      return done ? *done : report(done.error());
    };
  });
}

}  // namespace tideline
