// Explain: why a customer's figures are what they are, and why they changed, from the customer's
// own events.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "features/customer_state.h"
#include "packs/pack.h"
#include "ports/lake.h"
#include "scoring/drivers.h"
#include "scoring/model.h"

namespace tideline {

// A customer's state from its events in the lake: those that had happened and arrived by `t`.
[[nodiscard]] Result<CustomerState> state_of_events(const Pack& pack,
                                                    std::span<const EventRow> events, Time t);

struct Explanation {
  Contributions contributions;
  std::vector<Driver> drivers;
};

// The drivers of a task as of a time. `past` is the state of 28 days before; nullptr: not known.
// nullopt: the champion has nothing to say of this customer.
[[nodiscard]] std::optional<Explanation> explain(const Pack& pack, const Model& model,
                                                 std::size_t task, const CustomerState& state,
                                                 const CustomerState* past, Time as_of);

// How a task's figure came from one to another. The five parts add up to `to` - `from`.
struct FigureChange {
  double from = 0;
  double to = 0;
  double behaviour = 0;      // what the customer did since
  double ageing = 0;         // what moved out of the windows, had nothing happened since
  double model_version = 0;  // another model judges
  double settings = 0;       // another pack or other settings than when it was shown
  double override_ = 0;      // a figure set by hand
};

// Why a customer stands in another tier than before.
enum class TierCause : std::uint8_t {
  none,        // it does not
  figures,     // the rules of then would have said the same of the figures of now
  settings,    // other rules say so of the figures of then
  both,        // neither alone
  persistence  // neither: it was held for a while over a border, or has just been let go
};
[[nodiscard]] std::string_view name_of(TierCause cause);

struct TierEnd {
  std::string tier;  // as shown
  std::span<const std::optional<double>> figures;
  std::span<const double> features;
  const Pack* rules = nullptr;  // the pack with the rules that were in force
};
[[nodiscard]] TierCause tier_cause(const TierEnd& from, const TierEnd& to);

// One end of a change: what was shown, and what it was computed from.
struct ChangeEnd {
  Time as_of{};
  const Model* model = nullptr;
  const CustomerState* state = nullptr;          // known at as_of
  std::span<const std::optional<double>> shown;  // one a task
};

// One a task; nullopt where either end shows no figure or a model has none.
[[nodiscard]] std::vector<std::optional<FigureChange>> changes_between(const Pack& pack,
                                                                       const ChangeEnd& from,
                                                                       const ChangeEnd& to);

}  // namespace tideline
