// All customers of a state scored again, as the scheduled scoring does it: states read, features,
// figures, tiers, plays, and the latest predictions written.
//
//   rescore_bench STATE_FOLDER MODELS_FOLDER ROUNDS    a state that room_bench filled
//
// The first scoring, which has no prediction before it and keeps a row of history for everybody,
// is printed apart from those that follow it 5 minutes later each.
#include <thread>

#include "adapters/model_files/model_files.h"
#include "adapters/rocksdb/rocksdb_store.h"
#include "bench/measure.h"
#include "bench/pack_files.h"
#include "pipeline/rescorer.h"

namespace tideline::bench {
namespace {

const Time kEnd = *parse_time("2026-01-01T00:00:00Z");  // of the events of room_bench

template <class T>
T taken(Result<T> result) {
  require(result.has_value(), result ? "" : result.error().message);
  return std::move(*result);
}

std::shared_ptr<const Model> newest_model(const std::string& folder, const Pack& pack) {
  PosixFileSystem files;
  const auto store = taken(ModelFilesStore::open({folder, &files}));
  const auto keys = taken(store->list());
  require(!keys.empty(), "no model in " + folder);
  const auto bytes = taken(store->load(keys.back()));
  return std::make_shared<const Model>(taken(Model::parse(bytes, pack.feature_hash())));
}

void run(const std::string& state, const std::string& models, int rounds) {
  const auto pack = marketplace_pack();
  RocksDbStore::Options options;
  options.folder = state;
  const auto store = taken(RocksDbStore::open(options));
  ManualClock clock(kEnd);
  RescorerOptions scoring;
  scoring.threads = std::max(1U, std::thread::hardware_concurrency());
  Rescorer rescorer(scoring, *pack, *store, clock);
  rescorer.use_model(newest_model(models, *pack), "no_model");
  for (int round = 0; round <= rounds; ++round) {
    const Stopwatch watch;
    const std::size_t scored = taken(rescorer.score_all(true));
    const Elapsed elapsed = watch.elapsed();
    const ScoreCounts counts = rescorer.counts();
    std::uint64_t with_tier = 0;
    for (const auto& [tier, count] : counts.by_tier) with_tier += count;
    require(counts.customers == scored && with_tier * 100 >= scored * 99,
            std::to_string(with_tier) + " of " + std::to_string(scored) + " have a tier");
    const auto newest = taken(rescorer.newest(1));
    require(newest.at(0).prediction.timestamp == clock.now(), "the newest prediction is old");
    print_round(round == 0 ? "rescore_first" : "rescore", scored, elapsed);
    clock.advance(std::chrono::minutes(5));
  }
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using namespace tideline::bench;  // NOLINT: the program's own names
  require(argc == 4, "usage: rescore_bench STATE_FOLDER MODELS_FOLDER ROUNDS");
  run(argv[1], argv[2], std::atoi(argv[3]));
}
