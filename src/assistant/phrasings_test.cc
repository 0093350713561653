// Phrasings of people against the catalogue: tests/assistant/phrasings.txt, written before it by
// what people want, and own_phrasings.txt, used while writing it. A wrong query would be a wrong
// number: there is none. At least 95 of 100 are read right; the rest are asked back or declined.
//
// The examples that the assistant learns from are read as well, each writer's by a grammar that
// has learnt from all the others: what is to be expected with a stranger.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "assistant/grammar.h"

namespace tideline {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(TIDELINE_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Which questions answer what people want; those in brackets only where the conversation goes on.
const std::map<std::string, std::vector<std::string>>& wanted() {
  static const std::map<std::string, std::vector<std::string>> kWanted = [] {
    std::map<std::string, std::vector<std::string>> map;
    std::istringstream lines(file_text("tests/assistant/wants.txt"));
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line.front() == '#') continue;
      std::istringstream parts(line);
      std::string want;
      parts >> want;
      for (std::string id; parts >> id;) map[want].push_back(id);
    }
    return map;
  }();
  return kWanted;
}

struct Line {
  std::string want;
  std::string text;
  std::map<std::string, std::string> keys;
  bool goes_on = false;
  bool begins = false;  // the next one goes on
  bool no_answer = false;
  int number = 0;
};

std::vector<Line> lines_of(const std::string& file) {
  std::vector<Line> lines;
  std::istringstream in(file_text(file));
  std::string want;
  int number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    if (text.empty() || text.front() == '#') continue;
    if (text.starts_with("want ")) {
      want = text.substr(5, text.find(':') - 5);
      continue;
    }
    Line line;
    line.want = want;
    line.number = number;
    if (text.front() == '>') line.goes_on = true, text = text.substr(2);
    if (text.front() == '?' || text.front() == '!') line.no_answer = true, text = text.substr(2);
    if (const auto bar = text.find('|'); bar != text.npos) {
      std::istringstream keys(text.substr(bar + 1));
      for (std::string key; std::getline(keys, key, ',');) {
        const auto first = key.find_first_not_of(' ');
        const auto equal = key.find('=');
        line.keys[key.substr(first, equal - first)] = key.substr(equal + 1);
      }
      text.resize(text.find_last_not_of(' ', bar - 1) + 1);
    }
    line.text = text;
    if (line.goes_on && !lines.empty()) lines.back().begins = true;
    lines.push_back(std::move(line));
  }
  return lines;
}

// What is wrong with the arguments; empty: nothing.
std::string wrong_argument(const Line& line, const Reading& reading, Time now) {
  const Arguments& a = reading.arguments;
  for (const auto& [key, value] : line.keys) {
    std::string is;
    if (key == "tier") is = a.tier.value_or("");
    if (key == "customer") is = a.customer.value_or("");
    if (key == "other") is = a.other.value_or("");
    if (key == "event") is = a.event.value_or("");
    if (key == "by") is = a.by.value_or(reading.question->by);
    if (key == "n") is = a.rows ? std::to_string(*a.rows) : "";
    if (key == "threshold" && a.threshold) {
      std::ostringstream text;
      text << *a.threshold;
      is = text.str();
    }
    if (key == "period" && a.period)
      is = format_date(a.period->from) + ".." + format_date(a.period->to);
    if (key == "days" && a.period && a.period->to == now)
      is = std::to_string((a.period->to - a.period->from) / kDay);
    if (is != value) return key + " is \"" + is + "\" instead of \"" + value + "\"";
  }
  return "";
}

struct Tally {
  int lines = 0;
  int right = 0;
  int wrong = 0;
  int unanswered = 0;
};

