// The answer: one sentence and a table, made of the rows that a query gave and of nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assistant/question.h"
#include "base/result.h"

namespace tideline {

// A value of a row, as the query gave it.
using AnswerCell = std::variant<std::monostate, std::string, double, std::int64_t, Time, bool>;

struct AnswerRows {
  std::vector<std::string> columns;  // of SQL; of a reading the names of Question::columns
  std::vector<std::vector<AnswerCell>> rows;
  bool truncated = false;
  double elapsed_ms = 0;
  Time as_of{};
};

struct AnswerText {
  std::string sentence;
  std::vector<std::string> labels;              // of Question::columns
  std::vector<std::vector<std::string>> cells;  // written for people
  std::string period;                           // in words; empty: as it stands
  std::string population;                       // who is counted
};

// Errors: `internal`, a column of the question that the rows do not have.
[[nodiscard]] Result<AnswerText> answer_of(const Question& question, const Arguments& arguments,
                                           const AnswerRows& rows, std::string_view currency,
                                           Time now);

// The rows of a question that nobody need be asked for (Question::told); for a tier that one
// alone.
[[nodiscard]] AnswerRows told_rows(const Question& question, const Arguments& arguments);

// A value written for people: "1,234", "12.3 %", "4.50 USD", "at risk".
[[nodiscard]] std::string written(const AnswerCell& cell, Form form, std::string_view unit,
                                  std::string_view currency);

// Whether every number in `words` is one of the rows, of the arguments or of `also` (the question
// as asked, the sentence): exactly, or rounded as it is written. For wordings that a model made.
[[nodiscard]] bool numbers_hold(std::string_view words, const AnswerRows& rows,
                                const std::vector<std::string>& also);

}  // namespace tideline
