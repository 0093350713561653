// Asker: what POST /api/v1/ask, `tideline ask` and the tools of /mcp answer, as JSON: reads the
// question, has its query run, and tells the rows. No number of an answer comes from elsewhere.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>

#include "api/sql_request.h"
#include "assistant/answer.h"
#include "assistant/grammar.h"
#include "packs/pack.h"

namespace tideline {

class JsonWriter;

// Where rows come from. All may take as long as a query may run.
struct AskSources {
  std::function<Result<SqlAnswer>(const SqlRequest&)> sql;
  // The body of GET path; empty: no server runs.
  std::function<Result<std::string>(const std::string& path)> reading;
  // Sends a chat to an OpenAI-compatible endpoint, returns what it answered (the JSON body). It is
  // told the question, the catalogue and the rows of the answer. Empty: there is none.
  std::function<Result<std::string>(const boost::json::object& chat)> chat;
};

struct AskRequest {
  std::string question;
  Context context;           // of the question before in the same conversation
  std::optional<Time> at;    // as of then; what is known only as it stands now is refused
  bool in_own_words = true;  // a model may word the answer, where there is one
};

inline constexpr std::size_t kQuestionBytesMax = 1'000;

class Asker {
 public:
  explicit Asker(const Pack& pack);

  // {"question", "context"?, "at"?, "plain"?}
  [[nodiscard]] Result<AskRequest> request_of(const boost::json::object& body, Time now) const;
  // The JSON answer. Errors: those of the sources.
  [[nodiscard]] Result<std::string> ask(const AskRequest& request, const AskSources& sources,
                                        Time now) const;
  // A question by its id, with arguments in JSON. `invalid` where they do not fit.
  [[nodiscard]] Result<std::string> run(std::string_view id, const boost::json::object& arguments,
                                        const AskSources& sources, Time now) const;

  [[nodiscard]] const Catalogue& catalogue() const { return catalogue_; }
  // JSON Schema of the arguments of a question.
  [[nodiscard]] std::string arguments_schema(const Question& question) const;

 private:
  [[nodiscard]] Result<Arguments> arguments_of(const boost::json::object& from, Time now) const;
  [[nodiscard]] Result<std::string> tell(const Reading& reading, const AskRequest& request,
                                         const AskSources& sources, Time now,
                                         std::string_view chosen_by) const;
  [[nodiscard]] Result<AnswerRows> rows_of(const Question& question, const Arguments& arguments,
                                           const Statement& statement,
                                           const AskSources& sources) const;
  [[nodiscard]] std::string without_answer(const Reading& reading) const;

  const Pack& pack_;
  Catalogue catalogue_;
  Grammar grammar_;
};

}  // namespace tideline
