#include "learning/drift.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

#include <boost/json.hpp>

#include "base/check.h"
#include "base/hash.h"

namespace tideline {
namespace {

namespace json = boost::json;

const std::string kChecksumBefore = R"({"checksum":")";
const std::string kBodyBefore = R"(","figures":)";
constexpr std::size_t kHexDigits = 32;

// The share of a chi-square with `degrees` that lies below x: the regularised lower incomplete
// gamma function, by its power series (Abramowitz and Stegun 6.5.29), which converges everywhere.
double chi_square_below(double x, std::size_t degrees) {
  const double a = static_cast<double>(degrees) / 2, half = x / 2;
  if (half <= 0) return 0;
  double term = std::exp(a * std::log(half) - half - std::lgamma(a + 1));
  double sum = term;
  for (double n = 1; term > sum * 1e-16 && n < 10'000; ++n) {
    term *= half / (a + n);
    sum += term;
  }
  return std::min(1.0, sum);
}

std::uint64_t total(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::corrupt, std::string(kDriftFile) + " is damaged");
}

// Edges stand as text: numbers that JSON readers round would move equal values over an edge.
std::string body_of(const std::vector<DriftBins>& reference) {
  json::array figures;
  for (const DriftBins& bins : reference) {
    json::array edges;
    for (const double edge : bins.edges) {
      char text[32];
      const auto end = std::to_chars(std::begin(text), std::end(text), edge).ptr;
      edges.emplace_back(json::string(text, end));
    }
    figures.push_back(json::object{
        {"name", bins.name}, {"edges", edges}, {"counts", json::value_from(bins.counts)}});
  }
  return json::serialize(figures);
}

std::optional<DriftBins> bins_of(const json::value& value) {
  if (!value.is_object()) return std::nullopt;
  const json::object& figure = value.get_object();
  const json::value* name = figure.if_contains("name");
  const json::value* edges = figure.if_contains("edges");
  const json::value* counts = figure.if_contains("counts");
  if (name == nullptr || !name->is_string() || edges == nullptr || !edges->is_array() ||
      counts == nullptr) {
    return std::nullopt;
  }
  DriftBins bins;
  bins.name = std::string(name->get_string());
  for (const json::value& edge : edges->get_array()) {
    if (!edge.is_string()) return std::nullopt;
    const json::string& text = edge.get_string();
    double number = 0;
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, number).ptr != end || !std::isfinite(number))
      return std::nullopt;
    bins.edges.push_back(number);
  }
  auto rows = json::try_value_to<std::vector<std::uint64_t>>(*counts);
  if (!rows || rows->size() != bins.edges.size() + 2) return std::nullopt;
  if (!std::is_sorted(bins.edges.begin(), bins.edges.end())) return std::nullopt;
  bins.counts = std::move(*rows);
  return bins;
}

}  // namespace

DriftBins drift_bins(std::string name, std::vector<double> values) {
  DriftBins bins;
  bins.name = std::move(name);
  const std::vector<double> all = values;
  std::erase_if(values, [](double x) { return !std::isfinite(x); });
  std::sort(values.begin(), values.end());
  for (std::size_t i = 1; i < kDriftBins && !values.empty(); ++i) {
    const double edge = values[i * values.size() / kDriftBins];
    const bool is_new = bins.edges.empty() || edge > bins.edges.back();
    if (is_new && edge < values.back()) bins.edges.push_back(edge);
  }
  // One value alone has no decile below its greatest; it gets a bin all the same.
  if (bins.edges.empty() && !values.empty()) bins.edges.push_back(values.back());
  bins.counts = counts_in(bins, all);
  return bins;
}

std::vector<std::uint64_t> counts_in(const DriftBins& bins, std::span<const double> values) {
  std::vector<std::uint64_t> counts(bins.edges.size() + 2);
  for (const double x : values) {
    if (!std::isfinite(x)) {
      ++counts.back();
      continue;
    }
    const auto edge = std::lower_bound(bins.edges.begin(), bins.edges.end(), x);
    ++counts[static_cast<std::size_t>(edge - bins.edges.begin())];
  }
  return counts;
}

