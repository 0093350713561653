// /mcp: the assistant as tools of the Model Context Protocol, over HTTP POST, JSON in and out. Two
// eras side by side, told apart request by request: up to 2025-11-25 a client begins with
// `initialize`; since 2026-07-28 every request says its version in `_meta`. No session is kept in
// either. All tools read; none changes anything.
#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/ask_endpoints.h"
#include "api/exact_json.h"
#include "api/json_writer.h"

namespace tideline {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::size_t kMcpBytesMax = 64 * 1024;
constexpr std::string_view kModern = "2026-07-28";
constexpr std::array<std::string_view, 3> kLegacy = {"2025-11-25", "2025-06-18", "2025-03-26"};
constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr const char* kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr const char* kServerKey = "io.modelcontextprotocol/serverInfo";
// How long a client may keep the list of tools: it changes with the program alone.
constexpr int kListMs = 300'000;

enum RpcCode : int {
  kParse = -32700,
  kInvalidRequest = -32600,
  kNoMethod = -32601,
  kBadParams = -32602,
  kHeaderMismatch = -32020,
  kVersionUnknown = -32022,
};

constexpr const char* kInstructions =
    "Tideline tells which customers of a business drift away, why, and what to do. Ask in plain "
    "words with `ask`, or run a question of `list_questions` with `run_question`. Every answer "
    "carries its query, period and population; numbers come from its rows alone.";

constexpr const char* kAnswerSchema =
    R"({"type":"object","required":["kind","sentence"],"properties":{)"
    R"("kind":{"type":"string","enum":["answer","ask_back","decline"]},)"
    R"("sentence":{"type":"string"},"period":{"type":["string","null"]},)"
    R"("population":{"type":"string"},"query":{"type":["object","null"]},)"
    R"("columns":{"type":"array"},"rows":{"type":"array"},"row_count":{"type":"integer"},)"
    R"("context":{"type":"object"},"suggestions":{"type":"array"}}})";

struct Call {
  value id;  // of the request
  std::string method;
  object params;
  bool modern = false;
};

class McpDesk {
 public:
  McpDesk(std::shared_ptr<const AskDesk> desk, std::string program_version)
      : desk_(std::move(desk)), version_(std::move(program_version)) {}

  void answer(const http::Request& request, http::Responder responder) const {
    boost::system::error_code error;
    const value body = boost::json::parse(request.body, error);
    if (error) return responder(failure(nullptr, 400, kParse, "the body is no JSON"));
    if (!body.is_object())
      return responder(failure(nullptr, 400, kInvalidRequest, "one message a request"));
    const object& message = body.get_object();
    const value* method = message.if_contains("method");
    const value* id = message.if_contains("id");
    // Notifications and answers of the client want no answer.
    if (id == nullptr || id->is_null() || method == nullptr)
      return responder(http::empty_response(202));
    if (!method->is_string() || !(id->is_string() || id->is_number()))
      return responder(failure(nullptr, 400, kInvalidRequest, "no request of JSON-RPC 2.0"));
    Call call;
    call.id = *id;
    call.method = std::string(method->get_string());
    if (const value* params = message.if_contains("params"); params && params->is_object())
      call.params = params->get_object();
    if (auto refusal = check_version(request, call)) return responder(std::move(*refusal));
    dispatch(std::move(call), std::move(responder));
  }

 private:
  static http::Response failure(const value& id, int status, int code, const std::string& message,
                                const value& more = nullptr) {
    object error{{"code", code}, {"message", message}};
    if (!more.is_null()) error["data"] = more;
    return http::json_response(
        boost::json::serialize(object{{"jsonrpc", "2.0"}, {"id", id}, {"error", error}}), status);
  }

  static std::string text_in(const object& from, const char* name) {
    const value* member = from.if_contains(name);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
  }

  // Which era the request is of, and whether its headers say the same as its body.
  static std::optional<http::Response> check_version(const http::Request& request, Call& call) {
    const auto header = request.headers.get("MCP-Protocol-Version");
    const value* meta = call.params.if_contains("_meta");
    const std::string said =
        meta && meta->is_object() ? text_in(meta->get_object(), kVersionKey) : std::string();
    call.modern = !said.empty() || (header && *header >= kModern);
    if (!call.modern) {
      const bool known =
          !header || std::find(kLegacy.begin(), kLegacy.end(), *header) != kLegacy.end();
      if (known || call.method == "initialize") return std::nullopt;
      return unknown_version(call, std::string(*header));
    }
    if (!header || *header != said)
      return failure(call.id, 400, kHeaderMismatch,
                     "the header MCP-Protocol-Version and the version in _meta differ");
    if (said != kModern) return unknown_version(call, said);
    if (!meta->get_object().if_contains(kCapabilitiesKey))
      return failure(call.id, 400, kBadParams, std::string("_meta lacks ") + kCapabilitiesKey);
    if (request.headers.get("Mcp-Method").value_or("") != call.method)
      return failure(call.id, 400, kHeaderMismatch, "the header Mcp-Method is not the method");
    if (call.method == "tools/call" &&
        request.headers.get("Mcp-Name").value_or("") != text_in(call.params, "name"))
      return failure(call.id, 400, kHeaderMismatch, "the header Mcp-Name is not the tool's name");
    return std::nullopt;
  }

