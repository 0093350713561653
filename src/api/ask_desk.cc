#include "api/ask_desk.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <future>
#include <memory>

namespace tideline {
namespace {

constexpr std::chrono::seconds kReadingMax{30};

// The reads that questions of the catalogue name, by their endpoints.
constexpr std::string_view kReadings[] = {
    "show_overview", "show_drivers", "list_models", "show_model_evaluation",
    "show_pipeline", "show_effect",  "list_pilots"};

}  // namespace

AskDesk::AskDesk(Services& services, const Endpoints& endpoints, ChatOptions chat)
    : services_(services), asker_(services.pack), chat_(std::move(chat)) {
  for (const Endpoint& endpoint : endpoints) {
    if (std::find(std::begin(kReadings), std::end(kReadings), endpoint.name) !=
        std::end(kReadings))
      readings_.add(http::Method::get, endpoint.path, endpoint.handler);
  }
}

AskSources AskDesk::sources() const {
  AskSources sources;
  sources.sql = services_.sql.run;
  if (!sources.sql) {
    sources.sql = [](const SqlRequest&) -> Result<SqlAnswer> {
      return fail(ErrorCode::unavailable, "this server runs no SQL", "sql_not_confined");
    };
  }
  sources.reading = [this](const std::string& path) { return read(path); };
  if (chat_.send) {
    sources.chat = [this](const boost::json::object& chat) {
      boost::json::object body = chat;
      body["model"] = chat_.model;
      return chat_.send(boost::json::serialize(body));
    };
  }
  return sources;
}

bool AskDesk::in_background(std::function<void()> work) const {
  if (services_.sql.in_background) return services_.sql.in_background(std::move(work));
  services_.in_background(std::move(work));
  return true;
}

// Called on a thread that runs queries, never on one that answers reads: those it waits for.
Result<std::string> AskDesk::read(const std::string& path) const {
  std::string target = path;
  // The version in production has a name of its own.
  static constexpr std::string_view kActive = "/api/v1/models/active/";
  if (target.starts_with(kActive)) {
    TRY_ASSIGN(const auto active, services_.models.active());
    if (!active) return fail(ErrorCode::not_found, "no model is in production", "no_model");
    target = "/api/v1/models/" + name_of(*active) + "/" + target.substr(kActive.size());
  }
  http::Request request;
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  if (target.find('?') != target.npos) {
    TRY_ASSIGN(request.query, http::Query::parse(target.substr(target.find('?') + 1)));
  }
  http::Router::Match match = readings_.find(http::Method::get, request.path, false);
  if (match.kind != http::Router::Match::Kind::found)
    return fail(ErrorCode::unavailable, "this program does not tell that: GET " + path, "no_read");
  request.params = std::move(match.params);
  request.route = match.route->pattern;
  auto answered = std::make_shared<std::promise<http::Response>>();
  auto response = answered->get_future();
  match.route->handler(std::move(request), http::Responder([answered](http::Response made) {
                         answered->set_value(std::move(made));
                       }));
  if (response.wait_for(kReadingMax) != std::future_status::ready)
    return fail(ErrorCode::timeout, "GET " + path + " took too long", "reading_timeout");
  http::Response made = response.get();
  if (made.status == 200) return std::move(made.body);
  const std::string detail = made.problem ? made.problem->detail : "";
  const ErrorCode code = made.status == 404 ? ErrorCode::not_found : ErrorCode::unavailable;
  return fail(code, detail.empty() ? "GET " + path + " failed" : detail, "reading_failed");
}

}  // namespace tideline
