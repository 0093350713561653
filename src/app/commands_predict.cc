// predict ID [--trace].
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/commands.h"

namespace tideline {
namespace {

constexpr std::size_t kDriversShown = 3;
constexpr std::size_t kDriversTraced = 10;

struct PredictFlags {
  FolderFlags folder;
  std::string customer;
  std::string model;
  bool trace = false;
};

std::string text_at(const boost::json::object& object, const char* key) {
  const Json* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// Six digits that count, "-" for what is missing.
std::string number_text(const Json& value) {
  if (!value.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value.to_number<double>());
  return text;
}

void print_predictions(const boost::json::object& result) {
  std::printf("Customer %s as of %s\n\n", text_at(result, "customer_id").c_str(),
              text_at(result, "as_of").c_str());
  for (const Json& entry : result.at("predictions").as_array()) {
    const auto& figure = entry.as_object();
    std::printf("  %-24s %10s\n", text_at(figure, "task").c_str(),
                number_text(figure.at("figure")).c_str());
  }
  const std::string tier = text_at(result, "tier");
  if (tier.empty()) {
    std::printf("\n  unscored: %s\n", text_at(result, "reason").c_str());
  } else {
    std::printf("\n  %-24s %10s   %s\n", "tier", tier.c_str(),
                text_at(result, "tier_reason").c_str());
  }
  if (result.at("shown").is_object()) {
    const auto& shown = result.at("shown").get_object();
    const std::string other = text_at(shown, "tier");
    if (!other.empty() && other != tier)
      std::printf("  %-24s %10s   %s\n", "shown", other.c_str(), text_at(shown, "reason").c_str());
  }
}

// What pushed the figure, `most` of it.
void print_drivers(const boost::json::object& result, std::size_t most) {
  if (!result.at("drivers").is_object()) return;
  const auto& drivers = result.at("drivers").get_object();
  const auto& list = drivers.at("list").as_array();
  if (list.empty()) return;
  std::printf("\nWhat pushed %s (in %s):\n", text_at(drivers, "task").c_str(),
              text_at(drivers, "unit").c_str());
  for (std::size_t i = 0; i < std::min(most, list.size()); ++i) {
    const auto& driver = list[i].as_object();
    const Json& contribution = driver.at("contribution");
    std::printf("  %+8.3f  %s\n",
                contribution.is_number() ? contribution.to_number<double>() : 0.0,
                text_at(driver, "sentence").c_str());
  }
}

void print_trace(const boost::json::object& result) {
  const auto& features = result.at("features").as_array();
  std::size_t missing = 0;
  for (const Json& feature : features) missing += feature.at("value").is_null() ? 1 : 0;
  std::printf("\nWhat the model was told: %zu features, %zu of them missing (coverage %.0f %%)\n",
              features.size(), missing, 100 * result.at("coverage").to_number<double>());
  std::string group;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto& feature = features[i].as_object();
    if (text_at(feature, "group") != group) {
      group = text_at(feature, "group");
      std::printf("  %s\n", group.c_str());
    }
    std::printf("  %4zu  %-36s %12s  %s\n", i + 1, text_at(feature, "name").c_str(),
                number_text(feature.at("value")).c_str(), text_at(feature, "unit").c_str());
  }
  std::printf("\nFrom %s events, %s to %s; days since the last that counts: %s\n",
              number_text(result.at("events")).c_str(), text_at(result, "first_event").c_str(),
              text_at(result, "last_event").c_str(),
              number_text(result.at("days_since_qualifying")).c_str());
  if (result.at("model").is_object()) {
    const auto& model = result.at("model").get_object();
    std::printf("\nModel %s, learnt from %s rows of %s to %s\n",
                text_at(model, "model_version").c_str(),
                number_text(model.at("training_rows")).c_str(),
                text_at(model, "training_from").c_str(), text_at(model, "training_to").c_str());
    for (const Json& task : model.at("champions").as_array()) {
      std::printf("  %-24s %s\n", text_at(task.as_object(), "task").c_str(),
                  text_at(task.as_object(), "champion").c_str());
    }
  }
  const auto& latency = result.at("latency_us").as_object();
  const auto us = [&](const char* key) { return latency.at(key).to_number<double>(); };
  std::printf("\nIn %.0f us: reading the state %.0f, features %.0f, model %.0f\n", us("all"),
              us("read_state"), us("features"), us("model"));
}

}  // namespace

void add_predict(CommandLine& line) {
  CLI::App* command =
      line.app.add_subcommand("predict", "What the model says of one customer now, and why");
  auto flags = std::make_shared<PredictFlags>();
  command->add_option("customer", flags->customer, "The customer's id")->required();
  command->add_flag("--trace", flags->trace,
                    "Also every feature with its value, the model, and how long each step took");
  command->add_option("--model", flags->model,
                      "Another version than the one in production, e.g. v3");
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline predict student-000042 --data demo\n"
               "  tideline predict student-000042 --trace --data demo");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{{"customer", flags->customer}};
      if (!flags->model.empty()) arguments["model"] = flags->model;
      return with_session(flags->folder, "predict", arguments, [&](const Json& result) {
        if (line.json) {
          print_json(result);
          return 0;
        }
        print_predictions(result.as_object());
        print_drivers(result.as_object(), flags->trace ? kDriversTraced : kDriversShown);
        if (flags->trace) print_trace(result.as_object());
        return 0;
      });
    };
  });
}

}  // namespace tideline
