// Features of the portfolio: how each is spread over the customers, so that one customer's can be
// read against them.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>

#include "api/prediction_json.h"
#include "api/resources.h"
#include "base/hash.h"
#include "features/compute.h"

namespace tideline {
namespace {

constexpr std::size_t kSample = 400;
constexpr Duration kKeep = std::chrono::minutes(2);
constexpr std::array<std::pair<const char*, double>, 5> kShares = {
    {{"p10", 0.1}, {"p25", 0.25}, {"p50", 0.5}, {"p75", 0.75}, {"p90", 0.9}}};

// The customers whose ids have the smallest hashes: the same ones every time, whatever they do.
Result<std::vector<std::string>> sampled_customers(StateStore& state) {
  std::vector<std::pair<std::uint64_t, std::string>> heap;
  TRY(state.scan(Family::predictions, "", "", [&](std::string_view key, std::string_view) {
    const std::uint64_t hash = xxh3_128(key).low;
    if (heap.size() == kSample && hash >= heap.front().first) return true;
    heap.emplace_back(hash, std::string(key));
    std::push_heap(heap.begin(), heap.end());
    if (heap.size() > kSample) {
      std::pop_heap(heap.begin(), heap.end());
      heap.pop_back();
    }
    return true;
  }));
  std::vector<std::string> ids;
  for (auto& [hash, id] : heap) ids.push_back(std::move(id));
  return ids;
}

// One column a feature: the known values of the sample, in order.
Result<std::vector<std::vector<double>>> columns_of(const Services& services,
                                                    const std::vector<std::string>& ids) {
  TRY_ASSIGN(const auto states, services.state.get_many(Family::customers, ids));
  std::vector<std::vector<double>> columns(services.pack.features().size());
  for (const auto& bytes : states) {
    if (!bytes) continue;
    TRY_ASSIGN(const CustomerState state, CustomerState::decode(services.pack, *bytes));
    const FeatureVector row = compute_features(services.pack, state, services.folder_now());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!std::isnan(row.values[i])) columns[i].push_back(row.values[i]);
    }
  }
  for (auto& column : columns) std::sort(column.begin(), column.end());
  return columns;
}

std::string portfolio_json(const Services& services, std::size_t customers,
                           const std::vector<std::vector<double>>& columns) {
  JsonWriter json;
  json.begin_object().member("customers", customers).key("features").begin_object();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    json.key(services.pack.features()[i].name).begin_object().member("known", column.size());
    for (const auto& [name, share] : kShares) {
      const auto at = static_cast<std::size_t>(share * static_cast<double>(column.size()));
      json.member(name, column.empty() ? std::optional<double>()
                                       : column[std::min(at, column.size() - 1)]);
    }
    json.end_object();
  }
  json.end_object();
  write_as_of(json, services);
  return json.end_object().take();
}

// Kept for a while: to compute it reads every id and the states of the sample.
struct KeptPortfolio {
  std::mutex mutex;
  std::string body;
  Time made{};
};

Result<std::string> portfolio(const Services& services, KeptPortfolio& kept) {
  const std::lock_guard lock(kept.mutex);
  const Time now = services.clock.now();
  if (!kept.body.empty() && now - kept.made < kKeep && now >= kept.made) return kept.body;
  TRY_ASSIGN(const auto ids, sampled_customers(services.state));
  TRY_ASSIGN(const auto columns, columns_of(services, ids));
  kept.body = portfolio_json(services, ids.size(), columns);
  kept.made = now;
  return kept.body;
}

}  // namespace

void add_portfolio_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint endpoint;
  endpoint.path = "/api/v1/features";
  endpoint.name = "show_portfolio_features";
  endpoint.tag = "customers";
  endpoint.permission = Permission::read;
  endpoint.about =
      "How each feature is spread over the customers: quantiles of those who have it, from a "
      "fixed sample of up to 400 customers, at most 2 minutes old";
  endpoint.answers = {{"application/json", "#PortfolioFeatures"}};
  endpoint.problems = {400};
  endpoint.handler = [&services, kept = std::make_shared<KeptPortfolio>()](
                         http::Request request, http::Responder responder) {
    if (const auto known = check_parameters(request.query, {}); !known) {
      return responder(problem_of(known.error()));
    }
    answer_read(services, std::move(request), std::move(responder), Where::background,
                [&services, kept]() -> http::Response {
                  auto body = portfolio(services, *kept);
                  if (!body) return problem_of(body.error());
                  return http::json_response(*std::move(body));
                });
  };
  endpoints.push_back(std::move(endpoint));
}

}  // namespace tideline
