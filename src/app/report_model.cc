#include "app/report_model.h"

#include <boost/json/parse.hpp>
#include <cmath>

#include "reports/answers.h"
#include "reports/words.h"
#include "scoring/manifest.h"

namespace tideline {
namespace {

namespace json = boost::json;
using reports::Answer;
using reports::AnswerRow;
using reports::NumberForm;

constexpr std::size_t kFeaturesShown = 12;

std::optional<double> number_at(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return std::nullopt;
  const double number = value->to_number<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string text_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::array* array_at(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_array() ? &value->get_array() : nullptr;
}

Answer answer_of(const std::string& version, const char* id, const char* about,
                 const std::string& place) {
  Answer answer;
  answer.id = id;
  answer.about = about;
  answer.kind = reports::QueryKind::api;
  answer.query = "GET /api/v1/models/" + version + "/evaluation: " + place;
  return answer;
}

NumberForm plain(int digits) { return {NumberForm::Kind::plain, digits, ""}; }
NumberForm share() { return {NumberForm::Kind::share, 1, ""}; }

void add_rivals(const std::string& version, const json::array& tasks, reports::Facts& facts) {
  Answer answer = answer_of(version, reports::answers::kModel, "The model and its rivals",
                            "evaluation.tasks[].models[]");
  answer.columns = {{"champion", "In use", plain(0)},
                    {"roc_auc", "ROC-AUC", plain(3)},
                    {"brier_skill", "Brier skill", plain(3)},
                    {"log_loss", "Log loss", plain(3)},
                    {"ece", "ECE", plain(4)},
                    {"r2", "R2", plain(3)},
                    {"mae", "MAE", plain(3)}};
  for (const json::value& value : tasks) {
    const json::object& task = value.as_object();
    const std::string name = text_of(task, "task");
    const json::array* models = array_at(task, "models");
    if (!models) continue;
    for (const json::value& one : *models) {
      const json::object& model = one.as_object();
      const std::string rival = text_of(model, "name");
      AnswerRow& row = answer.rows.emplace_back();
      row.name = name + " > " + rival;
      row.values.emplace_back(rival == text_of(task, "champion") ? 1 : 0);
      for (std::size_t i = 1; i < answer.columns.size(); ++i)
        row.values.push_back(number_at(model, answer.columns[i].name.c_str()));
    }
  }
  answer.period = "snapshots of " + facts.model->trained;
  answer.population = "rows set apart";
  facts.answers[answer.id] = std::move(answer);
}

// What the pack calls a feature.
std::string label_of(const Pack& pack, const std::string& feature) {
  const auto index = pack.feature_index(feature);
  const std::string label = index ? pack.features()[*index].label : std::string();
  return label.empty() ? reports::readable(feature) : label;
}

void add_reliability(const Pack& pack, const std::string& version, const json::object& task,
                     std::size_t place, reports::Facts& facts) {
  const json::value* curves = task.if_contains("curves");
  if (!curves || !curves->is_object()) return;
  const std::string where = "evaluation.tasks[" + std::to_string(place) + "].curves.";
  Answer bins = answer_of(version, reports::answers::kReliability, "Said against happened",
                          where + "reliability");
  bins.columns = {{"rows", "Rows", plain(0)},
                  {"predicted", "Said", share()},
                  {"observed", "Happened", share()},
                  {"low", "95 % from", share()},
                  {"high", "to", share()}};
  if (const json::array* list = array_at(curves->get_object(), "reliability")) {
    for (const json::value& one : *list) {
      const json::object& bin = one.as_object();
      std::optional<double> low, high;
      if (const json::array* range = array_at(bin, "observed_interval");
          range && range->size() == 2) {
        low = range->at(0).to_number<double>();
        high = range->at(1).to_number<double>();
      }
      bins.rows.push_back({std::to_string(bins.rows.size() + 1),
                           {number_at(bin, "n"), number_at(bin, "predicted"),
                            number_at(bin, "observed"), low, high}});
    }
  }
  Answer importance = answer_of(version, reports::answers::kImportance, "What the model leans on",
                                where + "importance");
  importance.columns = {{"loss_rise", "Loss rises by", plain(4)}};
  if (const json::array* list = array_at(curves->get_object(), "importance")) {
    for (const json::value& one : *list) {
      if (importance.rows.size() == kFeaturesShown) break;
      const json::object& feature = one.as_object();
      importance.rows.push_back(
          {label_of(pack, text_of(feature, "feature")), {number_at(feature, "loss_rise")}});
    }
  }
  for (Answer* answer : {&bins, &importance}) {
    answer->period = "snapshots of " + facts.model->trained;
    answer->population = "rows set apart";
    if (!answer->rows.empty()) facts.answers[answer->id] = std::move(*answer);
  }
}

void add_tasks(const json::array& tasks, reports::Facts& facts) {
  for (const json::value& value : tasks) {
    const json::object& task = value.as_object();
    reports::ModelFacts::OfTask& one = facts.model->tasks.emplace_back();
    one.task = text_of(task, "task");
    one.champion = text_of(task, "champion");
    one.split = reports::readable(text_of(task, "split"));
    if (!one.split.empty()) one.split[0] = static_cast<char>(std::tolower(one.split[0]));
    one.judged = number_at(task, "n_judged").value_or(0);
    if (const json::array* warnings = array_at(task, "warnings")) {
      for (const json::value& warning : *warnings)
        one.warnings.push_back(text_of(warning.as_object(), "message"));
    }
  }
}

}  // namespace

void add_model_facts(Engine& engine, reports::Facts& facts) {
  const auto key = engine.models().active();
  if (!key || !*key) {
    facts.no_model = key ? "none was trained yet" : key.error().message;
    return;
  }
  if (const auto problem = engine.model_problem()) {
    facts.no_model = problem->message;
    return;
  }
  const auto manifest = engine.models().manifest_of(**key);
  if (!manifest) {
    facts.no_model = manifest.error().message;
    return;
  }
  reports::ModelFacts& model = facts.model.emplace();
  model.version = manifest->model_version;
  model.rows = static_cast<double>(manifest->training_rows);
  if (manifest->training_from && manifest->training_to) {
    model.trained = reports::day_words(*manifest->training_from) + " to " +
                    reports::day_words(*manifest->training_to);
  }
  if (const auto leaving = engine.rescorer().task_of_leaving())
    model.main_task = engine.pack().tasks()[*leaving].name;
  boost::system::error_code error;
  const json::value evaluation = json::parse(manifest->evaluation, error);
  const json::array* tasks =
      !error && evaluation.is_object() ? array_at(evaluation.get_object(), "tasks") : nullptr;
  if (!tasks) return;
  add_tasks(*tasks, facts);
  add_rivals(manifest->version, *tasks, facts);
  for (std::size_t i = 0; i < tasks->size(); ++i) {
    const json::object& task = tasks->at(i).as_object();
    if (text_of(task, "task") == model.main_task)
      add_reliability(engine.pack(), manifest->version, task, i, facts);
  }
}

}  // namespace tideline
