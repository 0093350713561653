#include "scoring/playbook.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/hash.h"
#include "packs/program.h"
#include "scoring/sentence.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

int urgency(const std::string& priority) {
  return priority == "high" ? 2 : priority == "medium" ? 1 : 0;
}

const PlaySpec* find_play(const Pack& pack, const std::string& name) {
  for (const PlaySpec& play : pack.plays()) {
    if (play.name == name) return &play;
  }
  return nullptr;
}

// The slots of a play's expressions (packs/program.h), the costly ones filled in when needed.
class Slots {
 public:
  Slots(const Pack& pack, const PlayInputs& inputs)
      : inputs_(inputs),
        past_begin_(pack.tasks().size() + pack.features().size()),
        drivers_begin_(past_begin_ + pack.tasks().size()),
        tiers_begin_(drivers_begin_ + pack.features().size()),
        values_(tiers_begin_ + pack.tiers().size(), kMissing) {
    for (std::size_t k = 0; k < inputs.figures.size(); ++k) {
      values_[k] = inputs.figures[k].value_or(kMissing);
    }
    std::copy(inputs.features.begin(), inputs.features.end(),
              values_.begin() + std::ptrdiff_t(pack.tasks().size()));
    for (std::size_t i = 0; i < pack.tiers().size(); ++i) {
      values_[tiers_begin_ + i] = pack.tiers()[i] == inputs.tier ? 1 : 0;
    }
  }

  // Asks for what is costly only where the rest leaves the expression open.
  double value_of(const Expression& expression) {
    const double value = evaluate(expression, values_);
    if (!std::isnan(value) || !fetch_for(expression)) return value;
    return evaluate(expression, values_);
  }

 private:
  // Whether anything new is known.
  bool fetch_for(const Expression& expression) {
    bool fetched = false;
    for (const Op& op : expression.code) {
      if (op.code != OpCode::slot || op.arg < past_begin_ || op.arg >= tiers_begin_) continue;
      const bool past = op.arg < drivers_begin_;
      bool& asked = past ? past_asked_ : drivers_asked_;
      const auto& source = past ? inputs_.past_figures : inputs_.drivers;
      if (asked || !source) continue;
      asked = true;
      const std::vector<double> found = source();
      const std::size_t begin = past ? past_begin_ : drivers_begin_;
      const std::size_t room = (past ? drivers_begin_ : tiers_begin_) - begin;
      if (found.size() != room) continue;
      std::copy(found.begin(), found.end(), values_.begin() + std::ptrdiff_t(begin));
      fetched = true;
    }
    return fetched;
  }

  const PlayInputs& inputs_;
  std::size_t past_begin_;
  std::size_t drivers_begin_;
  std::size_t tiers_begin_;
  std::vector<double> values_;
  bool past_asked_ = false;
  bool drivers_asked_ = false;
};

std::string said(const Pack& pack, std::size_t place, Slots& slots) {
  const PlaySpec& play = pack.plays()[place];
  const auto& numbers = pack.program().play_numbers[place];
  const auto value_of = [&](std::string_view name) {
    const auto found = std::find(play.numbers.begin(), play.numbers.end(), name);
    return slots.value_of(numbers[std::size_t(found - play.numbers.begin())]);
  };
  // As the feature of that name is written; a probability in per cent.
  const auto form_of = [&](std::string_view name) -> std::string {
    if (const auto feature = pack.feature_index(name)) return pack.features()[*feature].form;
    const auto task = pack.task_index(name);
    return task && pack.tasks()[*task].kind == TaskKind::probability ? "%" : "";
  };
  return filled_in(play.say, value_of, form_of);
}

}  // namespace

std::vector<Recommendation> recommendations_of(const Pack& pack, const PlayInputs& inputs) {
  std::vector<Recommendation> holding;
  if (pack.plays().empty()) return holding;
  Slots slots(pack, inputs);
  for (std::size_t i = 0; i < pack.plays().size(); ++i) {
    const double value = slots.value_of(pack.program().play_rules[i]);
    if (std::isnan(value) || value == 0) continue;
    holding.push_back({i, said(pack, i, slots)});
  }
  std::stable_sort(holding.begin(), holding.end(), [&](const auto& a, const auto& b) {
    return urgency(pack.plays()[a.play].priority) > urgency(pack.plays()[b.play].priority);
  });
  return holding;
}

PlayStep next_plays(const Pack& pack, std::span<const PlayMark> before,
                    std::span<const Recommendation> holding, Time now) {
  const auto find = [&](const std::string& play) {
    return std::find_if(before.begin(), before.end(),
                        [&](const PlayMark& mark) { return mark.play == play; });
  };
  PlayStep step;
  for (const Recommendation& one : holding) {
    const PlaySpec& play = pack.plays()[one.play];
    const auto mark = find(play.name);
    const bool known = mark != before.end();
    if (known && !mark->open && now - mark->since < play.cooldown) continue;  // kept closed below
    const bool stays = known && mark->open;
    step.marks.push_back({play.name, stays ? mark->since : now, true, one.say});
    if (!stays) step.newcomers.push_back(step.marks.back());
  }
  for (const PlayMark& mark : before) {
    const bool is_open = std::any_of(step.marks.begin(), step.marks.end(),
                                     [&](const auto& other) { return other.play == mark.play; });
    const PlaySpec* play = find_play(pack, mark.play);
    if (is_open || play == nullptr || now - mark.since >= play->cooldown) continue;
    step.marks.push_back({mark.play, mark.since, false, ""});
  }
  return step;
}

std::string action_id(const CustomerId& customer, const PlayMark& mark) {
  return xxh3_128(customer.str() + '\n' + mark.play + '\n' + format_time(mark.since)).hex();
}

std::optional<Action> action_of(const Pack& pack, const CustomerId& customer,
                                const PlayMark& mark) {
  const PlaySpec* play = find_play(pack, mark.play);
  if (play == nullptr) return std::nullopt;
  Action action;
  action.id = action_id(customer, mark);
  action.customer = customer;
  action.play = play->name;
  action.priority = play->priority;
  action.channel = play->channel;
  action.say = mark.say;
  action.cost = play->cost;
  action.created = mark.since;
  return action;
}

}  // namespace tideline