  static http::Response unknown_version(const Call& call, const std::string& asked) {
    boost::json::array supported{kModern};
    for (const std::string_view version : kLegacy) supported.emplace_back(version);
    return failure(call.id, 400, kVersionUnknown, "this version of the protocol is not spoken",
                   object{{"supported", supported}, {"requested", asked}});
  }

  object server() const { return {{"name", "tideline"}, {"version", version_}}; }

  http::Response result(const Call& call, object content, bool may_be_kept = false) const {
    if (call.modern) {
      content["resultType"] = "complete";
      content["_meta"] = object{{kServerKey, server()}};
      if (may_be_kept) content["ttlMs"] = kListMs, content["cacheScope"] = "private";
    }
    return http::json_response(boost::json::serialize(
        object{{"jsonrpc", "2.0"}, {"id", call.id}, {"result", std::move(content)}}));
  }

  void dispatch(Call call, http::Responder responder) const {
    if (call.method == "tools/list") return responder(result(call, tools(), true));
    if (call.method == "tools/call") return call_tool(std::move(call), std::move(responder));
    if (call.modern && call.method == "server/discover") {
      return responder(result(call,
                              {{"supportedVersions", boost::json::array{kModern}},
                               {"capabilities", object{{"tools", object{}}}},
                               {"instructions", kInstructions}},
                              true));
    }
    if (!call.modern && call.method == "initialize") {
      const std::string asked = text_in(call.params, "protocolVersion");
      const bool known = std::find(kLegacy.begin(), kLegacy.end(), asked) != kLegacy.end();
      return responder(result(call, {{"protocolVersion", known ? asked : kLegacy.front()},
                                     {"capabilities", object{{"tools", object{}}}},
                                     {"serverInfo", server()},
                                     {"instructions", kInstructions}}));
    }
    if (!call.modern && call.method == "ping") return responder(result(call, {}));
    responder(failure(call.id, call.modern ? 404 : 200, kNoMethod, "no method " + call.method));
  }

  static object tool(const char* name, const char* title, const char* about,
                     const std::string& input, const char* output) {
    return {{"name", name},
            {"title", title},
            {"description", about},
            {"inputSchema", boost::json::parse(input)},
            {"outputSchema", boost::json::parse(output)},
            {"annotations", object{{"readOnlyHint", true},
                                   {"destructiveHint", false},
                                   {"idempotentHint", true},
                                   {"openWorldHint", false}}}};
  }

  object tools() const {
    boost::json::array ids;
    for (const Question& question : desk_->asker().catalogue().questions())
      ids.emplace_back(question.id);
    const std::string run = boost::json::serialize(object{
        {"type", "object"},
        {"properties",
         object{{"question", object{{"type", "string"}, {"enum", ids}}},
                {"arguments", object{{"type", "object"},
                                     {"description", "as list_questions describes them"}}}}},
        {"required", boost::json::array{"question"}},
        {"additionalProperties", false}});
    boost::json::array list;
    list.push_back(tool(
        "ask", "Ask a question",
        "Answers a question in plain words about customers, tiers, risk of leaving, money, "
        "activity, models and actions, from one query that it shows. Asks back where in doubt.",
        R"({"type":"object","properties":{"question":{"type":"string","maxLength":1000},)"
        R"("context":{"type":"object","description":"context of the answer before, to go on"}},)"
        R"("required":["question"],"additionalProperties":false})",
        kAnswerSchema));
    list.push_back(
        tool("list_questions", "List what can be asked",
             "Every question that can be answered, with an example and the JSON Schema of its "
             "arguments.",
             R"({"type":"object","properties":{},"additionalProperties":false})",
             R"({"type":"object","required":["questions"],"properties":{"questions":)"
             R"({"type":"array","items":{"type":"object"}}}})"));
    list.push_back(tool("run_question", "Run a question",
                        "Answers a question of list_questions by its name, with arguments.", run,
                        kAnswerSchema));
    list.push_back(
        tool("show_customer", "Show a customer", "How one customer stands: tier, health, risk.",
             R"({"type":"object","properties":{"customer":{"type":"string","maxLength":256}},)"
             R"("required":["customer"],"additionalProperties":false})",
             kAnswerSchema));
    return {{"tools", list}};
  }

