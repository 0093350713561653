#include "assistant/answer.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

AnswerRows rows() {
  AnswerRows rows;
  rows.columns = {"tier", "customers", "share", "amount"};
  rows.rows = {{std::string("at_risk"), std::int64_t{1234}, 0.12345, 45678.5},
               {std::string("healthy"), std::int64_t{7}, 0.5, {}}};
  return rows;
}

Question question() {
  Question q;
  q.id = "test";
  q.columns = {{"tier", "tier", Form::tier, "", ""},
               {"customers", "customers", Form::whole, "", ""},
               {"share", "share", Form::share, "", ""},
               {"amount", "amount in {period}", Form::money, "", ""}};
  q.takes = {Slot::period};
  q.period_days = 7;
  q.sentence = "{customers} are {tier} ({share}), {customers@last} {tier@last}; {rows} rows.";
  q.population = "everybody";
  return q;
}

const Time kNow = *parse_time("2026-01-15T10:00:00Z");

TEST(Answer, IsToldFromTheRows) {
  const auto answer = answer_of(question(), {}, rows(), "USD", kNow);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->sentence, "1,234 are at risk (12.3 %), 7 healthy; 2 rows.");
  EXPECT_EQ(answer->labels.back(), "amount in the last 7 days");
  EXPECT_EQ(answer->cells[0],
            (std::vector<std::string>{"at risk", "1,234", "12.3 %", "45,678.50 USD"}));
  EXPECT_EQ(answer->cells[1][3], "not known");
  EXPECT_EQ(answer->period, "the last 7 days");
}

TEST(Answer, ABracedNameInTheRowsIsOnlyText) {
  AnswerRows hostile = rows();
  hostile.rows[0][0] = std::string("{customers} {no_such} <b>");
  const auto answer = answer_of(question(), {}, hostile, "USD", kNow);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->sentence, "1,234 are {customers} {no such} <b> (12.3 %), 7 healthy; 2 rows.");
}

TEST(Answer, AColumnThatIsNotThereIsAnError) {
  Question q = question();
  q.sentence = "{nothing}";
  EXPECT_FALSE(answer_of(q, {}, rows(), "USD", kNow).has_value());
  q = question();
  q.columns.push_back({"more", "more", Form::text, "", ""});
  EXPECT_FALSE(answer_of(q, {}, rows(), "USD", kNow).has_value());
}

TEST(NumbersHold, OnlyThoseOfTheRows) {
  const AnswerRows known = rows();
  for (const char* words : {
           "1,234 customers are at risk.",
           "1234 at risk, 7 healthy",
           "12 % or 12.3 % or 12.35 %",
           "half of them: 50 %",  // a word that is not known, below
           "45,678.50 USD, about 45,679",
           "2 rows",
           "nobody knows",
       }) {
    const bool has_word = std::string_view(words).starts_with("half");
    EXPECT_EQ(numbers_hold(words, known, {}), !has_word) << words;
  }
  for (const char* words : {"1,235 customers", "12.4 %", "13 %", "-1 or 8", "0", "a dozen",
                            "twenty of them", "1.234", "45,679.50", "123", "99 bottles"})
    EXPECT_FALSE(numbers_hold(words, known, {})) << words;
}

TEST(NumbersHold, WhatStoodInTheSentenceMayStandAgain) {
  EXPECT_TRUE(numbers_hold("within 14 days", rows(), {"risk within 14 days"}));
  EXPECT_TRUE(numbers_hold("half of it", rows(), {"half arrived"}));
  EXPECT_FALSE(numbers_hold("within 15 days", rows(), {"risk within 14 days"}));
}

}  // namespace
}  // namespace tideline
