#include "packs/pack.h"

#include <algorithm>

#include "packs/pack_builder.h"
#include "packs/program.h"

namespace tideline {
namespace {

template <class Specs>
auto find_by_name(const Specs& specs, std::string_view name) -> decltype(specs.data()) {
  for (const auto& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

bool marked(const std::vector<bool>& marks, std::uint16_t event) {
  return event < marks.size() && marks[event];
}

}  // namespace

Pack::Pack() : program_(std::make_unique<Program>()) {}
Pack::~Pack() = default;

Result<std::shared_ptr<const Pack>> Pack::parse(std::string_view toml, std::string_view file) {
  return PackBuilder::build(toml, file);
}

const EventSpec* Pack::find_event(std::string_view name) const {
  const auto found = std::lower_bound(
      events_by_name_.begin(), events_by_name_.end(), name,
      [&](std::uint16_t event, std::string_view wanted) { return events_[event].name < wanted; });
  if (found == events_by_name_.end() || events_[*found].name != name) return nullptr;
  return &events_[*found];
}

const FieldSpec* Pack::find_trait(std::string_view name) const {
  return find_by_name(traits_, name);
}

bool Pack::is_qualifying(std::uint16_t event) const { return marked(qualifying_, event); }
bool Pack::is_cancellation(std::uint16_t event) const { return marked(cancellation_, event); }
bool Pack::is_start(std::uint16_t event) const { return marked(start_, event); }
bool Pack::is_end(std::uint16_t event) const { return marked(end_, event); }

std::optional<std::size_t> Pack::feature_index(std::string_view name) const {
  const FeatureSpec* feature = find_by_name(features_, name);
  if (feature == nullptr) return std::nullopt;
  return feature - features_.data();
}

std::optional<std::size_t> Pack::task_index(std::string_view name) const {
  const TaskSpec* task = find_by_name(tasks_, name);
  if (task == nullptr) return std::nullopt;
  return task - tasks_.data();
}

}  // namespace tideline
