#include "pipeline/activity.h"

#include <algorithm>
#include <unordered_map>

#include "pipeline/manifest.h"
#include "pipeline/observe.h"

namespace tideline {
namespace {

// What one customer did on a day; several a day until they are settled.
struct Day {
  std::int64_t day = 0;
  double amount = 0;
};

class Gathered {
 public:
  void add(Day day) {
    days_.push_back(day);
    if (days_.size() >= next_) settle();
  }
  [[nodiscard]] CustomerActivity take() {
    settle();
    CustomerActivity activity;
    for (const Day& day : days_) {
      activity.days.push_back(day.day);
      activity.amounts.push_back(day.amount);
    }
    days_ = {};
    return activity;
  }

 private:
  // One entry a day. Events come in any order, so amounts are added up by size: the sum is the
  // same for each of them.
  void settle() {
    std::sort(days_.begin(), days_.end(), [](const Day& a, const Day& b) {
      return a.day != b.day ? a.day < b.day : a.amount < b.amount;
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < days_.size(); ++i) {
      if (kept > 0 && days_[kept - 1].day == days_[i].day) {
        days_[kept - 1].amount += days_[i].amount;
      } else {
        days_[kept++] = days_[i];
      }
    }
    days_.resize(kept);
    next_ = std::max<std::size_t>(64, 2 * kept);
  }

  std::vector<Day> days_;
  std::size_t next_ = 64;
};

double amount_of(const Pack& pack, const Observation& observation) {
  if (observation.foreign_currency) return 0;
  double amount = 0;
  for (const FieldValue& value : observation.fields) {
    if (!pack.fields()[value.field].is_money) continue;
    if (const double* number = std::get_if<double>(&value.value)) amount += *number;
  }
  return amount;
}

}  // namespace

Result<std::vector<CustomerActivity>> read_activity(StateStore& store, Lake& lake,
                                                    const Pack& pack, Time until) {
  TRY_ASSIGN(const auto files, manifest_files(store, "events"));
  std::unordered_map<std::string, Gathered> customers;
  Observer observer(pack);
  Observation observation;
  TRY(lake.scan_facts(names_of(files), std::nullopt,
                      [&](std::span<const EventFacts> block) -> Result<bool> {
                        for (const EventFacts& facts : block) {
                          if (facts.type != EventType::track || facts.event_time > until) continue;
                          const EventSpec* event = pack.find_event(facts.name);
                          if (event == nullptr || !pack.is_qualifying(event->index)) continue;
                          TRY(observe(observer, facts, observation));
                          customers[std::string(facts.customer)].add(
                              {day_index(facts.event_time), amount_of(pack, observation)});
                        }
                        return true;
                      }));
  std::vector<CustomerActivity> activity;
  activity.reserve(customers.size());
  for (auto& [customer, gathered] : customers) activity.push_back(gathered.take());
  return activity;
}

}  // namespace tideline
