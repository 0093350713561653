#include "api/model_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "api/status.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

bool holds(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

tl::unexpected<Error> bad_row(std::size_t row, const std::string& what) {
  return fail(ErrorCode::invalid, "row " + std::to_string(row) + " " + what, "bad_row");
}

// nullopt: no number and no null. What is beyond double's range does not parse at all.
std::optional<double> number_or_missing(simdjson::dom::element value) {
  if (value.is_null()) return kMissing;
  double number = 0;
  if (value.is_number() && value.get_double().get(number) == simdjson::SUCCESS &&
      std::isfinite(number)) {
    return number;
  }
  return std::nullopt;
}

Status add_list(simdjson::dom::array cells, const Model& model, NumberRows& rows) {
  if (cells.size() != model.feature_count()) {
    return bad_row(rows.rows, "has " + std::to_string(cells.size()) + " cells; the model takes " +
                                  std::to_string(model.feature_count()));
  }
  std::size_t cell = 0;
  for (const simdjson::dom::element value : cells) {
    ++cell;
    const auto number = number_or_missing(value);
    if (!number) {
      return bad_row(rows.rows,
                     "cell " + std::to_string(cell) + " is no number; null stands for missing");
    }
    rows.values.push_back(*number);
  }
  return {};
}

Status add_object(simdjson::dom::object cells, const Model& model, NumberRows& rows) {
  const std::vector<std::string>& names = model.manifest().features;
  const std::size_t begin = rows.values.size();
  rows.values.resize(begin + names.size(), kMissing);
  for (const auto& [key, value] : cells) {
    const auto found = std::find(names.begin(), names.end(), key);
    if (found == names.end()) {
      return bad_row(rows.rows, "has \"" + std::string(key) + "\", which is no feature of " +
                                    model.version() + did_you_mean(key, names));
    }
    const auto number = number_or_missing(value);
    if (!number) {
      return bad_row(rows.rows,
                     "\"" + std::string(key) + "\" is no number; null stands for missing");
    }
    rows.values[begin + static_cast<std::size_t>(found - names.begin())] = *number;
  }
  return {};
}

Result<simdjson::dom::element> parse(simdjson::dom::parser& parser, std::string_view body) {
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, "the body is not JSON", "malformed_json");
  return document;
}

}  // namespace

Error no_model(const Services& services) {
  const std::string why = services.rescorer.no_model_why();
  if (why == "model_refused") {
    return {ErrorCode::unavailable,
            "the model in production cannot be used; `tideline model list` says why", why};
  }
  return {ErrorCode::unavailable,
          "no model is in production; train one with `tideline model train`", "no_model"};
}

Result<std::shared_ptr<const Model>> model_in_production(const Services& services) {
  auto model = services.rescorer.model();
  if (!model) return fail(no_model(services));
  return model;
}

RowForm form_of(const http::Request& request) {
  const auto type = request.headers.get("Content-Type").value_or("");
  if (holds(type, "json")) return RowForm::json;
  if (holds(type, "csv")) return RowForm::csv;
  const auto first = request.body.find_first_not_of(" \t\r\n");
  const bool like_json =
      first != std::string::npos && (request.body[first] == '{' || request.body[first] == '[');
  return like_json ? RowForm::json : RowForm::csv;
}

std::optional<RowForm> wanted_form(const http::Request& request) {
  const auto accept = request.headers.get("Accept").value_or("");
  if (holds(accept, "application/json")) return RowForm::json;
  if (holds(accept, "text/csv")) return RowForm::csv;
  if (accept.empty() || holds(accept, "*/*")) return form_of(request);
  return std::nullopt;
}

Result<NumberRows> parse_json_rows(std::string_view body, const Model& model) {
  simdjson::dom::parser parser;
  TRY_ASSIGN(const auto document, parse(parser, body));
  simdjson::dom::element instances = document;
  if (document.is_object() && document["instances"].get(instances) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, "the body has no \"instances\"", "bad_row");
  simdjson::dom::array list;
  if (instances.get_array().get(list) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, "the instances are no list", "bad_row");
  NumberRows rows;
  for (const simdjson::dom::element instance : list) {
    ++rows.rows;
    if (instance.is_array()) {
      TRY(add_list(instance.get_array(), model, rows));
    } else if (instance.is_object()) {
      TRY(add_object(instance.get_object(), model, rows));
    } else {
      return bad_row(rows.rows, "is neither a list nor an object of features");
    }
  }
  if (rows.rows == 0) return fail(ErrorCode::invalid, "there are no rows", "bad_row");
  return rows;
}

Result<std::vector<double>> parse_json_features(std::string_view text, const Model& model) {
  simdjson::dom::parser parser;
  TRY_ASSIGN(const auto document, parse(parser, text));
  simdjson::dom::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, "the features are no object by their names", "bad_row");
  NumberRows rows;
  rows.rows = 1;
  TRY(add_object(object, model, rows));
  return std::move(rows.values);
}

void write_figures(JsonWriter& json, const Model& model,
                   std::span<const std::optional<double>> figures) {
  json.begin_object();
  for (std::size_t k = 0; k < model.task_count(); ++k)
    json.member(model.manifest().tasks[k].name, figures[k]);
  json.end_object();
}

http::Handler answering(Services& services, Answering answer) {
  return
      [&services, answer = std::move(answer)](http::Request request, http::Responder responder) {
        auto shared = std::make_shared<http::Responder>(std::move(responder));
        auto asked = std::make_shared<http::Request>(std::move(request));
        services.in_background([answer, shared, asked] {
          auto response = answer(*asked);
          (*shared)(response ? std::move(*response) : problem_of(response.error()));
        });
      };
}

}  // namespace tideline
