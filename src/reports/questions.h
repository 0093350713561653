// Questions: the SQL behind the reports' figures, made from the pack. Each question stands alone:
// its printed query runs as it is on `tideline sql`. Parts that several share are computed once
// where they are run together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/sql_words.h"
#include "packs/pack.h"
#include "reports/answer.h"

namespace tideline::reports {

// A table that questions read, by name.
struct SharedPart {
  std::string name;
  std::string select;
};

struct Question {
  Answer answer;                   // without rows; its query is the whole text
  std::vector<std::string> parts;  // names of the shared parts that `select` reads
  std::string select;              // without the shared parts
  bool named_rows = false;         // the first column of the query is the row's name
};

struct QuestionBasis {
  const Pack& pack;
  Time at{};             // nothing later is known
  std::string at_words;  // "1 July 2026"
  std::string leaving;   // the task of who leaves; empty: the pack has none
};

struct Questions {
  Time events_from{};  // none of them reads events that happened before
  std::vector<SharedPart> parts;
  std::vector<Question> all;
};
[[nodiscard]] Questions questions_of(const QuestionBasis& basis);

// Of a figure of a task: how it is written.
[[nodiscard]] NumberForm form_of(const TaskSpec& task, const std::string& currency);
// A metric of an initiative that brings its own query.
[[nodiscard]] Question metric_question(std::size_t place, const std::string& label,
                                       const std::string& sql, const std::string& at_words);

}  // namespace tideline::reports
