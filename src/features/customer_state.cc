#include "features/customer_state.h"

#include <algorithm>

#include "features/series_input.h"
#include "features/state_parts.h"

namespace tideline {
namespace {

constexpr Time kAlways = Time::max();

// Lifetime over the folded part and the recent observations up to `until` that `counts` takes.
template <class Counts>
Lifetime with_recent(Lifetime folded, const std::vector<Observation>& recent, Time until,
                     const Counts& counts) {
  for (const Observation& observation : recent) {
    if (observation.time > until) break;
    if (is_activity(observation) && counts(observation)) folded.add(observation.time);
  }
  return folded;
}

// What an allocation takes beside its bytes.
constexpr std::size_t kAllocation = 16;

template <class Item>
std::size_t bytes_of(const std::vector<Item>& items) {
  return items.capacity() == 0 ? 0 : items.capacity() * sizeof(Item) + kAllocation;
}

template <class Cell>
std::size_t bytes_of(const std::vector<Track<Cell>>& tracks) {
  std::size_t bytes = tracks.capacity() * sizeof(Track<Cell>) + kAllocation;
  for (const Track<Cell>& track : tracks) {
    bytes += bytes_of(track.hours) + bytes_of(track.days) + bytes_of(track.ever);
  }
  return bytes;
}

template <class Cell>
void clear_all(std::vector<Track<Cell>>& tracks) {
  for (Track<Cell>& track : tracks) {
    track.hours.clear();
    track.days.clear();
    track.ever.clear();
  }
}

}  // namespace

Lifetime any_lifetime(const CustomerState::Parts& parts, Time until) {
  return with_recent(parts.any, parts.recent, until, [](const Observation&) { return true; });
}

Lifetime event_lifetime(const CustomerState::Parts& parts, std::uint16_t event, Time until) {
  const Lifetime folded = event < parts.events.size() ? parts.events[event] : Lifetime{};
  return with_recent(folded, parts.recent, until,
                     [&](const Observation& o) { return o.event == event; });
}

Lifetime qualifying_lifetime(const CustomerState::Parts& parts, Time until) {
  Lifetime all;
  for (const std::uint16_t event : parts.qualifying)
    all.merge(event_lifetime(parts, event, until));
  return all;
}

CustomerState::CustomerState() : parts_(std::make_unique<Parts>()) {}
CustomerState::~CustomerState() = default;
CustomerState::CustomerState(CustomerState&&) noexcept = default;
CustomerState& CustomerState::operator=(CustomerState&&) noexcept = default;
CustomerState::CustomerState(const CustomerState& other)
    : parts_(std::make_unique<Parts>(*other.parts_)) {}
CustomerState& CustomerState::operator=(const CustomerState& other) {
  if (this != &other) parts_ = std::make_unique<Parts>(*other.parts_);
  return *this;
}

void CustomerState::apply(const Pack& pack, std::span<const Observation> observations) {
  if (observations.empty()) return;
  Parts& parts = *parts_;
  parts.lay_out(pack);
  for (const Observation& observation : observations) {
    parts.newest = parts.has_newest ? std::max(parts.newest, observation.time) : observation.time;
    parts.has_newest = true;
  }
  const Time limit = parts.newest - kRecent;  // later ones stay as they are
  const auto first_recent =
      std::find_if(parts.recent.begin(), parts.recent.end(),
                   [&](const Observation& observation) { return observation.time > limit; });
  std::for_each(parts.recent.begin(), first_recent,
                [&](const Observation& observation) { fold(pack, parts, observation); });
  parts.recent.erase(parts.recent.begin(), first_recent);
  const std::size_t sorted = parts.recent.size();
  for (const Observation& observation : observations) {
    if (observation.time > limit) {
      parts.recent.push_back(observation);
    } else {
      fold(pack, parts, observation);
    }
  }
  const auto middle = parts.recent.begin() + static_cast<std::ptrdiff_t>(sorted);
  std::sort(middle, parts.recent.end(), comes_before);
  std::inplace_merge(parts.recent.begin(), middle, parts.recent.end(), comes_before);
  evict(pack, parts);
}

void CustomerState::clear() {
  Parts& parts = *parts_;
  parts.has_newest = false;
  parts.newest = {};
  parts.evicted_on = Parts{}.evicted_on;
  parts.foreign = 0;
  parts.any = {};
  std::fill(parts.events.begin(), parts.events.end(), Lifetime{});
  clear_all(parts.counts);
  clear_all(parts.sums);
  clear_all(parts.moments);
  clear_all(parts.extremes);
  clear_all(parts.bags);
  for (Latest& latest : parts.latest) latest.present = false;
  std::fill(parts.times.begin(), parts.times.end(), Lifetime{});
  for (auto& days : parts.days) days.clear();
  for (TraitValue& trait : parts.traits) trait.present = false;
  parts.recent.clear();
}

std::size_t CustomerState::memory_bytes() const {
  const Parts& p = *parts_;
  std::size_t bytes = sizeof(Parts) + kAllocation + bytes_of(p.events) + bytes_of(p.qualifying) +
                      bytes_of(p.counts) + bytes_of(p.sums) + bytes_of(p.moments) +
                      bytes_of(p.extremes) + bytes_of(p.bags) + bytes_of(p.latest) +
                      bytes_of(p.times) + bytes_of(p.days) + bytes_of(p.traits) +
                      bytes_of(p.recent);
  for (const auto& days : p.days) bytes += bytes_of(days);
  for (const Observation& observation : p.recent) {
    bytes += observation.message.capacity() + bytes_of(observation.fields);
  }
  return bytes;
}

std::optional<Time> CustomerState::first_event() const {
  const Lifetime any = any_lifetime(*parts_, kAlways);
  return any.count == 0 ? std::nullopt : std::optional(any.first);
}

std::optional<Time> CustomerState::last_event() const {
  const Lifetime any = any_lifetime(*parts_, kAlways);
  return any.count == 0 ? std::nullopt : std::optional(any.last);
}

std::optional<Time> CustomerState::last_qualifying() const {
  const Lifetime lifetime = qualifying_lifetime(*parts_, kAlways);
  return lifetime.count == 0 ? std::nullopt : std::optional(lifetime.last);
}

std::uint64_t CustomerState::qualifying_count() const {
  return qualifying_lifetime(*parts_, kAlways).count;
}

std::uint64_t CustomerState::event_count() const { return any_lifetime(*parts_, kAlways).count; }

std::vector<EventCounter> CustomerState::counters(const Pack& pack) const {
  std::vector<EventCounter> result;
  for (const EventSpec& event : pack.events()) {
    const Lifetime lifetime = event_lifetime(*parts_, event.index, kAlways);
    if (lifetime.count == 0) continue;
    result.push_back(EventCounter{event.name, lifetime.count, lifetime.first, lifetime.last});
  }
  return result;
}

std::uint64_t CustomerState::foreign_currency_count() const {
  std::uint64_t count = parts_->foreign;
  for (const Observation& observation : parts_->recent)
    count += observation.foreign_currency ? 1 : 0;
  return count;
}

std::optional<std::variant<double, std::string, bool>> CustomerState::trait(
    std::uint16_t trait) const {
  // The recent ones are later than all that was folded, and in order.
  for (auto observation = parts_->recent.rbegin(); observation != parts_->recent.rend();
       ++observation) {
    if (observation->type != EventType::identify) continue;
    if (const FieldValue* value = find_field(*observation, trait)) return value->value;
  }
  if (trait >= parts_->traits.size() || !parts_->traits[trait].present) return std::nullopt;
  return parts_->traits[trait].value;
}

}  // namespace tideline
