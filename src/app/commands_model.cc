// model train|evaluate|list|show.
#include <array>
#include <cstdio>
#include <filesystem>

#include "app/commands.h"

namespace tideline {
namespace {

struct ModelFlags {
  FolderFlags folder;
  std::vector<std::string> at;
  std::string label;
  std::string eligible;
  std::string where;
  std::string folds;
  std::string out;
  std::string report;
  std::string version;
  std::uint32_t select = 0;
  bool candidate = false;
  bool if_better = false;
  TableFlags table;
};

boost::json::object arguments_of(const ModelFlags& flags) {
  boost::json::object arguments;
  arguments["at"] = boost::json::array(flags.at.begin(), flags.at.end());
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) arguments[name] = value;
  };
  add("label", flags.label);
  add("eligible", flags.eligible);
  add("where", flags.where);
  add("folds", flags.folds);
  if (flags.select > 0) arguments["select"] = flags.select;
  if (flags.candidate) arguments["promote"] = "never";
  if (flags.if_better) arguments["promote"] = "gated";
  if (!flags.table.table.empty()) add_table_arguments(flags.table, arguments);
  if (!flags.report.empty())
    arguments["report"] = std::filesystem::absolute(flags.report).string();
  if (!flags.out.empty()) arguments["out"] = std::filesystem::absolute(flags.out).string();
  return arguments;
}

double number_at(const boost::json::object& object, const char* key) {
  const Json* value = object.if_contains(key);
  return value && value->is_number() ? value->to_number<double>() : 0;
}

bool has(const boost::json::object& object, const char* key) {
  const Json* value = object.if_contains(key);
  return value && !value->is_null();
}

std::string text_at(const boost::json::object& object, const char* key) {
  const Json* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The chosen features, and what fewer cost.
void print_selection(const boost::json::object& selection) {
  std::string names, curve;
  for (const Json& name : selection.at("names").as_array())
    names += (names.empty() ? "" : ", ") + std::string(name.get_string());
  for (const Json& point : selection.at("curve").as_array()) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%d: %.4f  ", point.at("features").to_number<int>(),
                  point.at("score").to_number<double>());
    curve += text.data();
  }
  std::printf("  features: %s\n  by number: %s\n  best alone: %s %.4f\n", names.c_str(),
              curve.c_str(), text_at(selection, "best_alone").c_str(),
              number_at(selection, "best_alone_score"));
}

// A table a task: every model beside its baselines.
void print_tasks(const boost::json::object& report) {
  for (const Json& entry : report.at("tasks").as_array()) {
    const auto& task = entry.as_object();
    std::printf("\n%s  n %.0f, %s %.3f, split %s, champion %s\n", text_at(task, "task").c_str(),
                number_at(task, "n"), text_at(task, "kind") == "probability" ? "rate" : "mean",
                number_at(task, "rate"), text_at(task, "split").c_str(),
                text_at(task, "champion").c_str());
    for (const Json& warning : task.at("warnings").as_array()) {
      std::printf("  warning %s: %s\n", text_at(warning.as_object(), "code").c_str(),
                  text_at(warning.as_object(), "message").c_str());
    }
    for (const Json& model : task.at("models").as_array()) {
      const auto& m = model.as_object();
      std::printf("  %-10s", text_at(m, "name").c_str());
      for (const char* metric : {"roc_auc", "pr_auc", "brier", "brier_skill", "log_loss", "ece",
                                 "r2", "mae", "rmse", "corr"}) {
        if (has(m, metric)) std::printf("  %s %.4f", metric, number_at(m, metric));
      }
      std::printf("\n");
    }
    if (const Json* chosen = task.if_contains("selection")) print_selection(chosen->as_object());
  }
  const Json* fairness = report.if_contains("fairness");
  if (fairness == nullptr) return;
  std::printf("\n");
  for (const Json& of : fairness->as_array())
    std::printf("fairness of %s by %s\n", text_at(of.as_object(), "task").c_str(),
                text_at(of.as_object(), "verdict").c_str());
}

int print_report(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& report = result.as_object();
  if (has(report, "model_version")) {
    std::printf("%s, learnt from %.0f rows", text_at(report, "model_version").c_str(),
                number_at(report, "rows"));
    if (has(report, "snapshots"))
      std::printf(" at %.0f times\n", number_at(report, "snapshots"));
    else
      std::printf(" of a table; score others with `tideline score --in FILE --model %s`\n",
                  text_at(report, "model_version").c_str());
    if (has(report, "promoted")) {
      std::printf("%s: %s\n",
                  report.at("promoted").as_bool() ? "In production" : "Kept as a candidate",
                  text_at(report, "promotion").c_str());
    }
  }
  print_tasks(report);
  return 0;
}

