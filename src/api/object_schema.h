// ObjectSchema: JSON Schemas of the OpenAPI document, member by member. Internal to src/api.
#pragma once

#include <string>

#include "api/json_writer.h"

namespace tideline {

inline constexpr const char* kText = R"({"type":"string"})";
inline constexpr const char* kTextOrNull = R"({"type":["string","null"]})";
inline constexpr const char* kNumber = R"({"type":"number"})";
inline constexpr const char* kNumberOrNull = R"({"type":["number","null"]})";
inline constexpr const char* kCount = R"({"type":"integer","minimum":0})";
inline constexpr const char* kYesNo = R"({"type":"boolean"})";
inline constexpr const char* kTime = R"({"type":"string","format":"date-time"})";
inline constexpr const char* kTimeOrNull = R"({"type":["string","null"],"format":"date-time"})";
inline constexpr const char* kObject = R"({"type":"object"})";
inline constexpr const char* kObjectOrNull = R"({"type":["object","null"]})";
inline constexpr const char* kCounts =
    R"({"type":"object","additionalProperties":{"type":"integer","minimum":0}})";

inline std::string ref(const std::string& name) {
  return R"({"$ref":"#/components/schemas/)" + name + "\"}";
}
inline std::string list_of(const std::string& item) {
  return R"({"type":"array","items":)" + item + "}";
}

// An object schema, member by member; all members are required unless they are marked optional.
class ObjectSchema {
 public:
  ObjectSchema& has(const std::string& name, const std::string& schema) {
    required_ += (required_.empty() ? "" : ",") + http_name(name);
    return may_have(name, schema);
  }
  ObjectSchema& may_have(const std::string& name, const std::string& schema) {
    members_ += (members_.empty() ? "" : ",") + http_name(name) + ":" + schema;
    return *this;
  }
  [[nodiscard]] std::string text() const {
    return R"({"type":"object","properties":{)" + members_ + R"(},"required":[)" + required_ +
           "]}";
  }

 private:
  static std::string http_name(const std::string& name) { return JsonWriter().value(name).take(); }
  std::string members_;
  std::string required_;
};

inline std::string page_of(const std::string& item) {
  return ObjectSchema()
      .has("data", list_of(item))
      .has("next_cursor", kTextOrNull)
      .may_have("as_of", kTime)
      .text();
}

}  // namespace tideline
