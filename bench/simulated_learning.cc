// How well the network learns a simulated marketplace whose truth is known: beside the same
// network trained on ten times the customers, and beside the true probabilities. Judged on
// customers and weeks that no training saw. Also: a planted leak and planted copies must be
// noticed.
//
//     simulated_learning [CUSTOMERS] [BOUND_ROWS] [REPLICAS]    one line of JSON
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/rng.h"
#include "bench/measure.h"
#include "learning/curves.h"
#include "learning/evaluation_run.h"
#include "learning/jobs.h"
#include "pipeline/observe.h"
#include "pipeline/snapshots.h"
#include "simulator/marketplace.h"

namespace tideline {
namespace {

using bench::require;

constexpr int kDays = 600;
constexpr int kCut = 400;  // labels that training sees are known by then
constexpr std::uint64_t kSeed = 20'261'122;

std::shared_ptr<const Pack> marketplace() {
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/packs/marketplace/pack.toml");
  std::stringstream text;
  text << file.rdbuf();
  auto pack = Pack::parse(text.str(), "pack.toml");
  require(pack.has_value(), "the pack");
  return *pack;
}

// Rows of customers [first, first + count) at `at`, labels as known at `now`.
SnapshotTable rows_of(const MarketplaceSimulator& simulator, const Pack& pack, std::uint32_t first,
                      std::uint32_t count, std::vector<Time> at, Time now, int threads) {
  SnapshotRequest request;
  request.at = std::move(at);
  request.now = now;
  std::vector<std::vector<Snapshot>> parts(count);
  run_jobs(count, threads, [&](std::size_t i) {
    std::vector<Event> events;
    Truth truth;
    simulator.simulate_customer(first + std::uint32_t(i), events, truth);
    Observer observer(pack);
    CustomerPast past;
    past.customer = simulator.customer_id(first + std::uint32_t(i));
    for (const Event& event : events) {
      if (event.event_time > now) break;
      auto observation = observe(observer, event);
      require(observation.has_value(), "an event that does not fit the pack");
      past.observations.push_back(std::move(*observation));
      past.arrivals.push_back(event.event_time);
    }
    if (!past.observations.empty()) add_snapshots(pack, request, past, parts[i]);
  });
  SnapshotTable table;
  table.now = now;
  for (auto& part : parts) {
    for (Snapshot& row : part) table.rows.push_back(std::move(row));
  }
  return table;
}

// The network as training makes it: settings by held-back customers, fit, calibration.
struct Trained {
  Network network;
  std::vector<Calibration> calibrations;
  std::size_t rows = 0;
};

Trained trained_on(const SnapshotTable& table, const Pack& pack, int threads) {
  const auto data = dataset_of(table, pack, pack.tasks(), Population::served);
  require(data.has_value(), "the rows");
  const Parts all(data->all.rows * data->all.tasks, Part::train);
  const Subset rows = subset(*data, all, Part::train, std::vector<bool>(data->tasks.size(), true));
  std::vector<std::uint64_t> groups;
  for (const std::size_t r : rows.from) groups.push_back(data->groups[r]);
  const Making making{heads_of(data->tasks), {}, kSeed, threads};
  std::vector<ForestTrouble> troubles;
  const Recipe recipe = choose(making, data->tasks, rows.rows, groups, troubles);
  Trained out;
  out.network = fit_chosen(rows.rows, making.heads, recipe.network);
  const Figures held = cross_fitted(making, rows.rows, groups, recipe);
  out.calibrations = calibrations_of(data->tasks, rows.rows.labels, held[Champion::network]);
  out.rows = rows.rows.rows;
  return out;
}

// One task's labels and figures on the rows of `data` where the label is known.
struct Judgement {
  std::vector<double> labels, p;
  std::vector<std::size_t> rows;
};

Judgement judged(const Dataset& data, const Trained& trained, std::size_t task) {
  std::vector<double> figures(data.all.rows * data.all.tasks);
  trained.network.score(data.all.block(), figures);
  calibrate(data.tasks, trained.calibrations, figures);
  Judgement out;
  for (std::size_t r = 0; r < data.all.rows; ++r) {
    if (std::isnan(data.all.label(r, task))) continue;
    out.labels.push_back(data.all.label(r, task));
    out.p.push_back(figures[r * data.all.tasks + task]);
    out.rows.push_back(r);
  }
  return out;
}

double skill_of(const Judgement& judgement) {
  const auto metrics = probability_metrics(judgement.labels, judgement.p, judgement.p);
  require(metrics.has_value(), "both classes");
  return metrics->brier_skill;
}

// Brier skill of the true probabilities and of the network on the same sample of rows. The share
// of n futures has a variance of its own, which p (1 - p) n / (n - 1) is free of.
struct Bound {
  double skill = 0;
  double network_skill = 0;
};

Bound bound_of(const MarketplaceSimulator& simulator, const Dataset& data,
               const Judgement& judgement, Duration horizon, Duration lapse, std::size_t rows,
               std::uint32_t replicas, int threads) {
  const std::size_t step = std::max<std::size_t>(1, judgement.rows.size() / rows);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < judgement.rows.size(); i += step) places.push_back(i);
  std::vector<double> truth(places.size());
  run_jobs(places.size(), threads, [&](std::size_t i) {
    const Snapshot& row = *data.snapshots[judgement.rows[places[i]]];
    const auto index =
        std::uint32_t(std::strtoul(row.customer.str().c_str() + 1, nullptr, 10)) - 1;
    const auto days_in = std::uint32_t((row.as_of - simulator.start()) / kDay);
    truth[i] = simulator.gone_probability(index, days_in, horizon, lapse, replicas).value_or(0);
  });
  double mean = 0, spread = 0, error = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double p = truth[i];
    const double own = judgement.p[places[i]];
    const double luck = p * (1 - p) * replicas / (replicas - 1.0);
    mean += p / double(places.size());
    spread += luck;
    // The expected squared error of the network against what happens.
    error += (own - p) * (own - p) - luck / replicas + luck;
  }
  const double all = mean * (1 - mean) * double(places.size());
  return {1 - spread / all, 1 - error / all};
}

