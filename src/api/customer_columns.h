// CustomerColumns: of every customer what lists filter and sort by, in memory, so that a list of
// 100,000 customers answers in milliseconds and can be entered anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/customer_list.h"
#include "pipeline/rescorer.h"

namespace tideline {

// Thread-safe. Holds about 100 bytes and the id of a customer.
class CustomerColumns {
 public:
  // With more customers than `customers_max` it holds nothing and finds nothing.
  CustomerColumns(const Pack& pack, StateStore& state, std::size_t customers_max = 2'000'000)
      : pack_(pack), state_(state), customers_max_(customers_max) {}

  // What a Rescorer tells its listeners.
  void note(std::span<const PredictionChange> changes);

  struct Found {
    std::vector<std::string> ids;       // of one page, in order
    std::uint64_t total = 0;            // that fit the filters
    bool more = false;                  // behind this page
    std::optional<double> last_figure;  // of the last of `ids`, where they are sorted by one
  };
  // nullopt: too many customers. Reads all latest predictions the first time.
  [[nodiscard]] Result<std::optional<Found>> find(const CustomerQuery& query);

 private:
  enum class Filled : std::uint8_t { no, yes, too_many };
  using Index = std::uint32_t;

  Status fill();
  void let_go();
  void put(const Prediction& prediction);
  void sort_ids();
  [[nodiscard]] std::optional<double> figure(Index row, std::size_t task) const;
  [[nodiscard]] bool fits_filters(Index row, const CustomerQuery& query, int tier) const;
  [[nodiscard]] std::vector<Index> matches(const CustomerQuery& query) const;
  [[nodiscard]] bool before(const CustomerQuery& query, Index a, Index b) const;
  [[nodiscard]] Found page_of(const CustomerQuery& query, std::vector<Index> rows) const;

  const Pack& pack_;
  StateStore& state_;
  const std::size_t customers_max_;

  std::shared_mutex mutex_;  // guards all below
  Filled filled_ = Filled::no;
  std::vector<std::string> ids_;
  std::vector<std::uint8_t> tiers_;  // place in the pack's list; kNoTier
  std::vector<double> figures_;      // rows x tasks; NaN: missing
  std::unordered_map<std::string, Index> places_;
  std::vector<Index> by_id_;  // all rows but the newest ones, see sort_ids
};

}  // namespace tideline
