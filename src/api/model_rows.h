// Rows for the model in a body, and figures in an answer: CSV and JSON, as the model routes share
// them. Internal to src/api.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/csv.h"
#include "api/json_writer.h"
#include "api/services.h"
#include "http/message.h"
#include "http/router.h"

namespace tideline {

// no_model, or model_refused with where to look.
[[nodiscard]] Error no_model(const Services& services);

// The model that scores now; unavailable without one.
[[nodiscard]] Result<std::shared_ptr<const Model>> model_in_production(const Services& services);

enum class RowForm { csv, json };
// JSON where the Content-Type says so or the body begins like it; else CSV.
[[nodiscard]] RowForm form_of(const http::Request& request);
// What `Accept` asks for; without a wish the form of the body. nullopt: neither would do.
[[nodiscard]] std::optional<RowForm> wanted_form(const http::Request& request);

// {"instances":[…]} or the list itself; each instance is a list of the features in the model's
// order or an object by their names; null and an absent name are missing. invalid names the first
// row, counted from 1, that is wrong.
[[nodiscard]] Result<NumberRows> parse_json_rows(std::string_view body, const Model& model);
// One row by names: {"bought_30d":4,…}.
[[nodiscard]] Result<std::vector<double>> parse_json_features(std::string_view object,
                                                              const Model& model);

// {"first_session_success":0.8,…}; a missing figure is null.
void write_figures(JsonWriter& json, const Model& model,
                   std::span<const std::optional<double>> figures);

// A handler whose work runs in the background.
using Answering = std::function<Result<http::Response>(const http::Request&)>;
[[nodiscard]] http::Handler answering(Services& services, Answering answer);

}  // namespace tideline
