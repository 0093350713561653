#include "app/generate_platform.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "adapters/duckdb/parquet_writer.h"
#include "app/commands.h"
#include "app/disturbance_flags.h"
#include "app/generated_event_rows.h"
#include "simulator/generate.h"

namespace tideline {
namespace {

// Events and truth of a simulated platform as Parquet files; several files at a time.
class PlatformFiles final : public PlatformSink {
 public:
  PlatformFiles(std::string folder, bool with_truth)
      : folder_(std::move(folder)), with_truth_(with_truth) {}

  Status events(std::uint32_t file, std::span<const Event> block) override {
    TRY_ASSIGN(GeneratedEventWriter * writer, writer_of(file));
    TRY(writer->append(generated_rows(block)));
    const std::lock_guard lock(mutex_);
    written_ += block.size();
    if (!line_.show({"generating", -1, std::to_string(written_) + " events"}))
      return fail(ErrorCode::cancelled, "interrupted; the files are not complete");
    return {};
  }

  Status end_file(std::uint32_t file) override {
    TRY_ASSIGN(GeneratedEventWriter * writer, writer_of(file));
    TRY(writer->finish());
    const std::lock_guard lock(mutex_);
    writers_.erase(file);
    return {};
  }

  Status truth(std::span<const PlatformTruth> block) override {
    if (!with_truth_) return {};
    if (!truth_) TRY(open_truth());
    std::vector<std::vector<Cell>> rows;
    for (const PlatformTruth& of : block) rows.push_back(row_of(of));
    return truth_->append(rows);
  }

  Status manifest(const std::string& json) override {
    if (truth_) TRY(truth_->finish());
    std::ofstream out(folder_ + "/manifest.json", std::ios::trunc | std::ios::binary);
    out << json;
    out.close();
    if (!out) return fail(ErrorCode::io_failed, "cannot write " + folder_ + "/manifest.json");
    return {};
  }

 private:
  Result<GeneratedEventWriter*> writer_of(std::uint32_t file) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = writers_.find(file);
      if (found != writers_.end()) return found->second.get();
    }
    ParquetWriterOptions options;
    options.path = folder_ + "/" + events_file_name(file);
    TRY_ASSIGN(auto opened, GeneratedEventWriter::open(std::move(options)));
    const std::lock_guard lock(mutex_);
    return (writers_[file] = std::move(opened)).get();
  }

  static std::vector<Cell> row_of(const PlatformTruth& t) {
    std::vector<Cell> row = {t.customer.str(),
                             t.joined,
                             t.gender,
                             t.age_band,
                             t.region,
                             std::string(name_of(t.stage)),
                             std::int64_t(t.premium),
                             std::int64_t(t.pays),
                             t.visits_a_day,
                             t.involvement,
                             t.minutes_a_visit,
                             t.messages_a_visit,
                             t.stories_a_visit,
                             t.matches_a_visit,
                             t.dates_a_visit,
                             t.leave_a_day,
                             t.return_a_day};
    const auto& outlook = t.outlook;
    row.push_back(outlook ? Cell(std::string(name_of(outlook->stage))) : Cell());
    row.push_back(outlook ? Cell(outlook->engagement_expected) : Cell());
    row.push_back(outlook ? Cell(outlook->engagement) : Cell());
    row.push_back(outlook ? Cell(outlook->churn_expected) : Cell());
    row.push_back(outlook ? Cell(std::int64_t(outlook->churned)) : Cell());
    row.push_back(static_cast<std::int64_t>(t.events));
    return row;
  }

  Status open_truth() {
    using enum ColumnType;
    ParquetWriterOptions options;
    options.path = folder_ + "/truth.parquet";
    options.columns = {{"customer", text},
                       {"joined", time},
                       {"gender", text},
                       {"age_band", text},
                       {"region", text},
                       {"stage", text},
                       {"premium", integer},
                       {"pays", integer},
                       {"visits_a_day", number},
                       {"involvement", number},
                       {"minutes_a_visit", number},
                       {"messages_a_visit", number},
                       {"stories_a_visit", number},
                       {"matches_a_visit", number},
                       {"dates_a_visit", number},
                       {"leave_a_day", number},
                       {"return_a_day", number},
                       {"outlook_stage", text},
                       {"engagement_expected", number},
                       {"engagement", number},
                       {"churn_expected", number},
                       {"churned", integer},
                       {"events", integer}};
    TRY_ASSIGN(truth_, ParquetWriter::open(std::move(options)));
    return {};
  }

  std::string folder_;
  bool with_truth_;
  std::mutex mutex_;
  std::map<std::uint32_t, std::unique_ptr<GeneratedEventWriter>> writers_;
  std::unique_ptr<ParquetWriter> truth_;
  std::uint64_t written_ = 0;
  ProgressLine line_;
};

void print_figures(const PlatformOptions& options, const PlatformSummary& summary) {
  std::printf("\n%-18s %10s %10s\n", "figure", "asked for", "came");
  for (const FigureLine& line : figure_lines(options, summary.figures)) {
    const std::string target = line.target ? fmt::format("{:.4g}", *line.target) : "";
    std::printf("%-18s %10s %10.4f  %s\n", line.name.c_str(), target.c_str(), line.value,
                line.definition.c_str());
  }
  if (summary.figures.windows == 0)
    std::printf("The history is too short for the figures over 28 and 30 days.\n");
}

}  // namespace

Result<int> generate_platform_files(const PlatformGenerateOptions& options,
                                    const std::string& folder, bool with_truth, bool json) {
  PlatformSummary summary;
  {
    PlatformFiles files(folder, with_truth);
    TRY_ASSIGN(summary, generate_platform(options, files));
  }
  if (json) {
    boost::json::object made = json_of(summary.counts);
    made["events"] = summary.events;
    made["customers"] = summary.customers;
    made["files"] = summary.files;
    boost::json::array figures;
    for (const FigureLine& line : figure_lines(options.platform, summary.figures)) {
      boost::json::object figure{{"name", line.name}, {"value", line.value}};
      figure["target"] = line.target ? boost::json::value(*line.target) : nullptr;
      figure["definition"] = line.definition;
      figures.push_back(std::move(figure));
    }
    made["figures"] = std::move(figures);
    print_json(made);
    return 0;
  }
  std::printf("%lu events of %u customers in %u files in %s\n", summary.events, summary.customers,
              summary.files, folder.c_str());
  print_figures(options.platform, summary);
  return 0;
}

void add_platform_flags(CLI::App& command, PlatformFlags& flags) {
  const char* group = "Only --pack engagement";
  command
      .add_option("--engagement", flags.targets.engagement, "Mean engagement of active customers")
      ->capture_default_str()
      ->group(group);
  command.add_option("--high-share", flags.targets.high_share, "Share of engagement above 0.6")
      ->capture_default_str()
      ->group(group);
  command.add_option("--churn", flags.targets.churn, "Share not coming for 30 days")
      ->capture_default_str()
      ->group(group);
  command.add_option("--premium", flags.targets.premium, "Share with premium")
      ->capture_default_str()
      ->group(group);
  command.add_option("--revenue", flags.targets.revenue, "USD a customer and year")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--planted-gap", flags.planted_gap,
                  "By how much churn of women is above that of men")
      ->capture_default_str()
      ->group(group);
}

}  // namespace tideline
