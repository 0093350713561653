// SQL over the lake: one query (POST /api/v1/sql), its end before time, the views it can read, and
// queries that people keep.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "api/json_writer.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "api/write_gate.h"
#include "pipeline/saved_queries.h"

namespace tideline {
namespace {

using boost::json::object;

constexpr std::size_t kSqlBytesMax = 100'000;
constexpr std::size_t kParametersMax = 1'000;

Error bad(const std::string& what) { return Error{ErrorCode::invalid, what, "bad_parameter"}; }

Result<object> object_in(std::string_view body) {
  boost::system::error_code error;
  auto value = boost::json::parse({body.data(), body.size()}, error);
  if (error) return fail(ErrorCode::invalid, "the body is not JSON", "malformed_json");
  if (!value.is_object()) return fail(bad("the body is no JSON object"));
  return std::move(value.get_object());
}

Status check_members(const object& body, std::initializer_list<std::string_view> known) {
  for (const auto& member : body) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(bad("there is no member \"" + std::string(name) + "\""));
  }
  return {};
}

// "" where it is absent.
Result<std::string> text_in(const object& body, const char* name) {
  const auto* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return fail(bad(std::string(name) + " is a text"));
  return std::string(value->get_string());
}

Result<Cell> parameter_in(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return Cell();
    case boost::json::kind::bool_: return Cell(value.get_bool());
    case boost::json::kind::int64: return Cell(value.get_int64());
    case boost::json::kind::double_: return Cell(value.get_double());
    case boost::json::kind::string: return Cell(std::string(value.get_string()));
    default: return fail(bad("a parameter is a text, a number, true, false or null"));
  }
}

Result<SqlFormat> format_in(const object& body, const http::Request& request) {
  TRY_ASSIGN(std::string name, text_in(body, "format"));
  const std::string_view accept = request.headers.get("Accept").value_or("");
  if (name.empty() && accept.find("text/csv") != accept.npos) name = "csv";
  if (name.empty() && accept.find("parquet") != accept.npos) name = "parquet";
  if (name.empty() || name == "json") return SqlFormat::json;
  if (name == "csv") return SqlFormat::csv;
  if (name == "parquet") return SqlFormat::parquet;
  return fail(bad("format is json, csv or parquet"));
}

Result<SqlRequest> request_of(const http::Request& request) {
  TRY_ASSIGN(const object body, object_in(request.body));
  TRY(check_members(body, {"query", "parameters", "limit", "format", "id", "stale"}));
  SqlRequest asked;
  TRY_ASSIGN(asked.sql, text_in(body, "query"));
  TRY_ASSIGN(asked.id, text_in(body, "id"));
  TRY_ASSIGN(asked.format, format_in(body, request));
  if (asked.sql.empty()) return fail(bad("query is the text of the query"));
  if (asked.sql.size() > kSqlBytesMax || asked.id.size() > 100)
    return fail(ErrorCode::too_large, "the query is longer than 100,000 bytes", "too_large");
  if (asked.sql.find('\0') != std::string::npos) return fail(bad("the query holds a NUL"));
  if (const auto* list = body.if_contains("parameters"); list != nullptr && !list->is_null()) {
    if (!list->is_array() || list->get_array().size() > kParametersMax)
      return fail(bad("parameters is a list of at most 1,000"));
    for (const auto& value : list->get_array()) {
      TRY_ASSIGN(asked.parameters.emplace_back(), parameter_in(value));
    }
  }
  if (const auto* limit = body.if_contains("limit"); limit != nullptr && !limit->is_null()) {
    if (!limit->is_int64() || limit->get_int64() < 1) return fail(bad("limit is 1 or more"));
    asked.rows_max = static_cast<std::uint64_t>(limit->get_int64());
  }
  if (const auto* stale = body.if_contains("stale"); stale != nullptr && !stale->is_null()) {
    if (!stale->is_bool()) return fail(bad("stale is true or false"));
    asked.stale = stale->get_bool();
  }
  asked.stale = asked.stale || text_of(request.query, "stale") == "1";
  return asked;
}

