// Playbook: which of the pack's plays fit a customer now, what they say, and how often they may.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/action.h"
#include "packs/pack.h"

namespace tideline {

struct PlayInputs {
  std::span<const std::optional<double>> figures;  // one a task
  std::span<const double> features;                // one a feature; NaN: missing
  std::string_view tier;                           // as shown
  // What costs more to know; asked at most once, and only where a play's condition hangs on it.
  // The figures of 28 days before, one a task, and each feature's contribution to the task of
  // drivers; NaN or an empty answer: not known. Null: not known.
  std::function<std::vector<double>()> past_figures;
  std::function<std::vector<double>()> drivers;
};

struct Recommendation {
  std::size_t play = 0;  // place in Pack::plays()
  std::string say;
};

// The plays whose condition holds, the most urgent first, else in the pack's order. A condition
// that cannot be decided does not hold.
[[nodiscard]] std::vector<Recommendation> recommendations_of(const Pack& pack,
                                                             const PlayInputs& inputs);

// A play of a customer, kept between scorings.
struct PlayMark {
  std::string play;
  Time since{};      // when it was recommended
  bool open = true;  // false: its condition no longer holds; kept until the cooldown is over
  std::string say;   // as of the newest scoring; empty when closed
  bool operator==(const PlayMark&) const = default;
};

struct PlayStep {
  std::vector<PlayMark> marks;      // open ones first, the most urgent first
  std::vector<PlayMark> newcomers;  // those of marks that were recommended now
};

// An open play stays the one that it is as long as its condition holds. One that closed may come
// back when its cooldown, counted from when it was recommended, is over.
[[nodiscard]] PlayStep next_plays(const Pack& pack, std::span<const PlayMark> before,
                                  std::span<const Recommendation> holding, Time now);

// The id of the action that a mark stands for.
[[nodiscard]] std::string action_id(const CustomerId& customer, const PlayMark& mark);

// An open mark as an action of its customer. nullopt: the pack has no such play any more.
[[nodiscard]] std::optional<Action> action_of(const Pack& pack, const CustomerId& customer,
                                              const PlayMark& mark);

}  // namespace tideline
