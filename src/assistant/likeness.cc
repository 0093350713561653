#include "assistant/likeness.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

namespace tideline {
namespace {

double env(const char* n, double d) { const char* v = std::getenv(n); return v ? atof(v) : d; }

// What of a text may tell its question, each with how much it counts.
void each_trait(const Heard& heard, const std::function<void(std::string, double)>& visit) {
  static const double W1 = env("W1", 1.3), W2 = env("W2", 0.7), WN = env("WN", 1), WNN = env("WNN", 0), WS = env("WS", 1), W3 = env("W3", 0), WC=env("WC",0.3);
  const auto& said = heard.meaning.said;
  for (const std::string& stem : said) visit(stem, W1);
  if (WC > 0) for (const std::string& stem : said) if (stem.size()>=5) {
    for (std::size_t i = 0; i + 4 <= stem.size(); ++i) visit("#" + stem.substr(i, 4), WC);
  }
  for (std::size_t i = 0; i + 1 <= said.size(); ++i) {
    visit((i > 0 ? said[i - 1] : "^") + " " + said[i], W2);
    if (W3 > 0 && i > 1) visit(said[i - 2] + " _ " + said[i], W3);
  }
  if (!said.empty()) visit(said.back() + " $", W2);
  const auto& notions = heard.meaning.notions;
  for (auto a = notions.begin(); a != notions.end(); ++a) {
    visit("=" + std::string(*a), WN);
    if (WNN > 0) for (auto b = std::next(a); b != notions.end(); ++b)
      visit("=" + std::string(*a) + "+" + std::string(*b), WNN);
  }
  for (const Notion n : heard.meaning.of_events) visit("~" + std::string(n), WN * 0.5);
  for (const auto& s : slots_said(heard)) {
    visit("!" + s, WS);
    if (WNN > 0) for (const auto n : notions) visit("=" + s + "+" + std::string(n), WNN);
  }
  visit("*", 0.5);
}

}  // namespace

std::vector<std::string> slots_said(const Heard& heard) {
  const Arguments& a = heard.arguments;
  std::vector<std::string> slots;
  if (a.customer) slots.push_back(a.other ? "@other" : "@customer");
  if (a.tier) slots.push_back(a.from_tier ? "@from_tier" : "@tier");
  if (a.event) slots.push_back("@event");
  if (a.period) slots.push_back(a.period->to_come ? "@ahead" : "@period");
  if (a.before) slots.push_back("@before");
  if (a.by) slots.push_back("@by");
  if (a.rows) slots.push_back("@rows");
  if (a.threshold) slots.push_back("@threshold");
  if (!heard.odd.empty()) slots.push_back("@odd");
  return slots;
}

Likeness::Likeness(const std::vector<Example>& examples, const std::vector<Heard>& heard) {
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> wanted;
  for (const Example& example : examples) {
    const auto [at, added] = numbers.emplace(example.question, questions_.size());
    if (added) questions_.push_back(example.question);
    wanted.push_back(at->second);
  }
  std::map<std::string, int> times;
  for (const Heard& one : heard) each_trait(one, [&](std::string name, double) { ++times[name]; });
  const int least = env("LEAST", 2);
  for (const auto& [name, n] : times)
    if (n >= least) numbers_.emplace(name, numbers_.size());
  for (std::size_t i = 0; i < heard.size(); ++i) {
    auto& times = times_[examples[i].question];
    for (const Notion notion : heard[i].meaning.notions) ++times[std::string(notion)];
    for (const std::string& slot : slots_said(heard[i])) ++times[slot];
  }
  std::vector<Traits> seen;
  for (const Heard& one : heard) seen.push_back(traits_of(one));
  learn(seen, wanted);
}

Likeness::Traits Likeness::traits_of(const Heard& heard) const {
  Traits traits;
  double squares = 0;
  each_trait(heard, [&](const std::string& name, double value) {
    const auto found = numbers_.find(name);
    if (found == numbers_.end()) return;
    squares += value * value;
    traits.push_back({found->second, static_cast<float>(value)});
  });
  static const double kPow = env("POW", 0.35);
  if (squares > 0) for (Trait& trait : traits) trait.value /= static_cast<float>(std::pow(squares, kPow));
  return traits;
}

std::vector<float> Likeness::probabilities(const Traits& traits) const {
  std::vector<float> p(questions_.size(), 0.0F);
  for (const Trait& trait : traits) {
    const float* row = &weights_[trait.number * p.size()];
    for (std::size_t k = 0; k < p.size(); ++k) p[k] += trait.value * row[k];
  }
  const float most = *std::max_element(p.begin(), p.end());
  float sum = 0;
  for (float& one : p) sum += one = std::exp(one - most);
  for (float& one : p) one /= sum;
  return p;
}

void Likeness::learn(const std::vector<Traits>& seen, const std::vector<std::size_t>& wanted) {
  weights_.assign(numbers_.size() * questions_.size(), 0.0F);
  const std::size_t n = seen.size();
  static const int epochs = env("EPOCHS", 20);
  static const double lr0 = env("LR", 1), decay = env("DECAY", 1e-4);
  std::size_t stride = 1;
  for (const std::size_t prime : {1009U, 757U, 499U, 211U}) if (n % prime) { stride = prime; break; }
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const float rate = lr0 / (1 + 0.15 * epoch);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = (i * stride + epoch) % n;
      std::vector<float> p = probabilities(seen[at]);
      p[wanted[at]] -= 1;
      for (const Trait& trait : seen[at]) {
        float* row = &weights_[trait.number * p.size()];
        for (std::size_t k = 0; k < p.size(); ++k) row[k] -= rate * (trait.value * p[k] + decay * row[k]);
      }
    }
  }
}

int Likeness::times(std::string_view question, std::string_view trait) const {
  const auto found = times_.find(question);
  if (found == times_.end()) return 0;
  const auto n = found->second.find(trait);
  return n == found->second.end() ? 0 : n->second;
}

std::vector<Likely> Likeness::of(const Heard& heard) const {
  const std::vector<float> p = probabilities(traits_of(heard));
  std::vector<Likely> likely;
  for (std::size_t k = 0; k < p.size(); ++k) likely.push_back({questions_[k], p[k]});
  std::stable_sort(likely.begin(), likely.end(),
                   [](const Likely& a, const Likely& b) { return a.probability > b.probability; });
  return likely;
}

}  // namespace tideline
