// The assistant: a question in plain words (POST /api/v1/ask), and what can be asked.
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "api/ask_desk.h"
#include "api/ask_endpoints.h"
#include "api/prediction_json.h"

namespace tideline {
namespace {

constexpr std::size_t kAskBytesMax = 16 * 1024;

http::Handler ask_handler(std::shared_ptr<const AskDesk> desk) {
  return [desk](http::Request request, http::Responder responder) {
    const Time now = desk->now();
    const auto asked = [&]() -> Result<AskRequest> {
      boost::system::error_code error;
      const auto body = boost::json::parse(request.body, error);
      if (error || !body.is_object())
        return fail(ErrorCode::invalid, "the body is no JSON object", "malformed_json");
      return desk->asker().request_of(body.get_object(), now);
    }();
    if (!asked) return responder(problem_of(asked.error()));
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    const bool taken = desk->in_background([desk, shared, asked = *asked, now] {
      auto answer = desk->asker().ask(asked, desk->sources(), now);
      (*shared)(answer ? http::json_response(std::move(*answer)) : problem_of(answer.error()));
    });
    if (!taken) {
      (*shared)(problem_of({ErrorCode::overloaded,
                            "as many questions run or wait as this server takes; try again soon",
                            "sql_busy"}));
    }
  };
}

http::Handler list_handler(std::shared_ptr<const AskDesk> desk) {
  return [desk](const http::Request& request, http::Responder responder) {
    if (const Status allowed = check_parameters(request.query, {}); !allowed)
      return responder(problem_of(allowed.error()));
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const Question& question : desk->asker().catalogue().questions()) {
      json.begin_object().member("question", question.id).member("about", question.about);
      json.member("example", question.example).key("arguments");
      json.raw(desk->asker().arguments_schema(question)).end_object();
    }
    http::Response response =
        http::json_response(json.end_array().key("next_cursor").null().end_object().take());
    http::apply_etag(request, response);
    responder(std::move(response));
  };
}

constexpr const char* kAsk =
    R"({"type":"object","required":["question"],"properties":{)"
    R"("question":{"type":"string","maxLength":1000},)"
    R"("context":{"type":["object","null"],"description":"the context of the answer before"},)"
    R"("at":{"type":["string","null"],"format":"date-time"},)"
    R"("plain":{"type":"boolean","description":"true: no model words the answer"}}})";
constexpr const char* kAnswer =
    R"({"type":"object","required":["kind","sentence","suggestions","respelt"],"properties":{)"
    R"("kind":{"type":"string","enum":["answer","ask_back","decline"]},)"
    R"("sentence":{"type":"string"},"question":{"type":"string"},"about":{"type":"string"},)"
    R"("wording":{"type":["string","null"]},)"
    R"("chosen_by":{"type":"string","enum":["grammar","model","caller"]},)"
    R"("period":{"type":["string","null"]},"population":{"type":"string"},)"
    R"("as_of":{"type":"string","format":"date-time"},)"
    R"("query":{"type":["object","null"],"required":["text","sql","parameters","path"],)"
    R"("properties":{"text":{"type":"string"},"sql":{"type":["string","null"]},)"
    R"("parameters":{"type":"array","items":{"type":["string","number","null"]}},)"
    R"("path":{"type":["string","null"]}}},)"
    R"("columns":{"type":"array","items":{"type":"object",)"
    R"("required":["name","label","form","unit"],"properties":{"name":{"type":"string"},)"
    R"("label":{"type":"string"},"form":{"type":"string"},"unit":{"type":["string","null"]}}}},)"
    R"("rows":{"type":"array","items":{"type":"array",)"
    R"("items":{"type":["string","number","boolean","null"]}}},)"
    R"("cells":{"type":"array","items":{"type":"array","items":{"type":"string"}}},)"
    R"("row_count":{"type":"integer"},"truncated":{"type":"boolean"},)"
    R"("elapsed_ms":{"type":"number"},)"
    R"("chart":{"type":"string","enum":["none","bars","line"]},)"
    R"("context":{"type":"object","required":["question","arguments"],"properties":{)"
    R"("question":{"type":"string"},"arguments":{"type":"object"}}},)"
    R"("suggestions":{"type":"array","items":{"type":"object",)"
    R"("required":["question","about","example"],"properties":{"question":{"type":"string"},)"
    R"("about":{"type":"string"},"example":{"type":"string"}}}},)"
    R"("respelt":{"type":"array","items":{"type":"object","required":["written","taken"],)"
    R"("properties":{"written":{"type":"string"},"taken":{"type":"string"}}}}}})";
constexpr const char* kQuestions =
    R"({"type":"object","required":["data","next_cursor"],"properties":{)"
    R"("data":{"type":"array","items":{"type":"object",)"
    R"("required":["question","about","example","arguments"],"properties":{)"
    R"("question":{"type":"string"},"about":{"type":"string"},"example":{"type":"string"},)"
    R"("arguments":{"type":"object"}}}},"next_cursor":{"type":"null"}}})";

}  // namespace

void add_ask_endpoints(Endpoints& endpoints, Services& services, ChatOptions chat) {
  const auto desk = std::make_shared<const AskDesk>(services, endpoints, std::move(chat));
  Endpoint ask;
  ask.method = http::Method::post;
  ask.path = "/api/v1/ask";
  ask.name = "ask";
  ask.tag = "assistant";
  ask.permission = Permission::read;
  ask.about =
      "Answers a question in plain words from one query of a catalogue, which comes with the "
      "answer; asks back or declines where it is not sure";
  ask.body = {{"application/json", kAsk}};
  ask.answers = {{"application/json", kAnswer}};
  ask.problems = {400, 413, 429, 503, 504};
  ask.options.wire_bytes_max = kAskBytesMax;
  ask.handler = ask_handler(desk);
  endpoints.push_back(std::move(ask));

  Endpoint list;
  list.path = "/api/v1/ask/questions";
  list.name = "list_questions";
  list.tag = "assistant";
  list.permission = Permission::read;
  list.about = "The questions that the assistant can answer, each with its arguments";
  list.answers = {{"application/json", kQuestions}};
  list.problems = {400};
  list.handler = list_handler(desk);
  endpoints.push_back(std::move(list));
  add_mcp_endpoints(endpoints, services, desk);
}

}  // namespace tideline