bool warns(const SnapshotTable& table, const Pack& pack, const char* code, int threads) {
  EvaluationOptions options;
  options.population = Population::served;
  options.folds = FoldsBy::customer;
  options.threads = threads;
  const auto report = evaluate(table, pack, options);
  require(report.has_value(), "the evaluation");
  return std::any_of(report->tasks.begin(), report->tasks.end(), [&](const TaskReport& task) {
    return std::any_of(task.warnings.begin(), task.warnings.end(),
                       [&](const Warning& w) { return w.code == code; });
  });
}

// A feature that half knows what happened afterwards.
SnapshotTable with_leak(SnapshotTable table, const Pack& pack) {
  const std::size_t task = *pack.task_index("churn_risk_30d");
  Rng rng(kSeed);
  for (Snapshot& row : table.rows) row.features[7] = row.labels[task] + 0.2 * rng.normal();
  return table;
}

// Every tenth customer once more under another name, nearly the same.
SnapshotTable with_copies(SnapshotTable table) {
  Rng rng(kSeed);
  const std::size_t rows = table.rows.size();
  for (std::size_t r = 0; r < rows; ++r) {
    if (xxh64(table.rows[r].customer.str()) % 10 != 0) continue;
    Snapshot copy = table.rows[r];
    copy.customer = CustomerId("copy-" + copy.customer.str());
    copy.fold_key = copy.customer.str();
    for (double& x : copy.features) x *= 1 + 1e-4 * rng.normal();
    table.rows.push_back(std::move(copy));
  }
  return table;
}

std::vector<Time> every_two_weeks(Time start, int first, int last) {
  std::vector<Time> times;
  for (int d = first; d <= last; d += 14) times.push_back(start + d * kDay);
  return times;
}

int run(std::uint32_t customers, std::size_t bound_rows, std::uint32_t replicas) {
  const int threads = int(std::max(1U, std::thread::hardware_concurrency()));
  const auto pack = marketplace();
  SimulationOptions options;
  options.customers = customers * 11;  // ten parts to learn from, one to judge by
  options.days = kDays;
  options.end = *parse_time("2026-01-01T00:00:00Z");
  options.seed = kSeed;
  const auto simulator = MarketplaceSimulator::open(options);
  require(simulator.has_value(), "the simulator");
  const Time start = simulator->start();
  const auto times = every_two_weeks(start, 84, kCut - 60);
  const Time cut = start + kCut * kDay;
  const SnapshotTable few = rows_of(*simulator, *pack, 0, customers, times, cut, threads);
  const Trained small = trained_on(few, *pack, threads);
  const Trained large = trained_on(
      rows_of(*simulator, *pack, 0, customers * 10, times, cut, threads), *pack, threads);
  const SnapshotTable unseen =
      rows_of(*simulator, *pack, customers * 10, customers,
              every_two_weeks(start, kCut + 7, kDays - 60), start + kDays * kDay, threads);
  const auto data = dataset_of(unseen, *pack, pack->tasks(), Population::served);
  require(data.has_value(), "the rows");
  std::string tasks;
  for (const auto& [name, horizon] :
       {std::pair{"churn_risk_14d", 14 * kDay}, std::pair{"churn_risk_30d", 30 * kDay}}) {
    const std::size_t task = *pack->task_index(name);
    const Judgement by_small = judged(*data, small, task);
    const Judgement by_large = judged(*data, large, task);
    const double skill = skill_of(by_small);
    const double skill_large = skill_of(by_large);
    const Bound bound = bound_of(*simulator, *data, by_small, horizon, pack->lapse(), bound_rows,
                                 replicas, threads);
    char line[400];
    std::snprintf(line, sizeof line,
                  "%s\"%s\":{\"rows\":%zu,\"skill\":%.4f,\"skill_10x\":%.4f,\"ratio\":%.4f,"
                  "\"slope\":%.3f,\"slope_10x\":%.3f,\"bound_skill\":%.4f,"
                  "\"skill_beside_bound\":%.4f}",
                  tasks.empty() ? "" : ",", name, by_small.labels.size(), skill, skill_large,
                  skill / skill_large, calibration_slope(by_small.labels, by_small.p),
                  calibration_slope(by_large.labels, by_large.p), bound.skill,
                  bound.network_skill);
    tasks += line;
  }
  const auto said = [](bool b) { return b ? "true" : "false"; };
  std::printf(
      "{\"customers\":%u,\"rows\":%zu,\"rows_10x\":%zu,\"tasks\":{%s},"
      "\"leak_noticed\":%s,\"copies_noticed\":%s,\"false_leak\":%s,\"false_copies\":%s}\n",
      customers, small.rows, large.rows, tasks.c_str(),
      said(warns(with_leak(few, *pack), *pack, "leakage", threads)),
      said(warns(with_copies(few), *pack, "near_duplicates", threads)),
      said(warns(few, *pack, "leakage", threads)),
      said(warns(few, *pack, "near_duplicates", threads)));
  return 0;
}

}  // namespace
}  // namespace tideline

int main(int argc, char** argv) {
  const auto number = [&](int i, unsigned long otherwise) {
    return argc > i ? std::strtoul(argv[i], nullptr, 10) : otherwise;
  };
  return tideline::run(std::uint32_t(number(1, 2'000)), number(2, 400),
                       std::uint32_t(number(3, 200)));
}