  // Rows are content: what stands in them was written by others.
  static std::string told(const object& answer) {
    std::string text = text_in(answer, "sentence");
    const value* columns = answer.if_contains("columns");
    const value* cells = answer.if_contains("cells");
    if (columns == nullptr || cells == nullptr) return text;
    text += "\n\n";
    for (const value& column : columns->as_array())
      text += std::string(column.as_object().at("label").as_string()) + "\t";
    for (const value& row : cells->as_array()) {
      text += "\n";
      for (const value& cell : row.as_array()) text += std::string(cell.as_string()) + "\t";
    }
    const value* query = answer.if_contains("query");
    if (query != nullptr && query->is_object())
      text += "\n\nQuery: " + text_in(query->get_object(), "text");
    return text;
  }

  static object text_content(const std::string& text) {
    return {{"content", boost::json::array{object{{"type", "text"}, {"text", text}}}}};
  }

  object questions() const {
    boost::json::array list;
    std::string text;
    for (const Question& question : desk_->asker().catalogue().questions()) {
      list.push_back(
          object{{"question", question.id},
                 {"about", question.about},
                 {"example", question.example},
                 {"arguments", boost::json::parse(desk_->asker().arguments_schema(question))}});
      text += question.id + ": " + question.about + "\n";
    }
    object content = text_content(text);
    content["structuredContent"] = object{{"questions", std::move(list)}};
    return content;
  }

  Result<std::string> run_tool(const std::string& name, const object& arguments) const {
    const Asker& asker = desk_->asker();
    const Time now = desk_->now();
    if (name == "show_customer")
      return asker.run("customer_status", arguments, desk_->sources(), now);
    if (name == "run_question") {
      const value* given = arguments.if_contains("arguments");
      return asker.run(text_in(arguments, "question"),
                       given && given->is_object() ? given->get_object() : object{},
                       desk_->sources(), now);
    }
    TRY_ASSIGN(AskRequest request, asker.request_of(arguments, now));
    request.in_own_words = false;  // the caller is a model itself
    return asker.ask(request, desk_->sources(), now);
  }

  void call_tool(Call call, http::Responder responder) const {
    const std::string name = text_in(call.params, "name");
    if (name == "list_questions") return responder(result(call, questions()));
    if (name != "ask" && name != "run_question" && name != "show_customer")
      return responder(failure(call.id, call.modern ? 400 : 200, kBadParams, "no tool " + name));
    const value* given = call.params.if_contains("arguments");
    object arguments = given && given->is_object() ? given->get_object() : object{};
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    const auto work = [this, shared, call, name, arguments] {
      const auto told_json = run_tool(name, arguments);
      const auto answer =
          told_json ? parse_exactly(*told_json) : Result<value>(fail(told_json.error()));
      if (!answer) {
        object trouble = text_content(answer.error().message);
        trouble["isError"] = true;
        return (*shared)(result(call, std::move(trouble)));
      }
      object content = text_content(told(answer->as_object()));
      content["structuredContent"] = *answer;
      (*shared)(result(call, std::move(content)));
    };
    if (desk_->in_background(work)) return;
    object busy =
        text_content("as many questions run or wait as this server takes; try again soon");
    busy["isError"] = true;
    (*shared)(result(call, std::move(busy)));
  }

  std::shared_ptr<const AskDesk> desk_;
  std::string version_;
};

}  // namespace

void add_mcp_endpoints(Endpoints& endpoints, Services& services,
                       std::shared_ptr<const AskDesk> desk) {
  const auto mcp = std::make_shared<const McpDesk>(std::move(desk), services.program_version);
  Endpoint endpoint;
  endpoint.method = http::Method::post;
  endpoint.path = "/mcp";
  endpoint.name = "call_mcp";
  endpoint.tag = "assistant";
  endpoint.permission = Permission::read;
  endpoint.about =
      "The Model Context Protocol, 2026-07-28 and up to 2025-11-25: tools that ask the assistant";
  endpoint.body = {{"application/json", R"({"type":"object"})"}};
  endpoint.answers = {{"application/json", R"({"type":"object"})"}};
  endpoint.problems = {400, 404, 413};
  endpoint.options.wire_bytes_max = kMcpBytesMax;
  endpoint.handler = [mcp](const http::Request& request, http::Responder responder) {
    mcp->answer(request, std::move(responder));
  };
  endpoints.push_back(std::move(endpoint));
}

}  // namespace tideline
