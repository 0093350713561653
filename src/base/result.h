// Result<T> and Error: how every fallible function of Tideline answers.
//
// A function that can fail returns Result<T>; absence is std::optional; a programmer's error
// asserts (base/check.h). Exceptions of libraries are caught in their adapter and become an Error
// there.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tl {
template <class T, class E>
class [[nodiscard]] expected;  // redeclared so that a dropped Result is a compiler warning
}
#include <tl/expected.hpp>

namespace tideline {

// What kind of trouble it is. One table maps it to HTTP (api/status.h), one to exit codes
// (app/exit_code.h).
enum class ErrorCode {
  invalid,       // the request or file is wrong and stays wrong when sent again
  not_found,     // what was named does not exist
  conflict,      // it exists with other content
  refused,       // right in form, but not allowed here: another pack, another format, frozen time
  too_large,     // over a stated limit; nothing was stored
  unauthorized,  // no key, or an unknown one
  overloaded,    // a bounded queue is full; the same request may pass later
  unavailable,   // starting, draining, log failed, server not reachable
  disk_full,     // the disk reserve would be used
  io_failed,     // the operating system refused a read, a write or a sync
  corrupt,       // bytes on disk are not what was written
  timeout,
  cancelled,  // interrupted by the user
  internal,   // a library failed in a way that no caller can mend
};

// snake_case name of a code, as it appears in problem+json and in logs.
[[nodiscard]] std::string_view name_of(ErrorCode code);
// And back; `internal` for a name that is none.
[[nodiscard]] ErrorCode error_code_of(std::string_view name);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // one sentence, fit for an administrator: what, where, what to do
  std::string reason;  // stable snake_case code of the detail, e.g. "malformed_json"; may be empty

  // The same error with "context: " before its message.
  [[nodiscard]] Error in(std::string_view context) const {
    return Error{code, std::string(context) + ": " + message, reason};
  }
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string reason = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(reason)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace tideline

#define TIDELINE_CONCAT_(a, b) a##b
#define TIDELINE_CONCAT(a, b) TIDELINE_CONCAT_(a, b)

// TRY(f());  returns f's error to the caller.
#define TRY(expression)                                                        \
  do {                                                                         \
    auto try_result_ = (expression);                                           \
    if (!try_result_) return ::tl::unexpected(std::move(try_result_).error()); \
  } while (false)

// TRY_ASSIGN(auto x, f());  declares x from f's value, or returns f's error to the caller.
#define TRY_ASSIGN(declaration, expression) \
  TIDELINE_TRY_ASSIGN_(TIDELINE_CONCAT(try_value_, __LINE__), declaration, expression)
#define TIDELINE_TRY_ASSIGN_(name, declaration, expression)    \
  auto name = (expression);                                    \
  if (!name) return ::tl::unexpected(std::move(name).error()); \
  declaration = std::move(*name)
