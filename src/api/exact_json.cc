#include "api/exact_json.h"

#include <simdjson.h>

namespace tideline {
namespace {

boost::json::value value_of(const simdjson::dom::element& from) {
  using Type = simdjson::dom::element_type;
  switch (from.type()) {
    case Type::ARRAY: {
      const simdjson::dom::array items = from.get_array().value_unsafe();
      boost::json::array list;
      for (const auto item : items) list.push_back(value_of(item));
      return list;
    }
    case Type::OBJECT: {
      const simdjson::dom::object fields = from.get_object().value_unsafe();
      boost::json::object object;
      for (const auto field : fields)
        object[boost::json::string_view(field.key.data(), field.key.size())] =
            value_of(field.value);
      return object;
    }
    case Type::INT64: return from.get_int64().value_unsafe();
    case Type::UINT64: return from.get_uint64().value_unsafe();
    case Type::DOUBLE: return from.get_double().value_unsafe();
    case Type::BOOL: return from.get_bool().value_unsafe();
    case Type::STRING: {
      const std::string_view text = from.get_string().value_unsafe();
      return boost::json::string(text.data(), text.size());
    }
    case Type::NULL_VALUE: break;
  }
  return nullptr;
}

}  // namespace

Result<boost::json::value> parse_exactly(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(json.data(), json.size()).get(root);
  if (error != simdjson::SUCCESS)
    return fail(ErrorCode::internal, "an answer is no JSON", "malformed_json");
  return value_of(root);
}

}  // namespace tideline
