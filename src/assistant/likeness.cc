#include "assistant/likeness.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <unordered_map>
#include <utility>

namespace tideline {
namespace {

// How much a trait of each kind counts, found by leaving one writer out after the other.
constexpr float kStem = 1.3F;
constexpr float kNeighbours = 0.7F;  // two stems in a row
constexpr float kLetters = 0.5F;     // four letters in a row: "joiners" is near "joined"
constexpr float kNotion = 1;
constexpr float kNotionOfEvent = 0.5F;
constexpr float kSlot = 1;
constexpr float kAlways = 0.5F;
constexpr double kLengthPower = 0.4;  // long questions count less than their traits together

constexpr int kRounds = 10;
constexpr float kRate = 2;           // of the first round
constexpr float kRateFalls = 0.15F;  // by round
constexpr float kLearnt = 0.98F;     // probability from which an example teaches nothing
constexpr float kDecay = 1e-4F;
constexpr std::array kStrides = {1009U, 757U, 499U, 211U};  // primes

// What of a text may tell its question. Names of the kinds begin differently.
void each_trait(const Heard& heard, const std::function<void(std::string, float)>& visit) {
  const std::vector<std::string>& said = heard.meaning.said;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const std::string& stem = said[i];
    visit(stem, kStem);
    visit((i > 0 ? said[i - 1] : "^") + " " + stem, kNeighbours);
    for (std::size_t k = 0; stem.size() > 4 && k + 4 <= stem.size(); ++k)
      visit("#" + stem.substr(k, 4), kLetters);
  }
  if (!said.empty()) visit(said.back() + " $", kNeighbours);
  for (const Notion notion : heard.meaning.notions) visit("=" + std::string(notion), kNotion);
  for (const Notion notion : heard.meaning.of_events)
    visit("~" + std::string(notion), kNotionOfEvent);
  for (const std::string_view slot : slots_said(heard)) visit("!" + std::string(slot), kSlot);
  visit("*", kAlways);
}

// Rows are read in lanes: loops of a known length go several numbers at a time.
constexpr std::size_t kLanes = 16;

void add(float* __restrict to, const float* __restrict from, float times, std::size_t row) {
  for (std::size_t at = 0; at < row; at += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) to[at + k] += times * from[at + k];
}

void scale(float* row, float times, std::size_t length) {
  for (std::size_t at = 0; at < length; at += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) row[at + k] *= times;
}

}  // namespace

std::vector<std::string_view> slots_said(const Heard& heard) {
  const Arguments& a = heard.arguments;
  std::vector<std::string_view> slots;
  if (a.customer) slots.emplace_back(a.other ? "@other" : "@customer");
  if (a.tier) slots.emplace_back(a.from_tier ? "@from_tier" : "@tier");
  if (a.event) slots.emplace_back("@event");
  if (a.period) slots.emplace_back(a.period->to_come ? "@ahead" : "@period");
  if (a.before) slots.emplace_back("@before");
  if (a.by) slots.emplace_back("@by");
  if (a.rows) slots.emplace_back("@rows");
  if (a.threshold) slots.emplace_back("@threshold");
  if (!heard.odd.empty()) slots.emplace_back("@odd");
  return slots;
}

Likeness::Likeness(const std::vector<Example>& examples, const std::vector<Heard>& heard) {
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> wanted;
  std::vector<Traits> seen;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto [at, added] = numbers.emplace(examples[i].question, questions_.size());
    if (added) questions_.push_back(examples[i].question);
    wanted.push_back(at->second);
    Said& said = said_[examples[i].question];
    ++said.examples;
    for (const Notion notion : heard[i].meaning.notions) ++said.times[std::string(notion)];
    for (const std::string_view slot : slots_said(heard[i])) ++said.times[std::string(slot)];
    Traits& traits = seen.emplace_back();
    each_trait(heard[i], [&](std::string name, float value) {
      traits.push_back({numbers_.emplace(std::move(name), numbers_.size()).first->second, value});
    });
    shorten(traits);
  }
  learn(seen, wanted);
}

// Long texts count less than their traits together.
void Likeness::shorten(Traits& traits) {
  double squares = 0;
  for (const Trait& trait : traits) squares += trait.value * trait.value;
  const auto length = static_cast<float>(std::pow(squares, kLengthPower));
  for (Trait& trait : traits) trait.value /= length;
}

Likeness::Traits Likeness::traits_of(const Heard& heard) const {
  Traits traits;
  each_trait(heard, [&](const std::string& name, float value) {
    const auto found = numbers_.find(name);
    if (found != numbers_.end()) traits.push_back({found->second, value});
  });
  shorten(traits);
  return traits;
}

void Likeness::probabilities(const Traits& traits, std::vector<float>& p) const {
  p.assign(row_, 0.0F);
  for (const Trait& trait : traits)
    add(p.data(), &weights_[trait.number * row_], trait.value, row_);
  p.resize(questions_.size());
  const float most = *std::max_element(p.begin(), p.end());
  float sum = 0;
  for (float& one : p) sum += one = std::exp(one - most);
  for (float& one : p) one /= sum;
  p.resize(row_, 0.0F);
}

// Stochastic descent of the cross entropy, with a little decay of weights. The examples come far
// apart from those of the same question: by a stride that has no divisor in common with their
// number.
void Likeness::learn(const std::vector<Traits>& seen, const std::vector<std::size_t>& wanted) {
  row_ = (questions_.size() + kLanes - 1) / kLanes * kLanes;
  weights_.assign(numbers_.size() * row_, 0.0F);
  std::vector<float> p;
  const std::size_t n = seen.size();
  const auto stride =
      std::find_if(kStrides.begin(), kStrides.end(), [&](unsigned s) { return n % s != 0; });
  for (int round = 0; round < kRounds; ++round) {
    const float rate = kRate / (1 + kRateFalls * static_cast<float>(round));
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = (i * *stride + static_cast<std::size_t>(round)) % n;
      probabilities(seen[at], p);
      if (p[wanted[at]] > kLearnt) continue;
      p[wanted[at]] -= 1;
      for (const Trait& trait : seen[at]) {
        float* row = &weights_[trait.number * row_];
        scale(row, 1 - rate * kDecay, row_);
        add(row, p.data(), -rate * trait.value, row_);
      }
    }
  }
}

double Likeness::share(std::string_view question, std::string_view notion_or_slot) const {
  const auto said = said_.find(question);
  if (said == said_.end()) return 0;
  const auto times = said->second.times.find(notion_or_slot);
  return times == said->second.times.end()
             ? 0
             : static_cast<double>(times->second) / said->second.examples;
}

std::vector<Likely> Likeness::of(const Heard& heard) const {
  if (questions_.empty()) return {};
  std::vector<float> p;
  probabilities(traits_of(heard), p);
  std::vector<Likely> likely;
  for (std::size_t k = 0; k < questions_.size(); ++k) likely.push_back({questions_[k], p[k]});
  std::stable_sort(likely.begin(), likely.end(),
                   [](const Likely& a, const Likely& b) { return a.probability > b.probability; });
  return likely;
}

}  // namespace tideline