std::string_view name_of(DriftVerdict verdict) {
  switch (verdict) {
    case DriftVerdict::steady: return "steady";
    case DriftVerdict::drifted: return "drifted";
    case DriftVerdict::too_little_data: return "too_little_data";
  }
  return "too_little_data";
}

Drift drift_of(const DriftBins& reference, std::span<const std::uint64_t> counts) {
  CHECK(counts.size() == reference.counts.size());
  Drift drift;
  drift.name = reference.name;
  drift.reference_rows = total(reference.counts);
  drift.rows = total(counts);
  if (std::min(drift.reference_rows, drift.rows) < kDriftRowsMin) return drift;
  std::size_t used = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    used += reference.counts[i] + counts[i] > 0 ? 1 : 0;
  const double n = static_cast<double>(drift.reference_rows), m = static_cast<double>(drift.rows);
  const double smoothing = 0.5 * static_cast<double>(used);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (reference.counts[i] + counts[i] == 0) continue;
    const double before = (static_cast<double>(reference.counts[i]) + 0.5) / (n + smoothing);
    const double now = (static_cast<double>(counts[i]) + 0.5) / (m + smoothing);
    drift.psi += (now - before) * std::log(now / before);
  }
  const double by_chance =
      chi_square_quantile(kDriftConfidence, used > 0 ? used - 1 : 0) * (1 / n + 1 / m);
  drift.alarm_above = std::max(kDriftFloor, by_chance);
  drift.verdict = drift.psi > drift.alarm_above ? DriftVerdict::drifted : DriftVerdict::steady;
  return drift;
}

double chi_square_quantile(double p, std::size_t degrees) {
  CHECK(p > 0 && p < 1);
  if (degrees == 0) return 0;
  double low = 0, high = static_cast<double>(degrees) + 10;
  while (chi_square_below(high, degrees) < p) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-12 * high; ++i) {
    const double middle = (low + high) / 2;
    (chi_square_below(middle, degrees) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::string to_json(const std::vector<DriftBins>& reference) {
  const std::string body = body_of(reference);
  return kChecksumBefore + xxh3_128(body).hex() + kBodyBefore + body + "}";
}

Result<std::vector<DriftBins>> parse_drift(std::string_view text) {
  const std::size_t front = kChecksumBefore.size() + kHexDigits + kBodyBefore.size();
  if (text.size() <= front || !text.starts_with(kChecksumBefore) || !text.ends_with('}'))
    return damaged();
  const std::string_view body = text.substr(front, text.size() - front - 1);
  if (text.substr(0, front) != kChecksumBefore + xxh3_128(body).hex() + kBodyBefore)
    return damaged();
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  if (error || !value.is_array()) return damaged();
  std::vector<DriftBins> reference;
  for (const json::value& entry : value.get_array()) {
    auto bins = bins_of(entry);
    if (!bins) return damaged();
    reference.push_back(std::move(*bins));
  }
  return reference;
}

std::vector<DriftBins> drift_reference(const SnapshotTable& table, const Pack& pack,
                                       const Model& model) {
  std::vector<double> features, since;
  for (const Snapshot& row : table.rows) {
    if (!row.eligible || !row.scorable || (row.lapsed && !pack.score_lapsed())) continue;
    features.insert(features.end(), row.features.begin(), row.features.end());
    since.push_back(row.days_since_qualifying);
  }
  const auto figures = model.score(features, since.size(), since);
  std::vector<DriftBins> reference;
  std::vector<double> column(since.size());
  const std::size_t width = model.feature_count(), tasks = model.task_count();
  for (std::size_t f = 0; f < width; ++f) {
    for (std::size_t r = 0; r < column.size(); ++r) column[r] = features[r * width + f];
    reference.push_back(drift_bins(model.manifest().features[f], column));
  }
  for (std::size_t k = 0; k < tasks; ++k) {
    for (std::size_t r = 0; r < column.size(); ++r)
      column[r] = figures[r * tasks + k].value_or(std::nan(""));
    reference.push_back(drift_bins(model.manifest().tasks[k].name, column));
  }
  return reference;
}

}  // namespace tideline