http::Response response_of(SqlAnswer answer, SqlFormat format) {
  if (format == SqlFormat::json) return http::json_response(std::move(answer.body));
  const bool csv = format == SqlFormat::csv;
  http::Response response = http::text_response(
      std::move(answer.body), csv ? "text/csv; charset=utf-8" : "application/vnd.apache.parquet");
  response.headers.set("Content-Disposition", csv ? "attachment; filename=\"query.csv\""
                                                  : "attachment; filename=\"query.parquet\"");
  response.headers.set("X-Row-Count", std::to_string(answer.rows));
  response.headers.set("X-Truncated", answer.truncated ? "true" : "false");
  return response;
}

Error no_sql() {
  return Error{ErrorCode::unavailable, "this server runs no SQL", "sql_not_confined"};
}

http::Handler run_sql(Services& services, std::vector<Parameter> allowed) {
  return
      [&services, allowed = std::move(allowed)](http::Request request, http::Responder responder) {
        auto known = check_parameters(request.query, allowed);
        if (!known) return responder(problem_of(known.error()));
        auto asked = request_of(request);
        if (!asked) return responder(problem_of(asked.error()));
        if (!services.sql.run) return responder(problem_of(no_sql()));
        auto shared = std::make_shared<http::Responder>(std::move(responder));
        const bool taken = services.sql.in_background([&services, shared, asked = *asked] {
          auto answer = services.sql.run(asked);
          (*shared)(answer ? response_of(std::move(*answer), asked.format)
                           : problem_of(answer.error()));
        });
        if (!taken) {
          (*shared)(problem_of({ErrorCode::overloaded,
                                "as many queries run or wait as this server takes; try again soon",
                                "sql_busy"}));
        }
      };
}

http::Response gone_response(const std::string& id) {
  return http::json_response(JsonWriter().begin_object().member("id", id).end_object().take());
}
constexpr const char* kGone =
    R"({"type":"object","properties":{"id":{"type":"string"}},"required":["id"]})";

http::Handler cancel_sql(Services& services) {
  return [&services](const http::Request& request, http::Responder responder) {
    const bool ended = services.sql.cancel && services.sql.cancel(request.param("id"));
    if (ended) return responder(gone_response(request.param("id")));
    responder(problem_of({ErrorCode::not_found, "no query of that id runs", "no_query"}));
  };
}

