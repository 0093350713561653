// The members of a small JSON body, for routes that take names and choices.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tideline {

// A JSON object whose members were all asked for. Errors are `invalid`: malformed_json where it is
// no object, bad_parameter where a member is of another kind, unknown or missing.
class BodyJson {
 public:
  // A member outside `allowed` is an error.
  [[nodiscard]] static Result<BodyJson> parse(std::string_view body,
                                              const std::vector<std::string_view>& allowed);
  BodyJson(BodyJson&&) noexcept;
  BodyJson& operator=(BodyJson&&) noexcept;
  ~BodyJson();

  [[nodiscard]] Result<std::string> text(const char* name) const;
  // nullopt where it is absent or null.
  [[nodiscard]] Result<std::optional<std::string>> text_or_none(const char* name) const;
  [[nodiscard]] Result<std::optional<bool>> yes_no_or_none(const char* name) const;
  [[nodiscard]] Result<std::optional<Time>> time_or_none(const char* name) const;
  [[nodiscard]] Result<std::vector<std::string>> texts(const char* name) const;

 private:
  struct Object;
  explicit BodyJson(std::unique_ptr<Object> object);
  std::unique_ptr<Object> object_;
};

}  // namespace tideline
