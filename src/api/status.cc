#include "api/status.h"

namespace tideline {
namespace {

constexpr int kOverloadedRetry_s = 1;
constexpr int kUnavailableRetry_s = 5;

}  // namespace

int http_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return 400;
    case ErrorCode::unauthorized: return 401;
    case ErrorCode::refused: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict: return 409;
    case ErrorCode::too_large: return 413;
    case ErrorCode::overloaded: return 429;
    case ErrorCode::io_failed:
    case ErrorCode::cancelled:
    case ErrorCode::unavailable: return 503;
    case ErrorCode::timeout: return 504;
    case ErrorCode::disk_full: return 507;
    case ErrorCode::corrupt:
    case ErrorCode::internal: return 500;
  }
  return 500;
}

http::Response problem_of(const Error& error) {
  http::Problem problem;
  problem.status = http_status_of(error.code);
  problem.code = error.reason.empty() ? std::string(name_of(error.code)) : error.reason;
  problem.detail = error.message;
  if (problem.status == 429) problem.retry_after_s = kOverloadedRetry_s;
  if (problem.status == 503) problem.retry_after_s = kUnavailableRetry_s;
  http::Response response = http::problem_response(std::move(problem));
  if (error.code == ErrorCode::unauthorized) {
    response.headers.set("WWW-Authenticate", "Bearer realm=\"tideline\"");
  }
  return response;
}

}  // namespace tideline
