#include "assistant/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"

namespace tideline {
namespace {

constexpr double kLeast = 0.45;        // a reading with less says too little
constexpr double kMargin = 0.12;       // two readings nearer than that are asked back
constexpr double kUnheard = 0.8;       // what a notion that the question has no place for costs
constexpr double kHardlySays = 0.35;   // notions of this weight and less cost nothing
constexpr double kSaysMuch = 0.7;      // from here on one without a place rules the question out
constexpr double kMayCount = 0.7;      // what may be said counts so much of what must be
constexpr double kAskedFor = 0.2;      // a slot that the pattern asks for, beside its weight
constexpr double kInOtherWords = 0.4;  // an event that the question tells of without taking it
constexpr std::size_t kNearMost = 3;

// Probabilities by likeness, and shares of a question's examples; found by leaving one writer out
// after the other, a wrong answer counting as much as ten questions back.
constexpr double kLikely = 0.6;  // where no pattern says anything
constexpr double kAlone = 0.5;   // and no other question is near
constexpr double kFarAbove = 4;  // times as probable as the next one
constexpr double kManyUnknown = 0.55;
constexpr double kStrange = 0.7;  // with what the question is not asked with
constexpr double kTurnedRound = 0.5;
constexpr double kOfStranger = 0.97;  // with a name that nobody knows
constexpr double kNever = 2;
constexpr double kLead = 0.1;  // before the next one
constexpr double kNear = 0.35;
constexpr double kSure = 0.7;
constexpr double kWorthAsking = 0.1;
constexpr double kSaidBeside = 0.03;
constexpr double kTellsTiers = 0.3;
constexpr double kSaidAtAll = 0.01;
// What likeness needs beside a pattern.
struct BesidePattern {
  double agreed;    // where the pattern says the same
  double against;   // where it says something else
  double strange;   // and there is what the question is not asked with
  double no_place;  // or what it has no place for
};
// A pattern that explains much of a short text; another one may have seen a part of what was said.
constexpr BesidePattern kOfWhole{0.1, kNever, kNever, 0.8};
constexpr BesidePattern kOfPart{0.4, 0.5, 0.6, 0.8};
constexpr std::size_t kShortMost = 8;  // words
constexpr std::size_t kShortestMost = 2;
constexpr double kExplainsMuch = 1.35;  // a pattern's score
constexpr double kSaidTurned = 0.08;
constexpr double kSaidOften = 0.15;

// "Now" of the examples, for periods in words.
constexpr Time kTimeOfExamples =
    Time(std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / 15)) + 10 * kHour;

constexpr std::pair<Slot, std::string_view> kSlots[] = {
    {Slot::customer, "@customer"},   {Slot::other, "@other"}, {Slot::tier, "@tier"},
    {Slot::from_tier, "@from_tier"}, {Slot::event, "@event"}, {Slot::period, "@period"},
    {Slot::before, "@before"},       {Slot::by, "@by"},       {Slot::rows, "@rows"},
    {Slot::threshold, "@threshold"}};

std::optional<Slot> slot_of(std::string_view name) {
  for (const auto& [slot, written] : kSlots)
    if (written == name) return slot;
  return std::nullopt;
}

double weight_of(Slot slot) {
  switch (slot) {
    case Slot::customer:
    case Slot::other:
    case Slot::event: return 1.5;
    case Slot::tier:
    case Slot::from_tier:
    case Slot::threshold: return 1;
    case Slot::period:
    case Slot::before: return 0.6;
    case Slot::by: return 0.7;
    case Slot::rows: return 0.3;
  }
  return 0;
}

bool takes(const Question& question, Slot slot) {
  return std::find(question.takes.begin(), question.takes.end(), slot) != question.takes.end();
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool is_today(const Period& period) { return period.words.starts_with("today"); }

// Whether the question has a place for what was said in a slot.
bool has_place(const Question& question, Slot slot, const Heard& heard) {
  if (takes(question, slot)) {
    return slot != Slot::period || !heard.arguments.period->to_come;
  }
  if (slot == Slot::event) {
    // The event's words are read as notions instead: "failed payments".
    return heard.arguments.event == question.of_event;
  }
  if (slot == Slot::period) {
    const Period& period = *heard.arguments.period;
    if (period.to_come) {
      const double ahead = days(period.to - period.from);
      return question.ahead_days > 0 && ahead > question.ahead_days * 0.9 &&
             ahead < question.ahead_days * 1.1;
    }
    return is_today(period) && (question.stands_now || question.sql.empty());
  }
  return false;
}

std::string listed(const std::vector<const Question*>& questions) {
  std::string text;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    text += i == 0 ? "" : i + 1 == questions.size() ? " or " : ", ";
    text += questions[i]->about;
  }
  return text;
}

}  // namespace

