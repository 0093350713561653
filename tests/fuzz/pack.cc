// Pack files: read or refused in words that name the place; a pack that was read is whole and
// computes.
#include "packs/pack.h"

#include <cmath>

#include "base/check.h"
#include "features/compute.h"
#include "harness.h"
#include "packs/program.h"

namespace tideline::fuzz {
namespace {

constexpr std::size_t kBytesMax = 16 * 1024;  // longer ones only cost time

void check_names(const Pack& pack) {
  for (const EventSpec& event : pack.events()) CHECK(pack.find_event(event.name) != nullptr);
  for (const FieldSpec& trait : pack.traits()) CHECK(pack.find_trait(trait.name) != nullptr);
  for (std::size_t i = 0; i < pack.features().size(); ++i) {
    CHECK(pack.feature_index(pack.features()[i].name) == i);
  }
  for (std::size_t i = 0; i < pack.tasks().size(); ++i) {
    const TaskSpec& task = pack.tasks()[i];
    CHECK(pack.task_index(task.name) == i);
    CHECK(task.not_below.empty() || pack.task_index(task.not_below));
  }
  CHECK(pack.tier_margins().size() == pack.tasks().size());
}

// Features of a customer with one of each event; numbers are numbers or missing.
void check_computes(const Pack& pack) {
  const Time now = time_from_millis(1'750'000'000'000);
  CustomerState state;
  std::vector<Observation> observations;
  for (const EventSpec& event : pack.events()) {
    Observation seen;
    seen.time = now - Duration(std::chrono::hours(24 * event.index));
    seen.event = event.index;
    observations.push_back(std::move(seen));
  }
  state.apply(pack, observations);
  const std::string encoded = state.encode(pack);
  const auto again = CustomerState::decode(pack, encoded);
  CHECK(again && again->encode(pack) == encoded);
  const FeatureVector vector = compute_features(pack, state, now);
  CHECK(vector.values.size() == pack.features().size());
  for (const double value : vector.values) CHECK(std::isfinite(value) || std::isnan(value));
  CHECK(vector.coverage >= 0 && vector.coverage <= 1);
  (void)is_eligible(pack, state, now);
  (void)is_lapsed(pack, state, now);
}

}  // namespace

void pack(std::string_view bytes) {
  if (bytes.size() > kBytesMax) return;
  const auto read = Pack::parse(bytes, "some.toml");
  if (!read) {
    CHECK(read.error().code == ErrorCode::invalid);
    CHECK(read.error().message.starts_with("some.toml"));
    CHECK(read.error().message.size() < 4 * kBytesMax);
    return;
  }
  check_names(**read);
  check_computes(**read);
  const auto again = Pack::parse(bytes, "other.toml");
  CHECK(again && (*again)->feature_hash() == (*read)->feature_hash());
}

}  // namespace tideline::fuzz
