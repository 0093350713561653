#include "simulator/platform_generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "simulator/generate.h"
#include "simulator/generated_rows.h"
#include "simulator/living_customers.h"
#include "simulator/platform_events.h"
#include "simulator/platform_figures.h"
#include "simulator/platform_solve.h"

namespace tideline {
namespace {

constexpr std::uint32_t kMostCustomersPerFile = 1'000'000;

// One customer with all that is kept while the history is lived.
struct Resident {
  PlatformBeginning who;
  PlatformWriter writer;
  PlatformWatch watch;
};

// A file and what was counted while it was made.
struct MadeFile {
  Status status;
  RowHash hash;
  SentCounts counts;
  PlatformSums sums;
  std::vector<PlatformTruth> truth;
};

PlatformTruth truth_of(const Resident& resident) {
  const PlatformNature& n = resident.who.life.nature;
  const auto rate = [&](PlatformDeed deed) { return n.rates[std::size_t(deed)]; };
  PlatformTruth truth;
  truth.customer = resident.writer.customer();
  truth.joined = start_of_day(resident.who.joined_day);
  truth.gender = resident.who.gender;
  truth.age_band = resident.who.age_band;
  truth.region = resident.who.region;
  truth.visits_a_day = n.visit_chance;
  truth.involvement = n.involvement;
  truth.minutes_a_visit = n.minutes;
  truth.messages_a_visit = rate(PlatformDeed::message_sent);
  truth.stories_a_visit = rate(PlatformDeed::story_posted) + rate(PlatformDeed::story_viewed);
  truth.matches_a_visit = rate(PlatformDeed::match_made);
  truth.dates_a_visit = rate(PlatformDeed::date_proposed) * kDatesKept;
  truth.leave_a_day = n.leave_chance;
  truth.return_a_day = n.return_chance;
  truth.pays = n.pays;
  truth.outlook = resident.watch.outlook();
  truth.stage = resident.who.life.stage;
  truth.premium = resident.who.life.premium;
  truth.events = resident.writer.events();
  return truth;
}

// Lives one file's customers through the history.
class FileRun {
 public:
  FileRun(const PlatformWorld& world, const PlatformGenerateOptions& options,
          const DisturbanceOptions& disturbance, PlatformSink& sink)
      : world_(world), options_(options), disturbance_(disturbance), sink_(sink) {}

  [[nodiscard]] MadeFile make(std::uint32_t file) const {
    MadeFile made;
    made.status = fill(file, made);
    return made;
  }

 private:
  [[nodiscard]] std::vector<Resident> residents_of(std::uint32_t file) const {
    const std::uint32_t first = file * options_.customers_per_file;
    const std::uint32_t count =
        std::min(options_.customers_per_file, options_.platform.customers - first);
    std::vector<Resident> residents;
    residents.reserve(count);
    for (std::uint32_t i = first; i < first + count; ++i) {
      PlatformBeginning who = world_.begin(i);
      PlatformWriter writer(world_, i, who);
      PlatformWatch watch(world_, i, who);
      residents.push_back({std::move(who), std::move(writer), std::move(watch)});
    }
    return residents;
  }

  void live(Resident& resident, std::int64_t day, MadeFile& made, std::vector<Event>& out) const {
    const PlatformBeginning& who = resident.who;
    if (day < who.joined_day) return;
    PlatformLife& life = resident.who.life;
    if (day == std::max(who.joined_day, world_.first_day())) {
      for (std::int64_t unseen = who.lived_from; unseen < day; ++unseen) (void)life.live_unseen();
      resident.writer.introduce(day, out);
    }
    resident.watch.before(day, life, made.sums);
    const PlatformDay lived = life.live_day();
    resident.watch.after(day, lived, made.sums);
    resident.writer.write(day, life.nature, lived, out);
  }

  [[nodiscard]] Status fill(std::uint32_t file, MadeFile& made) const {
    std::vector<Resident> residents = residents_of(file);
    FileDisturber disturber(disturbance_, options_.platform.end, made.counts);
    std::vector<Event> block;
    const auto write = [&]() -> Status {
      disturber.disturb(block);
      if (block.empty()) return {};
      for (const Event& event : block) made.hash.add(event);
      return sink_.events(file, block);
    };
    for (std::int64_t day = world_.first_day(); day < world_.end_day(); ++day) {
      block.clear();
      for (Resident& resident : residents) live(resident, day, made, block);
      sort_by_time(block);
      TRY(write());
    }
    block.clear();
    TRY(write());
    for (const Resident& resident : residents) {
      made.truth.push_back(truth_of(resident));
      made.sums.events += double(resident.writer.events());
      made.sums.paid += resident.writer.paid();
    }
    return sink_.end_file(file);
  }