Grammar::Grammar(const Pack& pack, const Catalogue& catalogue, const std::vector<Example>& learnt)
    : catalogue_(catalogue), vocabulary_(pack) {
  std::vector<std::string> texts;
  for (const Example& example : learnt) texts.push_back(text_for(pack, example));
  vocabulary_.learn(texts);
  std::vector<Heard> heard;
  for (const std::string& text : texts) heard.push_back(hear(text, kTimeOfExamples, vocabulary_));
  likeness_.emplace(learnt, heard);
  for (const Question& question : catalogue.questions()) {
    for (const std::string& written : question.patterns) {
      Pattern pattern{&question, {}};
      for (std::string part : split(written, ' ')) {
        Need need;
        need.may = part.front() == '?';
        need.not_there = part.front() == '-';
        if (need.may || need.not_there) part.erase(0, 1);
        need.any = split(part, '|');
        pattern.needs.push_back(std::move(need));
      }
      patterns_.push_back(std::move(pattern));
    }
  }
}

std::optional<double> Grammar::score(const Pattern& pattern, const Heard& heard) const {
  const Question& question = *pattern.question;
  const auto is_said = [&](const std::string& notion) {
    if (const auto slot = slot_of(notion)) return heard.arguments.has(*slot);
    return heard.meaning.notions.contains(notion) ||
           (!takes(question, Slot::event) && heard.meaning.of_events.contains(notion));
  };
  double score = 0;
  std::set<std::string_view> placed;
  for (const Need& need : pattern.needs) {
    bool any = false;
    for (const std::string& notion : need.any) {
      if (!is_said(notion)) continue;
      any = true;
      if (!placed.insert(notion).second) continue;
      if (slot_of(notion)) {
        score += need.may ? 0 : kAskedFor;
      } else {
        score += Vocabulary::weight(notion) * (need.may ? kMayCount : 1);
      }
    }
    if (need.not_there ? any : !any && !need.may) return std::nullopt;
  }
  for (const Slot slot : question.needs)
    if (!heard.arguments.has(slot)) return std::nullopt;
  for (const auto& [slot, name] : kSlots) {
    if (!heard.arguments.has(slot)) continue;
    if (!has_place(question, slot, heard)) return std::nullopt;
    score += takes(question, slot) || slot != Slot::event ? weight_of(slot) : kInOtherWords;
  }
  for (const Notion notion : heard.meaning.notions) {
    const double weight = Vocabulary::weight(notion);
    if (weight <= kHardlySays || placed.contains(notion)) continue;
    if (weight >= kSaysMuch) return std::nullopt;
    score -= kUnheard * weight;
  }
  return score;
}

// How much of a pattern was said, for questions to suggest.
double Grammar::partly(const Pattern& pattern, const Heard& heard) const {
  double said = 0;
  double wanted = 0;
  for (const Need& need : pattern.needs) {
    if (need.not_there) continue;
    double best = 0;
    bool any = false;
    for (const std::string& notion : need.any) {
      const auto slot = slot_of(notion);
      best = std::max(best, slot ? weight_of(*slot) : Vocabulary::weight(notion));
      any = any || (slot ? heard.arguments.has(*slot) : heard.meaning.notions.contains(notion));
    }
    if (any) said += best;
    if (!need.may) wanted += best;
  }
  return wanted > 0 ? said / (wanted + 0.5) : 0;
}