Tally read_all(const std::string& file) {
  const auto pack = Pack::parse(file_text("packs/marketplace/pack.toml"), "pack.toml");
  EXPECT_TRUE(pack.has_value());
  const Catalogue catalogue(**pack);
  const Grammar grammar(**pack, catalogue);
  const Time now = *parse_time("2026-01-15T10:00:00Z");
  const bool loud = std::getenv("PHRASINGS_LOUD") != nullptr;
  Tally tally;
  Context context;
  for (const Line& line : lines_of(file)) {
    if (!line.goes_on) context = {};
    const Reading reading = grammar.read(line.text, now, context);
    ++tally.lines;
    const bool answers = reading.kind == Reading::Kind::answer;
    if (answers) context = {reading.question->id, reading.arguments};
    std::string trouble;
    if (line.no_answer) {
      if (answers)
        trouble = "answers " + reading.question->id, ++tally.wrong;
      else
        ++tally.right;
    } else if (!answers) {
      trouble = reading.message;
      ++tally.unanswered;
    } else {
      const auto& ids = wanted().at(line.want);
      const std::string& id = reading.question->id;
      const auto is = [&](const std::string& one) {
        return one == id || (line.begins && one == "(" + id + ")");
      };
      const bool right = std::any_of(ids.begin(), ids.end(), is);
      trouble = right ? wrong_argument(line, reading, now) : "answers " + reading.question->id;
      ++(trouble.empty() ? tally.right : tally.wrong);
    }
    if (!trouble.empty() && loud) {
      std::cout << file << ":" << line.number << " [" << line.want << "] " << line.text << "\n    "
                << trouble << "\n";
    }
  }
  std::cout << file << ": " << tally.lines << " phrasings, " << tally.right << " right, "
            << tally.wrong << " wrong, " << tally.unanswered << " not answered\n";
  return tally;
}

TEST(Phrasings, OfPeopleAreReadRight) {
  const Tally tally = read_all("tests/assistant/phrasings.txt");
  EXPECT_GE(tally.lines, 300);
  EXPECT_GE(tally.right, 0.95 * tally.lines);
  EXPECT_EQ(tally.wrong, 0);
}

TEST(Phrasings, OfOurOwnAreReadRight) {
  const Tally tally = read_all("tests/assistant/own_phrasings.txt");
  EXPECT_GE(tally.right, 0.95 * tally.lines);
  EXPECT_EQ(tally.wrong, 0);
}

// Which questions are as right as that of an example: those of the same want.
std::map<std::string, std::set<std::string>> as_right() {
  std::map<std::string, std::set<std::string>> right;
  for (const auto& [want, ids] : wanted()) {
    for (const std::string& id : ids)
      if (id.front() != '(') right[id].insert(ids.begin(), ids.end());
  }
  return right;
}

TEST(Phrasings, OfAWriterLeftOutAreReadRight) {
  const auto pack = Pack::parse(file_text("packs/marketplace/pack.toml"), "pack.toml");
  ASSERT_TRUE(pack.has_value());
  const Catalogue catalogue(**pack);
  const Time now = *parse_time("2026-01-15T10:00:00Z");
  const auto right = as_right();
  const bool loud = std::getenv("PHRASINGS_LOUD") != nullptr;
  for (const std::string writer : {"first", "second", "third", "fourth", "fifth", "sixth",
                                   "seventh", "eighth", "ninth", "tenth"}) {
    std::vector<Example> others;
    for (const Example& example : examples())
      if (example.writer != writer) others.push_back(example);
    const Grammar grammar(**pack, catalogue, others);
    Tally tally;
    for (const Example& example : examples()) {
      if (example.writer != writer) continue;
      std::string text = example.text;
      std::erase_if(text, [](char c) { return c == '{' || c == '}'; });
      const Reading reading = grammar.read(text, now);
      ++tally.lines;
      if (reading.kind != Reading::Kind::answer) {
        ++(example.question == kNothingAsked ? tally.right : tally.unanswered);
        continue;
      }
      const std::string& id = reading.question->id;
      const auto same = right.find(example.question);
      const bool is = id == example.question || (same != right.end() && same->second.contains(id));
      ++(is ? tally.right : tally.wrong);
      if (!is && loud) std::cout << writer << ": " << text << "\n    answers " << id << "\n";
    }
    std::cout << writer << ", left out: " << tally.lines << " phrasings, " << tally.right
              << " right, " << tally.wrong << " wrong, " << tally.unanswered << " not answered\n";
    EXPECT_GE(tally.right, 0.78 * tally.lines);
    EXPECT_LE(tally.wrong, 0.015 * tally.lines);
  }
}

TEST(Phrasings, EveryWantHasAQuestionAndEveryQuestionAWant) {
  const auto pack = Pack::parse(file_text("packs/marketplace/pack.toml"), "pack.toml");
  ASSERT_TRUE(pack.has_value());
  const Catalogue catalogue(**pack);
  std::map<std::string, int> seen;
  for (const auto& [want, ids] : wanted()) {
    for (const std::string& id : ids) {
      if (id.front() == '(') continue;
      EXPECT_NE(catalogue.find(id), nullptr) << want << ": " << id;
      ++seen[id];
    }
  }
  for (const Question& question : catalogue.questions()) EXPECT_EQ(seen.count(question.id), 1u);
}

}  // namespace
}  // namespace tideline
