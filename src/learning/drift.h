// Drift: whether what a model meets now still looks like what it was trained on.
//
// Each feature and figure is cut into bins of about equal mass on the reference, with one bin more
// for what is missing; PSI compares the shares then and now. Without drift PSI is about
// (1/N + 1/M) times a chi-square with B - 1 degrees of freedom (Yurdakul, 2018), so the alarm
// stands above max(0.1, that distribution's 0.999 quantile): small samples raise none by chance.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "learning/snapshot.h"
#include "scoring/model.h"

namespace tideline {

inline constexpr std::size_t kDriftRowsMin = 400;
inline constexpr std::size_t kDriftBins = 10;  // of present values; fewer where they repeat
inline constexpr double kDriftFloor = 0.1;
inline constexpr double kDriftConfidence = 0.999;

// One feature's or figure's bins: bin i holds values up to and including edges[i], the last but
// one those beyond all edges, the last what is missing.
struct DriftBins {
  std::string name;
  std::vector<double> edges;          // ascending
  std::vector<std::uint64_t> counts;  // edges.size() + 2
};

// Cuts at the deciles of the present (finite) values.
[[nodiscard]] DriftBins drift_bins(std::string name, std::vector<double> values);
// Counts of other values in the same bins; NaN and infinities count as missing.
[[nodiscard]] std::vector<std::uint64_t> counts_in(const DriftBins& bins,
                                                   std::span<const double> values);

enum class DriftVerdict : std::uint8_t { steady, drifted, too_little_data };
// "steady", "drifted", "too_little_data"
[[nodiscard]] std::string_view name_of(DriftVerdict verdict);

struct Drift {
  std::string name;
  double psi = 0;
  double alarm_above = 0;
  std::uint64_t reference_rows = 0;
  std::uint64_t rows = 0;
  DriftVerdict verdict = DriftVerdict::too_little_data;
};

// `counts` as counts_in() gives them. Half a row is added to each bin, so that an empty one is no
// infinity. Bins that are empty on both sides take no part.
[[nodiscard]] Drift drift_of(const DriftBins& reference, std::span<const std::uint64_t> counts);

// The quantile of a chi-square distribution, 0 < p < 1; 0 without degrees of freedom.
[[nodiscard]] double chi_square_quantile(double p, std::size_t degrees);

// What a model was trained on, kept beside it as drift.json. Deterministic text with a checksum.
inline constexpr std::string_view kDriftFile = "drift.json";
[[nodiscard]] std::string to_json(const std::vector<DriftBins>& reference);
// corrupt when the text is not what to_json() wrote.
[[nodiscard]] Result<std::vector<DriftBins>> parse_drift(std::string_view json);

// The bins of every feature and then every figure of the model, over the rows of the table that
// would have been scored.
[[nodiscard]] std::vector<DriftBins> drift_reference(const SnapshotTable& table, const Pack& pack,
                                                     const Model& model);

}  // namespace tideline
