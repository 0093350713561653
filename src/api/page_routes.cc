// The status page and its two files, embedded in the program.
#include "api/page_assets.h"
#include "api/resources.h"
#include "base/check.h"

namespace tideline {
namespace {

std::string_view asset(std::string_view name) {
  for (const PageAsset& known : page_assets()) {
    if (known.name == name) return known.content;
  }
  check_failed("a file of the status page is missing", __FILE__, __LINE__);
}

Endpoint page(const char* path, const char* name, const char* file, const char* type,
              const char* about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "page";
  endpoint.about = about;
  endpoint.answers = {{type, R"({"type":"string"})"}};
  endpoint.handler = [content = asset(file), type = std::string(type)](
                         const http::Request& request, http::Responder responder) {
    http::Response response = http::text_response(std::string(content), type + "; charset=utf-8");
    http::apply_etag(request, response);
    responder(std::move(response));
  };
  return endpoint;
}

}  // namespace

void add_page_endpoints(Endpoints& endpoints, Services&) {
  endpoints.push_back(page("/", "show_page", "status.html", "text/html",
                           "A live status page: tiers, newest scores, rate, lag"));
  endpoints.push_back(page("/status.js", "show_page_script", "status.js", "text/javascript",
                           "The script of the status page"));
  endpoints.push_back(page("/status.css", "show_page_style", "status.css", "text/css",
                           "The style of the status page"));
}

}  // namespace tideline
