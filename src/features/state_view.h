// StateView: a customer's state as of a time, and the aggregates of it. Whoever asks for several
// things of one customer and time makes one view and asks that.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "features/customer_state.h"
#include "features/window.h"
#include "packs/program.h"

namespace tideline {

struct Lifetime;
template <class Cell>
struct Track;

class StateView {
 public:
  // `pack` and `state` must outlive the view. Recent observations later than `as_of` are not seen.
  StateView(const Pack& pack, const CustomerState& state, Time as_of);
  ~StateView();

  [[nodiscard]] const Pack& pack() const { return pack_; }
  [[nodiscard]] const CustomerState& state() const { return state_; }
  [[nodiscard]] Time as_of() const { return as_of_; }

  // Value of one aggregate over a series; NaN: missing.
  [[nodiscard]] double value(const Aggregate& call, const Series& series) const;
  // The trait's number, a boolean as 0 or 1; NaN: never sent, or a text.
  [[nodiscard]] double trait(std::uint16_t trait) const;
  [[nodiscard]] Lifetime lifetime_of(const Series& series) const;

 private:
  template <class Cell, class Visit>
  void visit(std::vector<Track<Cell>> CustomerState::Parts::*tracks, std::uint16_t slot,
             const Aggregate& call, const Visit& visit) const;
  [[nodiscard]] TileRange range_of(const Aggregate& call) const;
  [[nodiscard]] double count(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double sums(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double moments(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double extremes(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double bag(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double day_figures(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double blocks(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double last(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double since(const Aggregate& call, const Series& series) const;

  const Pack& pack_;
  const CustomerState& state_;
  Time as_of_;
  // The folded state, and the recent observations up to as_of folded by themselves; either may be
  // absent.
  std::unique_ptr<CustomerState::Parts> scratch_;
  std::array<const CustomerState::Parts*, 2> layers_{};
  std::size_t layer_count_ = 0;
};

}  // namespace tideline