int print_models(const Json& result, bool json, const std::string& version) {
  const auto& models = result.as_object().at("models").as_array();
  if (!version.empty()) {
    for (const Json& model : models) {
      const auto& m = model.as_object();
      if (text_at(m, "version") != version &&
          text_at(m, "name") + "-" + text_at(m, "version") != version)
        continue;
      print_json(model);
      return 0;
    }
    return report({ErrorCode::not_found, "no model version " + version, "not_found"});
  }
  if (json) {
    print_json(result);
    return 0;
  }
  if (models.empty()) std::printf("No model yet; `tideline model train` makes one.\n");
  for (const Json& model : models) {
    const auto& m = model.as_object();
    const char* role = m.at("active").as_bool() ? "*" : m.at("shadow").as_bool() ? "~" : " ";
    std::printf("%s %s-%s%s%s\n", role, text_at(m, "name").c_str(), text_at(m, "version").c_str(),
                has(m, "problem") ? "  cannot be used: " : "", text_at(m, "problem").c_str());
  }
  return 0;
}

CLI::App* add_learning(CLI::App& model, CommandLine& line, const std::string& name,
                       const std::string& what, const std::shared_ptr<ModelFlags>& flags) {
  CLI::App* command = model.add_subcommand(name, what);
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  command->add_option(
      "--at", flags->at,
      "Snapshots as of these times (default: midnights of the history, a week or more apart)");
  command->add_option("--folds", flags->folds,
                      "time, customer or both: later weeks of customers not learnt from "
                      "(default: the strongest split that the history allows)");
  command
      ->add_option("--select", flags->select,
                   "Boosted trees of so many features of each task, with what that costs")
      ->check(CLI::Range(1, 100'000));
  command->add_option("--report", flags->report,
                      "A folder for a page about the evaluation: index.html and evaluation.json");
  command->callback([&line, flags, name] {
    const bool of_table = !flags->table.table.empty();
    flags->folder.tables_alone = of_table;
    const std::string operation = of_table ? "train_table" : name;
    line.action = [&line, flags, operation] {
      return with_session(flags->folder, operation, arguments_of(*flags),
                          [&line](const Json& result) { return print_report(result, line.json); });
    };
  });
  return command;
}

}  // namespace

void add_model(CommandLine& line) {
  CLI::App* model = line.app.add_subcommand(
      "model", "Learn from the folder's own history, and judge what was learnt");
  model->require_subcommand(1);
  add_examples(*model,
               "  tideline model train --data demo\n"
               "  tideline model evaluate --data demo --json");
  auto flags = std::make_shared<ModelFlags>();
  CLI::App* train =
      add_learning(*model, line, "train", "Learn a model and put it into production", flags);
  add_examples(*train,
               "  tideline model train --data demo\n  tideline model train --data course --folds "
               "customer --json\n"
               "  tideline model train --table customers.csv --target churned --id customer_id");
  auto* candidate = train->add_flag("--candidate", flags->candidate,
                                    "Keep it as a candidate, however good it is");
  train
      ->add_flag("--if-better", flags->if_better,
                 "Into production only when it beats what is there and the recency rule")
      ->excludes(candidate);
  add_table_options(*train, flags->table);
  train
      ->add_option("--out", flags->out,
                   "CSV of the table's predictions on held-out rows (id, task, label, p)")
      ->needs("--table");
  CLI::App* evaluate =
      add_learning(*model, line, "evaluate",
                   "Judge models and baselines on rows that they were not trained on", flags);
  evaluate->add_option("--label", flags->label,
                       "Another label than the pack's tasks, e.g. 'gone(0d,14d)'");
  evaluate->add_option("--eligible", flags->eligible,
                       "pack, any, or a rule, e.g. 'since(qualifying) <= 90d' (default pack)");
  evaluate->add_option("--where", flags->where,
                       "SQL condition over the snapshots (customer_id, as_of, features, ...)");
  evaluate->add_option("--out", flags->out,
                       "CSV of the predictions on held-out rows (id, as_of, task, label, p)");
  add_examples(*evaluate,
               "  tideline model evaluate --data demo\n"
               "  tideline model evaluate --data course --at 2013-03-30T00:00:00Z --label "
               "'gone(0d,14d)' --folds customer\n"
               "  tideline model evaluate --data demo --report report");
  CLI::App* list =
      model->add_subcommand("list", "List the versions; * is in production, ~ in its shadow");
  add_folder_flags(*list, flags->folder, false);
  add_json_flag(*list, line);
  CLI::App* show = model->add_subcommand(
      "show", "Show one version: its manifest, how it did in service, drift");
  show->add_option("version", flags->version, "v1, or marketplace-health-v1")->required();
  add_folder_flags(*show, flags->folder, false);
  add_json_flag(*show, line);
  for (CLI::App* command : {list, show}) {
    command->callback([&line, flags] {
      flags->folder.tables_alone = true;
      line.action = [&line, flags] {
        return with_session(flags->folder, "models", {}, [&](const Json& result) {
          return print_models(result, line.json, flags->version);
        });
      };
    });
  }
  add_model_roles(*model, line);
  add_model_lapse(*model, line);
  add_model_export(*model, line);
  add_examples(*list, "  tideline model list --data demo");
  add_examples(*show, "  tideline model show v1 --data demo");
}

}  // namespace tideline