  const PlatformWorld& world_;
  const PlatformGenerateOptions& options_;
  const DisturbanceOptions& disturbance_;
  PlatformSink& sink_;
};

std::uint32_t windows_of(const PlatformOptions& options) {
  return options.days < kChurnDays ? 0 : (options.days - kChurnDays) / kScoreDays + 1;
}

void add(SentCounts& all, const SentCounts& more) {
  all.sent += more.sent;
  all.late += more.late;
  all.duplicates += more.duplicates;
  for (std::size_t i = 0; i < kMalformations; ++i) all.malformed[i] += more.malformed[i];
}

void add_truth(RowHash& hash, const PlatformTruth& t) {
  hash.add(fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", t.customer.str(),
                       millis(t.joined), t.gender, t.age_band, t.region, name_of(t.stage),
                       t.premium, t.events));
}

std::string manifest_of(const PlatformOptions& o, const PlatformSummary& summary,
                        const std::vector<RowHash>& files, const RowHash& truth) {
  std::string json = fmt::format(
      "{{\n  \"pack\": \"engagement\",\n  \"version\": \"{}\",\n  \"customers\": {},\n  \"days\": "
      "{},\n  \"start\": \"{}\",\n  \"end\": \"{}\",\n  \"seed\": {},\n  \"events\": {},\n  "
      "\"late\": {},\n  \"duplicates\": {},\n  \"malformed\": {{",
      TIDELINE_VERSION, o.customers, o.days, format_time(o.end - o.days * kDay),
      format_time(o.end), o.seed, summary.events, summary.counts.late, summary.counts.duplicates);
  for (std::size_t i = 0; i < kMalformations; ++i) {
    json += fmt::format("{}\"{}\": {}", i == 0 ? "" : ", ", name_of(static_cast<Malformation>(i)),
                        summary.counts.malformed[i]);
  }
  json += "},\n  \"figures\": [";
  const auto lines = figure_lines(o, summary.figures);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const FigureLine& line = lines[i];
    json += fmt::format(
        "{}\n    {{\"name\": \"{}\", \"value\": {:.6f}, \"target\": {}, "
        "\"definition\": \"{}\"}}",
        i == 0 ? "" : ",", line.name, line.value,
        line.target ? fmt::format("{}", *line.target) : "null", line.definition);
  }
  const PlatformLevels& l = summary.levels;
  json += fmt::format(
      "\n  ],\n  \"levels\": {{\"return_a_day\": {}, \"level\": {}, \"spread\": {}, \"payers\": "
      "{}, \"price\": {}}},\n  \"files\": [",
      l.return_a_day, l.level, l.spread, l.payers, l.price);
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    json += fmt::format("{}\n    {{\"name\": \"{}\", \"rows\": {}, \"hash\": \"{}\"}}",
                        i == 0 ? "" : ",", events_file_name(i), files[i].rows(), files[i].hex());
  }
  return json + fmt::format("\n  ],\n  \"truth\": {{\"rows\": {}, \"hash\": \"{}\"}}\n}}\n",
                            truth.rows(), truth.hex());
}

}  // namespace

std::vector<FigureLine> figure_lines(const PlatformOptions& options, const PlatformFigures& f) {
  const PlatformTargets& t = options.targets;
  const std::optional<double> none;
  std::vector<FigureLine> lines = {
      {"engagement", "mean engagement score over 28 days of the customers who came in them",
       t.engagement, f.engagement},
      {"high_share", "share of these scores above 0.6", t.high_share, f.high_share},
      {"churn_30d", "share of registered customers, dormant ones too, who do not come for 30 days",
       t.churn, f.churn},
      {"premium", "share of registered customers with premium", t.premium, f.premium},
      {"revenue", "USD paid a registered customer and 365 days", t.revenue, f.revenue},
      {"active_a_day", "share of registered customers who come on a day", none, f.active_a_day},
      {"events_a_day", "events a registered customer and day", none, f.events_a_day},
      {"engagement_of_all", "mean engagement score of all registered customers", none,
       f.engagement_of_all},
      {"noise_ceiling",
       "R2 of the engagement score that nobody can beat who knows the hidden state before, over "
       "all registered customers",
       none, f.noise_ceiling},
      {"churn_gap", "churn of women less churn of men",
       options.planted_gap > 0 ? std::optional(options.planted_gap) : none, f.churn_gap}};
  return lines;
}

Result<PlatformSummary> generate_platform(const PlatformGenerateOptions& options,
                                          PlatformSink& sink) {
  TRY(check(options.platform));
  TRY(check(options.disturbance));
  if (options.customers_per_file < 1 || options.customers_per_file > kMostCustomersPerFile)
    return fail(ErrorCode::invalid, "customers per file must be 1 to 1000000");
  PlatformSummary summary;
  summary.customers = options.platform.customers;
  TRY_ASSIGN(summary.levels,
             solve_levels(options.platform.targets, options.solve_with, options.threads));
  const PlatformWorld world(options.platform, summary.levels);
  DisturbanceOptions disturbance = options.disturbance;
  disturbance.seed = options.platform.seed;
  const FileRun run(world, options, disturbance, sink);
  summary.files =
      (summary.customers + options.customers_per_file - 1) / options.customers_per_file;
  std::vector<RowHash> hashes;
  RowHash truth;
  PlatformSums sums;
  const auto lanes = static_cast<std::uint32_t>(std::max(1, options.threads));
  for (std::uint32_t first = 0; first < summary.files; first += lanes) {
    std::vector<MadeFile> made(std::min(lanes, summary.files - first));
    {
      std::vector<std::jthread> threads;
      for (std::uint32_t i = 1; i < made.size(); ++i)
        threads.emplace_back([&, i] { made[i] = run.make(first + i); });
      made[0] = run.make(first);
    }
    for (MadeFile& file : made) {
      TRY(file.status);
      for (const PlatformTruth& of : file.truth) add_truth(truth, of);
      TRY(sink.truth(file.truth));
      add(summary.counts, file.counts);
      sums += file.sums;
      summary.events += file.hash.rows();
      hashes.push_back(std::move(file.hash));
    }
  }
  sums.windows = windows_of(options.platform);
  summary.figures = sums.figures();
  TRY(sink.manifest(manifest_of(options.platform, summary, hashes, truth)));
  return summary;
}

}  // namespace tideline
