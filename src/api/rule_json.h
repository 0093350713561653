// Books of rules as JSON.
#pragma once

#include <boost/json/value.hpp>

#include "api/json_writer.h"
#include "packs/rule_book.h"

namespace tideline {

void write_book(JsonWriter& json, const RuleBook& book);

// Errors: invalid "bad_rules" with the place of what is missing or of another type. What the texts
// mean is with_rules()'s to check.
[[nodiscard]] Result<RuleBook> parse_book(const boost::json::value& json);

}  // namespace tideline
