// The head of an answer: status line, the handler's fields, and what every answer carries.
#include <string>
#include <string_view>

#include "http/connection.h"

namespace tideline::http {
namespace {

struct Field {
  std::string_view name;
  std::string_view value;
};

// Sent unless the handler set a field of that name.
constexpr Field kDefaults[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

// A value with a line break would start a field, or an answer, of its own.
void append_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  for (const char c : value) {
    head += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
  }
  head += "\r\n";
}

void append_cors(std::string& head, const CorsOptions& cors, const std::string& origin) {
  if (cors.origins.empty()) {
    append_field(head, "Access-Control-Allow-Origin", "*");
  } else {
    append_field(head, "Vary", "Origin");
    bool known = false;
    for (const std::string& allowed : cors.origins) known = known || allowed == origin;
    if (!known) return;
    append_field(head, "Access-Control-Allow-Origin", origin);
  }
  append_field(head, "Access-Control-Expose-Headers", cors.expose_headers);
}

}  // namespace

std::string Connection::head_of(const Response& response, std::size_t body_bytes) const {
  std::string head;
  head.reserve(768);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason_phrase(response.status);
  head += "\r\n";
  for (const auto& [name, value] : response.headers) append_field(head, name, value);
  for (const Field& field : kDefaults) {
    if (!response.headers.get(field.name)) append_field(head, field.name, field.value);
  }
  append_field(head, "X-Request-Id", exchange_.id);
  if (const std::string date = core_->date(); !date.empty()) append_field(head, "Date", date);
  if (exchange_.route != nullptr && exchange_.route->options.cors) {
    append_cors(head, core_->options.cors, exchange_.origin);
  }
  if (response.stream) {
    if (!exchange_.http_1_0) append_field(head, "Transfer-Encoding", "chunked");
  } else if (response.status != 204 && response.status != 304) {
    append_field(head, "Content-Length", std::to_string(body_bytes));
  }
  if (!exchange_.keep_alive) {
    append_field(head, "Connection", "close");
  } else if (exchange_.http_1_0) {
    append_field(head, "Connection", "keep-alive");
  }
  head += "\r\n";
  return head;
}

}  // namespace tideline::http
