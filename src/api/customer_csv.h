// Customers as CSV, in the columns that are asked for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/prediction.h"
#include "packs/pack.h"

namespace tideline {

// "customer_id,health_score" as names; all columns when it is empty. invalid names what there is.
[[nodiscard]] Result<std::vector<std::string>> csv_columns_of(const Pack& pack,
                                                              std::string_view text);

// Head and rows, lines ending in CRLF. `columns` come from csv_columns_of.
[[nodiscard]] std::string prediction_csv(const Pack& pack, std::span<const Prediction> rows,
                                         const std::vector<std::string>& columns);

}  // namespace tideline
