// Saved views of lists: list, save, delete.
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "api/json_writer.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "pipeline/saved_views.h"

namespace tideline {
namespace {

tl::unexpected<Error> bad(const char* what) {
  return fail(ErrorCode::invalid, what, "bad_parameter");
}

// {"name", "screen", "search": {…}, "shared"}
Result<SavedView> view_of(std::string_view body) {
  boost::system::error_code error;
  const auto json = boost::json::parse({body.data(), body.size()}, error);
  if (error || !json.is_object()) {
    return fail(ErrorCode::invalid, "the body is no JSON object", "malformed_json");
  }
  SavedView view;
  for (const auto& [key, value] : json.get_object()) {
    if (key == "name" && value.is_string()) {
      view.name = value.get_string();
    } else if (key == "screen" && value.is_string()) {
      view.screen = value.get_string();
    } else if (key == "shared" && value.is_bool()) {
      view.shared = value.get_bool();
    } else if (key == "search" && value.is_object()) {
      for (const auto& [name, text] : value.get_object()) {
        if (!text.is_string()) return bad("the values of a view's search are texts");
        view.search[name] = text.get_string();
      }
    } else {
      return bad("a view has name, screen, search (an object of texts) and shared, no more");
    }
  }
  if (view.screen != "customers") return bad("screen is \"customers\"");
  return view;
}

void write_view(JsonWriter& json, const SavedView& view, const std::string& user) {
  json.begin_object().member("id", view.id).member("name", view.name);
  json.member("screen", view.screen).key("search").begin_object();
  for (const auto& [key, value] : view.search) json.member(key, value);
  json.end_object().member("shared", view.shared).member_or_null("owner", view.owner);
  json.member("own", view.owner == user).member("saved", view.saved).end_object();
}

// Runs on a background thread: it waits for the disk.
using Work = std::function<Result<std::string>(const http::Request&)>;
http::Handler handler_of(Services& services, Work work) {
  return [&services, work = std::move(work)](http::Request request, http::Responder responder) {
    if (const auto known = check_parameters(request.query, {}); !known) {
      return responder(problem_of(known.error()));
    }
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([work, shared, request = std::move(request)] {
      auto body = work(request);
      if (!body) return (*shared)(problem_of(body.error()));
      http::Response response = http::json_response(*std::move(body));
      if (request.method == http::Method::get) http::apply_etag(request, response);
      (*shared)(std::move(response));
    });
  };
}

Status may_write(const Services& services) {
  if (!services.frozen_at) return {};
  return fail(ErrorCode::unavailable,
              "time stands still at " + format_time(*services.frozen_at) + "; nothing is written",
              "frozen");
}

std::string user_of(const http::Request& request) { return request.caller; }

Work list(Services& services) {
  return [&services](const http::Request& request) -> Result<std::string> {
    const std::string user = user_of(request);
    TRY_ASSIGN(const auto views, SavedViews(services.state, services.clock).list(user));
    JsonWriter json;
    begin_list(json);
    for (const SavedView& view : views) write_view(json, view, user);
    end_list(json, services, "");
    return json.take();
  };
}

Work save(Services& services) {
  return [&services](const http::Request& request) -> Result<std::string> {
    TRY(may_write(services));
    TRY_ASSIGN(SavedView view, view_of(request.body));
    view.id = services.next_id();
    view.owner = user_of(request);
    TRY_ASSIGN(view, SavedViews(services.state, services.clock).save(std::move(view)));
    services.changed("views");
    JsonWriter json;
    write_view(json, view, view.owner);
    return json.take();
  };
}

Work remove(Services& services) {
  return [&services](const http::Request& request) -> Result<std::string> {
    TRY(may_write(services));
    const std::string& id = request.param("id");
    TRY(SavedViews(services.state, services.clock).remove(id, user_of(request)));
    services.changed("views");
    return JsonWriter().begin_object().member("id", id).end_object().take();
  };
}

}  // namespace

void add_view_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint views;
  views.path = "/api/v1/views";
  views.name = "list_views";
  views.tag = "views";
  views.permission = Permission::read;
  views.about = "Saved views of lists: one's own and what is shared, by name";
  views.answers = {{"application/json", "#ViewList"}};
  views.problems = {400};
  views.handler = handler_of(services, list(services));
  endpoints.push_back(views);

  views.method = http::Method::post;
  views.permission = Permission::act;
  views.name = "save_view";
  views.about = "Keeps the filters, order and columns of a list under a name";
  views.body = {{"application/json", "#NewView"}};
  views.answers = {{"application/json", "#View"}};
  views.problems = {400, 409, 413, 503, 507};
  views.handler = handler_of(services, save(services));
  endpoints.push_back(views);

  views.method = http::Method::delete_;
  views.path = "/api/v1/views/{id}";
  views.name = "delete_view";
  views.about = "Forgets a saved view; only who saved it may";
  views.body = {};
  views.answers = {
      {"application/json", R"({"type":"object","properties":{"id":{"type":"string"}}})"}};
  views.problems = {400, 403, 404, 503, 507};
  views.handler = handler_of(services, remove(services));
  endpoints.push_back(std::move(views));
}

}  // namespace tideline
