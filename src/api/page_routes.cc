// The page: its one document at the path of every screen, and its files, embedded in the program.
#include <algorithm>

#include "api/page_assets.h"
#include "api/resources.h"
#include "base/check.h"

namespace tideline {
namespace {

// The screens; web/src/routes.tsx has the same list. The script shows the one of the path.
constexpr struct {
  const char* path;
  const char* name;
  const char* about;
} kScreens[] = {
    {"/", "show_page", "The page: overview"},
    {"/customers", "show_customers_page", "The page: customers"},
    {"/customers/{id}", "show_customer_page", "The page: one customer"},
    {"/actions", "show_actions_page", "The page: actions"},
    {"/pilots", "show_pilots_page", "The page: pilots"},
    {"/money", "show_money_page", "The page: the calculator, retention, success"},
    {"/pipeline", "show_pipeline_page", "The page: pipeline and dead letters"},
    {"/models", "show_models_page", "The page: models"},
    {"/rules", "show_rules_page", "The page: tiers and playbook"},
    {"/reports", "show_reports_page", "The page: reports"},
    {"/settings", "show_settings_page", "The page: account, keys, users, audit log"},
    {"/login", "show_login_page", "The page: sign in"},
    {"/setup", "show_setup_page", "The page: the first admin"},
    {"/explore", "show_explore_page", "The page: SQL over the lake"},
};

const PageAsset* find_asset(std::string_view name) {
  const auto assets = page_assets();
  const auto at = std::lower_bound(
      assets.begin(), assets.end(), name,
      [](const PageAsset& asset, std::string_view wanted) { return asset.name < wanted; });
  return at != assets.end() && at->name == name ? &*at : nullptr;
}

// Whether a list of codings names gzip, and not with weight 0 (RFC 9110, 12.5.3).
bool accepts_gzip(std::string_view codings) {
  const auto at = codings.find("gzip");
  if (at == std::string_view::npos) return false;
  std::string_view weight = codings.substr(at + 4);
  weight = weight.substr(0, weight.find(','));
  const auto quality = weight.find("q=");
  return quality == std::string_view::npos ||
         weight.find_first_of("123456789", quality) != std::string_view::npos;
}

http::Response asset_response(const http::Request& request, const PageAsset& asset) {
  const bool small =
      !asset.gzip.empty() && accepts_gzip(request.headers.get("Accept-Encoding").value_or(""));
  http::Response response = http::shared_response({nullptr, small ? asset.gzip : asset.content},
                                                  std::string(asset.type));
  if (small) response.headers.set("Content-Encoding", "gzip");
  response.headers.set("Vary", "Accept-Encoding");
  http::apply_etag(request, response);
  return response;
}

void serve_screen(const http::Request& request, http::Responder responder) {
  const PageAsset* document = find_asset("index.html");
  CHECK(document != nullptr);
  responder(asset_response(request, *document));
}

void serve_asset(const http::Request& request, http::Responder responder) {
  const PageAsset* asset = find_asset("assets/" + request.param("name"));
  if (asset == nullptr) {
    return responder(http::problem_response(404, "not_found", "no such file of the page"));
  }
  http::Response response = asset_response(request, *asset);
  // A changed file has another name, so that what has this one stays true for ever.
  response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
  responder(std::move(response));
}

}  // namespace

void add_page_endpoints(Endpoints& endpoints, Services&) {
  Endpoint endpoint;
  endpoint.permission = Permission::open;  // the shell holds no figure
  endpoint.tag = "page";
  for (const auto& screen : kScreens) {
    endpoint.path = screen.path;
    endpoint.name = screen.name;
    endpoint.about = screen.about;
    endpoint.answers = {{"text/html", R"({"type":"string"})"}};
    endpoint.handler = serve_screen;
    endpoints.push_back(endpoint);
  }
  endpoint.path = "/assets/{name}";
  endpoint.name = "show_page_file";
  endpoint.about = "A file of the page: script, style, font";
  endpoint.answers = {{"*/*", R"({"type":"string"})"}};
  endpoint.problems = {404};
  endpoint.handler = serve_asset;
  endpoints.push_back(std::move(endpoint));
}

}  // namespace tideline
