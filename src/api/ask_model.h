// What a language model may do for an answer: choose among the questions of the catalogue, and
// word what the rows say. Neither is trusted: the choice is checked as any caller's would be, and
// a wording with a number that the rows do not have is dropped.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "api/asking.h"

namespace tideline {

struct ModelChoice {
  std::string id;
  boost::json::object arguments;
};

// The chat that asks for a choice, and the choice in its answer; nullopt: it made none.
[[nodiscard]] boost::json::object choice_chat(const Catalogue& catalogue, const Pack& pack,
                                              const std::string& question, Time now);
[[nodiscard]] std::optional<ModelChoice> choice_in(const std::string& answer);

// The chat that asks for a wording, and the wording, where its numbers are those of the rows.
[[nodiscard]] boost::json::object wording_chat(const std::string& question,
                                               const AnswerText& answer);
[[nodiscard]] std::optional<std::string> wording_in(const std::string& answer,
                                                    const AnswerText& text,
                                                    const AnswerRows& rows);

}  // namespace tideline