struct ListTables {
  struct Input {};
  using Output = std::vector<SqlTable>;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    if (!services.sql.tables) return fail(no_sql());
    return services.sql.tables();
  }
  static http::Response answer(const Services& services, const Output& tables) {
    JsonWriter json;
    begin_list(json);
    for (const SqlTable& table : tables) {
      json.begin_object().member("name", table.name).key("columns").begin_array();
      for (const SqlTable::Column& column : table.columns) {
        json.begin_object().member("name", column.name).member("type", column.type).end_object();
      }
      json.end_array().end_object();
    }
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

void write_query(JsonWriter& json, const SavedQuery& query) {
  json.begin_object().member("id", query.id).member("name", query.name);
  json.member("query", query.sql).member("changed", query.changed).end_object();
}

struct ListQueries {
  struct Input {};
  using Output = std::vector<SavedQuery>;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    return SavedQueries(services.state, services.clock).list();
  }
  static http::Response answer(const Services& services, const Output& queries) {
    JsonWriter json;
    begin_list(json);
    for (const SavedQuery& query : queries) write_query(json, query);
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

// POST makes one, PUT replaces one that is there.
http::Handler save_query(Services& services) {
  return [&services](http::Request request, http::Responder responder) {
    auto allowed = may_write(services);
    if (!allowed) return responder(problem_of(allowed.error()));
    const auto read = [&]() -> Result<SavedQuery> {
      TRY_ASSIGN(const object body, object_in(request.body));
      TRY(check_members(body, {"name", "query"}));
      SavedQuery query;
      TRY_ASSIGN(query.name, text_in(body, "name"));
      TRY_ASSIGN(query.sql, text_in(body, "query"));
      return query;
    }();
    if (!read) return responder(problem_of(read.error()));
    const bool is_new = request.method == http::Method::post;
    const std::string id = is_new ? services.next_id() : request.param("id");
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([&services, shared, query = *read, id, is_new] {
      SavedQueries queries(services.state, services.clock);
      const auto saved = [&]() -> Result<SavedQuery> {
        if (!is_new) TRY(queries.find(id));
        return queries.save(id, query.name, query.sql);
      }();
      if (!saved) return (*shared)(problem_of(saved.error()));
      JsonWriter json;
      write_query(json, *saved);
      (*shared)(http::json_response(json.take()));
    });
  };
}

http::Handler remove_query(Services& services) {
  return [&services](const http::Request& request, http::Responder responder) {
    auto allowed = may_write(services);
    if (!allowed) return responder(problem_of(allowed.error()));
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([&services, shared, id = request.param("id")] {
      auto removed = SavedQueries(services.state, services.clock).remove(id);
      (*shared)(removed ? gone_response(id) : problem_of(removed.error()));
    });
  };
}

Endpoint described(http::Method method, const char* path, const char* name, const char* about) {
  Endpoint endpoint;
  endpoint.method = method;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "sql";
  endpoint.about = about;
  // SQL sees whole payloads: for analysts and above.
  endpoint.permission = Permission::act;
  return endpoint;
}

void add_saved_query_endpoints(Endpoints& endpoints, Services& services) {
  const std::vector<Content> body = {{"application/json", "#SavedQueryText"}};
  Endpoint list = described(http::Method::get, "/api/v1/queries", "list_queries",
                            "Queries that people saved, by name");
  list.answers = {{"application/json", "#SavedQueryList"}};
  list.problems = {400, 504};
  endpoints.push_back(reading<ListQueries>(services, std::move(list)));

  Endpoint make =
      described(http::Method::post, "/api/v1/queries", "save_query", "Saves a query under a name");
  make.body = body;
  make.answers = {{"application/json", "#SavedQuery"}};
  make.problems = {400, 403, 413, 503, 507};
  make.handler = save_query(services);
  endpoints.push_back(make);

  Endpoint change = described(http::Method::put, "/api/v1/queries/{id}", "change_query",
                              "Gives a saved query another name or text");
  change.body = body;
  change.answers = {{"application/json", "#SavedQuery"}};
  change.problems = {400, 403, 404, 413, 503, 507};
  change.handler = save_query(services);
  endpoints.push_back(std::move(change));

  Endpoint remove = described(http::Method::delete_, "/api/v1/queries/{id}", "remove_query",
                              "Removes a saved query");
  remove.answers = {{"application/json", kGone}};
  remove.problems = {403, 404, 503, 507};
  remove.handler = remove_query(services);
  endpoints.push_back(std::move(remove));
}

}  // namespace

void add_sql_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint run = described(
      http::Method::post, "/api/v1/sql", "run_sql",
      "Runs one query (a SELECT of DuckDB's SQL) over the lake in a confined process, within "
      "limits of time, memory and rows. The lake is brought up to date first unless stale is set");
  run.query = {{"stale", "1: the lake as it is", R"({"type":"string","enum":["0","1"]})"}};
  run.body = {{"application/json", "#SqlQuery"}};
  run.answers = {{"application/json", "#SqlResult"},
                 {"text/csv", R"({"type":"string"})"},
                 {"application/vnd.apache.parquet", R"({"type":"string","format":"binary"})"}};
  run.problems = {400, 403, 409, 413, 429, 503, 504};
  run.options.wire_bytes_max = services.body_bytes_max;
  run.handler = run_sql(services, run.query);
  endpoints.push_back(std::move(run));

  Endpoint cancel = described(http::Method::delete_, "/api/v1/sql/{id}", "cancel_sql",
                              "Ends the running query that was given this id");
  cancel.answers = {{"application/json", kGone}};
  cancel.problems = {404};
  cancel.handler = cancel_sql(services);
  endpoints.push_back(std::move(cancel));

  Endpoint tables = described(http::Method::get, "/api/v1/sql/tables", "list_sql_tables",
                              "The views that a query can read, with their columns and types");
  tables.answers = {{"application/json", "#SqlTableList"}};
  tables.problems = {400, 503, 504};
  endpoints.push_back(reading<ListTables>(services, std::move(tables)));
  add_saved_query_endpoints(endpoints, services);
}

}  // namespace tideline
