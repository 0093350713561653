#include "api/body_json.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tideline {

struct BodyJson::Object {
  boost::json::object members;

  // nullptr where it is absent or null.
  [[nodiscard]] const boost::json::value* find(const char* name) const {
    const auto* member = members.if_contains(name);
    return member == nullptr || member->is_null() ? nullptr : member;
  }
};

namespace {

tl::unexpected<Error> wrong(const char* name, const char* kind) {
  return fail(ErrorCode::invalid, std::string("\"") + name + "\" is no " + kind, "bad_parameter");
}

}  // namespace

BodyJson::BodyJson(std::unique_ptr<Object> object) : object_(std::move(object)) {}
BodyJson::BodyJson(BodyJson&&) noexcept = default;
BodyJson& BodyJson::operator=(BodyJson&&) noexcept = default;
BodyJson::~BodyJson() = default;

Result<BodyJson> BodyJson::parse(std::string_view body,
                                 const std::vector<std::string_view>& allowed) {
  boost::system::error_code error;
  auto value = boost::json::parse({body.data(), body.size()}, error);
  if (error || !value.is_object()) {
    return fail(ErrorCode::invalid, "the body is no JSON object", "malformed_json");
  }
  auto object = std::make_unique<Object>();
  object->members = std::move(value.get_object());
  for (const auto& member : object->members) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return fail(ErrorCode::invalid, "unknown member \"" + std::string(name.substr(0, 64)) + "\"",
                  "bad_parameter");
    }
  }
  return BodyJson(std::move(object));
}

Result<std::string> BodyJson::text(const char* name) const {
  TRY_ASSIGN(auto found, text_or_none(name));
  if (found) return std::move(*found);
  return fail(ErrorCode::invalid, std::string("\"") + name + "\" is missing", "bad_parameter");
}

Result<std::optional<std::string>> BodyJson::text_or_none(const char* name) const {
  const auto* member = object_->find(name);
  if (member == nullptr) return std::optional<std::string>();
  if (!member->is_string()) return wrong(name, "text");
  return std::optional(std::string(member->get_string()));
}

Result<std::optional<bool>> BodyJson::yes_no_or_none(const char* name) const {
  const auto* member = object_->find(name);
  if (member == nullptr) return std::optional<bool>();
  if (!member->is_bool()) return wrong(name, "true or false");
  return std::optional(member->get_bool());
}

Result<std::optional<Time>> BodyJson::time_or_none(const char* name) const {
  TRY_ASSIGN(const auto text, text_or_none(name));
  if (!text) return std::optional<Time>();
  const auto time = parse_time(*text);
  if (!time) return wrong(name, "RFC 3339 time");
  return time;
}

Result<std::vector<std::string>> BodyJson::texts(const char* name) const {
  std::vector<std::string> list;
  const auto* member = object_->find(name);
  if (member == nullptr) return list;
  if (!member->is_array()) return wrong(name, "list of texts");
  for (const auto& element : member->get_array()) {
    if (!element.is_string()) return wrong(name, "list of texts");
    list.emplace_back(element.get_string());
  }
  return list;
}

}  // namespace tideline