std::vector<Grammar::Candidate> Grammar::candidates(const Heard& heard) const {
  std::vector<Candidate> found;
  for (const Pattern& pattern : patterns_) {
    const auto value = score(pattern, heard);
    if (!value || *value < kLeast) continue;
    const auto same = std::find_if(found.begin(), found.end(), [&](const Candidate& c) {
      return c.question == pattern.question;
    });
    if (same == found.end()) {
      found.push_back({pattern.question, *value});
    } else {
      same->score = std::max(same->score, *value);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  return found;
}

std::vector<const Question*> Grammar::suggestions(const Heard& heard) const {
  std::vector<Candidate> found;
  for (const Pattern& pattern : patterns_) {
    const double value = partly(pattern, heard);
    if (value < 0.2) continue;
    const auto same = std::find_if(found.begin(), found.end(), [&](const Candidate& c) {
      return c.question == pattern.question;
    });
    if (same != found.end()) {
      same->score = std::max(same->score, value);
    } else {
      found.push_back({pattern.question, value});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  std::vector<const Question*> questions;
  for (const Candidate& candidate : found)
    if (questions.size() < kNearMost) questions.push_back(candidate.question);
  return questions;
}

Reading Grammar::ask_back(const Heard& heard, std::vector<const Question*> near,
                          std::string why) const {
  Reading reading;
  reading.kind = Reading::Kind::ask_back;
  reading.message = std::move(why) + "Do you want to know " + listed(near) + "?";
  reading.near = std::move(near);
  reading.respelt = heard.meaning.respelt;
  return reading;
}

Reading Grammar::decline(const Heard& heard, std::string why) const {
  Reading reading;
  reading.near = suggestions(heard);
  for (const std::string_view id : {"call_first", "tiers_count", "what_changed"}) {
    const Question* question = catalogue_.find(id);
    const bool there =
        std::find(reading.near.begin(), reading.near.end(), question) != reading.near.end();
    if (question != nullptr && !there && reading.near.size() < kNearMost)
      reading.near.push_back(question);
  }
  reading.message = std::move(why) + "I can answer, for example, " + listed(reading.near) + ".";
  return reading;
}

std::optional<Grammar::Candidate> Grammar::by_pattern(const Heard& heard) const {
  if (!heard.meaning.unknown.empty() || !heard.odd.empty() || heard.commands ||
      heard.meaning.events.size() > 1)
    return std::nullopt;
  const std::vector<Candidate> found = candidates(heard);
  if (found.empty()) return std::nullopt;
  if (found.size() > 1 && found[0].score - found[1].score < kMargin) return std::nullopt;
  return found.front();
}

std::optional<Reading> Grammar::answer(const Heard& heard) const {
  const auto pattern = by_pattern(heard);
  if (!pattern) return std::nullopt;
  return told(*pattern->question, heard);
}

Reading Grammar::told(const Question& question, const Heard& heard) const {
  Reading reading;
  reading.kind = Reading::Kind::answer;
  reading.question = &question;
  reading.arguments = heard.arguments;
  Arguments& a = reading.arguments;
  if (!takes(question, Slot::event)) a.event.reset();
  if (!takes(question, Slot::period)) a.period.reset();
  if (!takes(question, Slot::tier)) a.tier.reset();
  if (!takes(question, Slot::from_tier)) a.from_tier.reset();
  if (!takes(question, Slot::by)) a.by.reset();
  if (!takes(question, Slot::rows)) a.rows.reset();
  reading.respelt = heard.meaning.respelt;
  return reading;
}

// What changes nothing of the answer: the unit of "DAU", "this month" of what stands now, a word
// that only might be an event ("on our books"), tiers by name where all of them are told.
bool Grammar::beside(const Question& question, Slot slot, const Heard& heard) const {
  switch (slot) {
    case Slot::by: return true;
    case Slot::event: return heard.meaning.hints_at_event;
    case Slot::period: {
      const Period& period = *heard.arguments.period;
      return !period.to_come && (question.any_time || period.to >= heard.now);
    }
    case Slot::tier:
    case Slot::from_tier:
      return !takes(question, Slot::tier) && heard.arguments.from_tier &&
             likeness_->share(question.id, "tier") >= kTellsTiers;
    default: return false;
  }
}

// Whether the question can be answered with what was given. What it has no place for may stand
// beside it where people say it so: "how often will they book", "open actions this week".
bool Grammar::fits(const Question& question, const Heard& heard) const {
  const Arguments& a = heard.arguments;
  for (const Slot slot : question.needs)
    if (!a.has(slot)) return false;
  for (const auto& [slot, name] : kSlots) {
    if (!a.has(slot) || slot == Slot::rows || has_place(question, slot, heard)) continue;
    if (beside(question, slot, heard)) continue;
    if (slot == Slot::customer || slot == Slot::other || slot == Slot::threshold) return false;
    const bool ahead = slot == Slot::period && a.period->to_come;
    // A period that is over is not what stands now; another one ahead is another forecast.
    if (slot == Slot::period && (ahead ? question.ahead_days > 0 : a.period->to < heard.now))
      return false;
    if (likeness_->share(question.id, ahead ? "@ahead" : name) < kSaidBeside) return false;
  }
  return true;
}

Grammar::Strange Grammar::strange(const Question& question, const Heard& heard,
                                  double often) const {
  const auto placed = [&](Notion notion) {
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
      return pattern.question == &question &&
             std::any_of(pattern.needs.begin(), pattern.needs.end(), [&](const Need& need) {
               return !need.not_there &&
                      std::find(need.any.begin(), need.any.end(), notion) != need.any.end();
             });
    });
  };
  Strange found = heard.odd.empty() || likeness_->share(question.id, "@odd") >= kSaidBeside
                      ? Strange::nothing
                      : Strange::something;
  for (const auto& [slot, name] : kSlots) {
    if (slot == Slot::rows || !heard.arguments.has(slot) || has_place(question, slot, heard))
      continue;
    if (likeness_->share(question.id, name) < kSaidBeside) found = Strange::something;
  }
  for (const Notion notion : heard.meaning.notions) {
    if (Vocabulary::weight(notion) < kSaysMuch) continue;
    const bool turns = notion == "negation" || notion == "low" || notion == "ago";
    if (likeness_->share(question.id, notion) >= std::max(often, turns ? kSaidTurned : 0.0))
      continue;
    if (placed(notion)) continue;
    if (turns) return Strange::turned_round;
    found = Strange::something;
  }
  return found;
}

std::vector<Grammar::Candidate> Grammar::likely(const Heard& heard) const {
  std::vector<Candidate> found;
  for (const Likely& one : likeness_->of(heard)) {
    const Question* question = catalogue_.find(one.question);
    if (one.question == kNothingAsked || (question != nullptr && fits(*question, heard)))
      found.push_back({question, one.probability});
  }
  return found;
}

// How probable the question must be to be answered; more than 1: never.
double Grammar::wanted(const Question& question, const Heard& heard,
                       const Candidate& pattern) const {
  if (heard.meaning.names_stranger) return kOfStranger;
  const bool whole = heard.words <= kShortMost &&
                     (pattern.score >= kExplainsMuch || heard.words <= kShortestMost);
  const BesidePattern& least = whole ? kOfWhole : kOfPart;
  if (pattern.question == &question) return least.agreed;
  if (heard.words < 2) return kNever;
  if (pattern.question != nullptr) {
    for (const auto& [slot, name] : kSlots)
      if (slot != Slot::rows && heard.arguments.has(slot) && !has_place(question, slot, heard))
        return least.no_place;
    switch (strange(question, heard, kSaidOften)) {
      case Strange::nothing: return least.against;
      case Strange::something: return least.strange;
      case Strange::turned_round: return kNever;
    }
  }
  switch (strange(question, heard, kSaidAtAll)) {
    case Strange::nothing: return heard.meaning.unknown.size() > 1 ? kManyUnknown : kLikely;
    case Strange::something: return kStrange;
    case Strange::turned_round: return kTurnedRound;
  }
  return kNever;
}

std::optional<Reading> Grammar::by_both(const Heard& heard,
                                        const std::vector<Candidate>& found) const {
  if (heard.commands || heard.meaning.events.size() > 1 || found.empty()) return std::nullopt;
  const Candidate pattern = by_pattern(heard).value_or(Candidate{});
  const Candidate& best = found.front();
  const double next = found.size() > 1 ? found[1].score : 0;
  if (best.question != nullptr) {
    const bool clear = best.question == pattern.question || best.score - next >= kLead;
    double least = wanted(*best.question, heard, pattern);
    if (least == kLikely && best.score >= kFarAbove * next) least = kAlone;
    if (clear && best.score >= least) return told(*best.question, heard);
  }
  // The pattern's reading, where likeness has it among the near ones and is sure of none.
  const bool near = std::any_of(found.begin(), found.end(), [&](const Candidate& c) {
    return c.question != nullptr && c.question == pattern.question && c.score >= kNear;
  });
  if (near && best.score < kSure) return told(*pattern.question, heard);
  return std::nullopt;
}

Reading Grammar::unsure(const Heard& heard, const std::vector<Candidate>& found) const {
  std::vector<const Question*> near;
  for (const Candidate& candidate : found)
    if (candidate.question != nullptr && candidate.score > kWorthAsking && near.size() < kNearMost)
      near.push_back(candidate.question);
  const auto& unknown = heard.meaning.unknown;
  const std::string why =
      unknown.empty() ? "" : "I do not know \"" + unknown.front() + "\" here. ";
  if (near.empty() || found.front().question == nullptr || unknown.size() * 2 > heard.words)
    return decline(heard, "I cannot answer that. " + why);
  return ask_back(heard, std::move(near), why.empty() ? "I am not sure what you mean. " : why);
}

Reading Grammar::settle(const Heard& heard) const {
  if (heard.commands)
    return decline(heard, "I only tell what is known, and change or write nothing. ");
  const auto found = likely(heard);
  if (auto reading = by_both(heard, found)) return *reading;
  if (heard.meaning.events.size() > 1) {
    std::string events;
    for (const std::string& event : heard.meaning.events)
      events += (events.empty() ? "" : ", ") + event;
    Reading reading = decline(heard, "");
    reading.kind = Reading::Kind::ask_back;
    reading.message = "Which event do you mean: " + events + "?";
    return reading;
  }
  const Arguments& a = heard.arguments;
  if (a.period && a.period->to_come)
    return decline(heard, "I cannot answer that for " + a.period->words + ". ");
  return unsure(heard, found);
}

// What was said, put into the question before, or read with what that was about.
std::optional<Reading> Grammar::follow_up(const Heard& heard, const Context& context) const {
  const Question* before = catalogue_.find(context.question);
  if (before == nullptr || !heard.meaning.unknown.empty() || !heard.odd.empty() || heard.commands)
    return std::nullopt;
  const Arguments& then = context.arguments;
  Heard merged = heard;
  Arguments& a = merged.arguments;
  // Two customers are compared, or the second takes the place of the first.
  if (heard.meaning.notions.contains("compare") && a.customer && !a.other && then.customer) {
    a.other = a.customer;
    a.customer = then.customer;
    return answer(merged);
  }
  const auto fill = [](auto& slot, const auto& from) {
    if (!slot) slot = from;
  };
  // Only what narrows it: "and in december?", "and healthy?"
  bool says_more = false;
  for (const Notion notion : heard.meaning.notions)
    says_more = says_more || Vocabulary::weight(notion) > 0.6;
  if (!says_more && heard.arguments.any()) {
    Heard same = heard;
    same.arguments.customer = a.customer ? a.customer : then.customer;
    fill(same.arguments.tier, then.tier);
    fill(same.arguments.from_tier, then.from_tier);
    fill(same.arguments.event, then.event);
    fill(same.arguments.period, then.period);
    fill(same.arguments.by, then.by);
    fill(same.arguments.threshold, then.threshold);
    bool fits = true;
    for (const auto& [slot, name] : kSlots)
      fits = fits && (!heard.arguments.has(slot) || has_place(*before, slot, heard));
    if (fits) {
      Reading reading;
      reading.kind = Reading::Kind::answer;
      reading.question = before;
      reading.arguments = same.arguments;
      reading.respelt = heard.meaning.respelt;
      return reading;
    }
  }
  // "why?", "which ones?": of the same customer, or the same tier
  fill(a.customer, then.customer);
  if (!a.customer) fill(a.tier, then.tier);
  if (a == heard.arguments) return std::nullopt;
  return answer(merged);
}

Reading Grammar::read(std::string_view text, Time now, const Context& context) const {
  const Heard heard = hear(text, now, vocabulary_);
  if (heard.words == 0) return decline(heard, "");
  if (!context.question.empty()) {
    const bool of_one = context.arguments.customer && !heard.arguments.customer;
    const bool stands_alone = answer(heard).has_value();
    const bool compares = heard.meaning.notions.contains("compare") && heard.arguments.customer;
    if (heard.goes_on || !stands_alone || (of_one && heard.words <= 4) || compares) {
      if (auto reading = follow_up(heard, context)) return *reading;
    }
    // "and the month before?" is like a question of its own, and is none.
    if (heard.goes_on && !stands_alone && !heard.commands) return unsure(heard, likely(heard));
  }
  return settle(heard);
}

}  // namespace tideline
