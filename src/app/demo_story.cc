#include "app/demo_story.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tideline {
namespace {

// From the best to the worst; of the marketplace, the only pack that is simulated.
constexpr std::array<std::string_view, 4> kTiers = {"thriving", "healthy", "at_risk", "churned"};
constexpr Duration kBetweenTellings = std::chrono::minutes(1);
constexpr Duration kLastScores = std::chrono::seconds(20);  // for what the last events changed

std::size_t rank_of(const std::string& tier) {
  return static_cast<std::size_t>(std::find(kTiers.begin(), kTiers.end(), tier) - kTiers.begin());
}

}  // namespace

void DemoStory::begin(const LiveTraffic& live, Time now) {
  begun_ = true;
  StoryOptions options;
  options.begins = now;
  story_ = TutorStory::plan(live.world(), live.customers(), options);
  if (!story_) return;
  tiers_before_ = tiers_now();
  next_telling_ = now + kBetweenTellings;
  tell_beginning();
}

void DemoStory::go_on(Time now, std::vector<Event>& due) {
  if (!story_) return;
  std::erase_if(due, [&](const Event& event) { return story_->replaces(event); });
  story_->take_until(now, due);
  const bool over = now >= story_->ends() + kLastScores;
  if (!over && now < next_telling_) return;
  next_telling_ += kBetweenTellings;
  tell_state(now);
  if (over) story_.reset();
}

std::map<CustomerId, std::string> DemoStory::tiers_now() const {
  std::map<CustomerId, std::string> tiers;
  for (const CustomerId& customer : story_->customers()) {
    const auto kept = engine_.rescorer().prediction_of(customer);
    if (kept && *kept && !(*kept)->prediction.tier.empty())
      tiers[customer] = (*kept)->prediction.tier;
  }
  return tiers;
}

std::string DemoStory::listed(const TierCounts& counts) const {
  std::string list;
  for (const std::string_view tier : kTiers) {
    const auto found = counts.find(std::string(tier));
    list += (list.empty() ? "" : ", ") + std::string(tier) + " " +
            std::to_string(found == counts.end() ? 0 : found->second);
  }
  return list;
}

void DemoStory::tell_beginning() const {
  TierCounts counts;
  for (const auto& [customer, tier] : tiers_before_) ++counts[tier];
  const std::string first = story_->customers().begin()->str();
  std::fprintf(
      stderr,
      "\nA story to watch: tutor %s turns bad now. Lessons are cancelled at short notice, "
      "answers come late, ratings fall,\nand within five minutes the %zu customers of %s "
      "decline: %s.\nOne of them: http://127.0.0.1:%u/api/v1/customers/%s/predictions\n\n",
      story_->tutor().c_str(), story_->customers().size(), story_->tutor().c_str(),
      listed(counts).c_str(), unsigned(port_), first.c_str());
}

void DemoStory::tell_state(Time now) {
  TierCounts counts;
  std::uint32_t worse = 0;
  for (const auto& [customer, tier] : tiers_now()) {
    ++counts[tier];
    const auto before = tiers_before_.find(customer);
    if (before != tiers_before_.end() && rank_of(tier) > rank_of(before->second)) ++worse;
  }
  const auto minutes =
      (now - story_->begins() + std::chrono::seconds(30)) / std::chrono::minutes(1);
  std::fprintf(stderr, "Tutor %s, minute %ld: %s; %u of %zu customers in a worse tier\n",
               story_->tutor().c_str(), static_cast<long>(minutes), listed(counts).c_str(), worse,
               tiers_before_.size());
}

}  // namespace tideline
