// Training of a model for all of a pack's tasks on made-up snapshots, as `tideline model train`
// does it: every family judged by time, champions fitted to all rows, calibrated, written.
//
//     training_bench [ROWS] [THREADS] [ROUNDS]    every round must give the same bytes
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "adapters/xgboost/xgboost_trainer.h"
#include "base/hash.h"
#include "base/rng.h"
#include "bench/measure.h"
#include "learning/train.h"

namespace tideline {
namespace {

std::shared_ptr<const Pack> marketplace() {
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/packs/marketplace/pack.toml");
  std::stringstream text;
  text << file.rdbuf();
  auto pack = Pack::parse(text.str(), "pack.toml");
  return pack ? *pack : nullptr;
}

// Customers seen every two weeks for a year; features of several shapes, a third of them sometimes
// missing; labels that hang on a few of them, on products of two, and on luck.
SnapshotTable made_up(const Pack& pack, std::size_t rows) {
  constexpr int kDates = 26;
  Rng rng(20'261'122);
  SnapshotTable table;
  const Time begin = time_from_millis(1'700'006'400'000);
  table.now = begin + 600 * kDay;
  const std::size_t width = pack.features().size();
  for (std::size_t r = 0; r < rows; ++r) {
    Snapshot row;
    row.customer = CustomerId("c" + std::to_string(r / kDates));
    row.fold_key = row.customer.str();
    row.as_of = begin + 14 * int(r % kDates) * kDay;
    std::vector<double> z(width);
    for (std::size_t f = 0; f < width; ++f) {
      z[f] = rng.normal();
      double x = z[f];
      if (f % 3 == 0) x = double(rng.poisson(std::exp(0.5 * z[f])));
      if (f % 3 == 1) x = std::exp(1.5 * z[f]);
      if (pack.features()[f].can_be_missing && rng.chance(0.2)) x = std::nan("");
      row.features.push_back(x);
    }
    row.days_since_qualifying = std::abs(10 * z[0]);
    const double risk = z[1] - 0.8 * z[2] + 0.7 * z[3] * z[4] + 0.5 * std::abs(z[5]) - 1.5;
    const double gone = rng.chance(1 / (1 + std::exp(-risk))) ? 1 : 0;
    for (const TaskSpec& task : pack.tasks()) {
      if (task.kind == TaskKind::probability) {
        const bool also = !task.not_below.empty() && rng.chance(0.15);
        row.labels.push_back(also ? 1 : gone);
      } else if (task.max) {
        const double share = 1 / (1 + std::exp(risk + 0.5 * rng.normal()));
        row.labels.push_back(*task.min + (*task.max - *task.min) * share);
      } else {
        row.labels.push_back(double(rng.poisson(std::exp(0.4 * z[6] - 0.3 * risk))));
      }
    }
    row.eligible = row.scorable = true;
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string bytes_of(const TrainedModel& trained) {
  std::string bytes;
  for (const auto& [name, content] : trained.files) bytes += name + content;
  return xxh3_128(bytes).hex();
}

void print_quality(const EvaluationReport& report) {
  for (const TaskReport& task : report.tasks) {
    std::fprintf(stderr, "%s: split %s, champion %s\n", task.task.c_str(),
                 std::string(name_of(task.split)).c_str(),
                 std::string(name_of(task.champion, task.kind)).c_str());
    for (const ModelScore& model : task.models) {
      std::fprintf(stderr, "    %-10s %.4f\n", model.name.c_str(),
                   model.probability ? model.probability->roc_auc : model.number->r2);
    }
  }
}

int run(std::size_t rows, int threads, int rounds) {
  const auto pack = marketplace();
  bench::require(pack != nullptr, "no pack");
  const SnapshotTable table = made_up(*pack, rows);
  const XgboostTrainer trees;
  TrainOptions options;
  options.trees = &trees;
  options.threads = threads;
  std::string hash;
  for (int round = 0; round < rounds; ++round) {
    const bench::Stopwatch watch;
    const auto trained = train(table, *pack, options);
    const bench::Elapsed elapsed = watch.elapsed();
    bench::require(trained.has_value(), trained ? "" : trained.error().message);
    const std::string bytes = bytes_of(*trained);
    bench::require(hash.empty() || hash == bytes, "a round gave other bytes");
    hash = bytes;
    bench::print_round("training", rows, elapsed);
    if (round == 0) print_quality(trained->report);
  }
  std::printf("{\"rows\":%zu,\"features\":%zu,\"tasks\":%zu,\"threads\":%d,\"hash\":\"%s\"}\n",
              rows, pack->features().size(), pack->tasks().size(), threads, hash.c_str());
  return 0;
}

}  // namespace
}  // namespace tideline

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 2;
  return tideline::run(rows, threads, argc > 3 ? std::atoi(argv[3]) : 1);
}
