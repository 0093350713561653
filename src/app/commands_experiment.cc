#include "app/commands_experiment.h"

#include <cstdio>
#include <fstream>

#include "adapters/duckdb/result_format.h"
#include "adapters/duckdb/table_reader.h"
#include "adapters/xgboost/xgboost_trainer.h"
#include "app/experiment_table.h"
#include "app/terminal.h"

namespace tideline {
namespace {

struct MeasureFlags {
  std::string file;
  ExperimentRequest request;
  std::vector<std::string> shares;  // ARM=SHARE
  UpliftRequest uplift;
  std::optional<double> budget;
  std::string out;
};

Status set_shares(MeasureFlags& flags) {
  for (const std::string& text : flags.shares) {
    const auto equals = text.rfind('=');
    const double share = equals == std::string::npos ? 0 : std::atof(text.c_str() + equals + 1);
    if (!(share > 0)) return fail(ErrorCode::invalid, "--share is ARM=SHARE: " + text, "usage");
    flags.request.shares.emplace_back(text.substr(0, equals), share);
  }
  return {};
}

Status write_ranking(const std::string& path, const std::vector<UpliftRow>& ranking) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << "customer_id,uplift,expected_profit,chosen\n";
  for (const UpliftRow& row : ranking) {
    std::string line;
    append_csv_cell(line, Cell(row.customer), ResultKind::text);
    line += ",";
    append_number(line, row.uplift);
    line += ",";
    append_number(line, row.profit);
    file << line << (row.chosen ? ",true\n" : ",false\n");
  }
  file.flush();
  if (!file) return fail(ErrorCode::io_failed, path + " cannot be written");
  return {};
}

Result<Json> measure(MeasureFlags flags) {
  TRY(set_shares(flags));
  TableReaderOptions reading;
  reading.file = flags.file;
  reading.as_text = {flags.request.arm};
  if (!flags.request.id.empty()) reading.as_text.push_back(flags.request.id);
  TRY_ASSIGN(const CustomerTable table, read_customer_table(reading));
  TRY_ASSIGN(const ReadExperiment read, read_experiment(table, flags.request));
  boost::json::object result = experiment_json(read);
  result["uplift"] = nullptr;
  if (flags.uplift.outcome.empty()) return Json(std::move(result));
  const XgboostTrainer trees;
  flags.uplift.budget = flags.budget;
  TRY_ASSIGN(UpliftAnswer uplift, uplift_of(table, flags.request, read, flags.uplift, trees));
  if (!flags.out.empty()) TRY(write_ranking(flags.out, uplift.ranking));
  result["uplift"] = std::move(uplift.json);
  return Json(std::move(result));
}

double number(const boost::json::object& object, const char* key) {
  const Json& value = object.at(key);
  return value.is_null() ? 0 : value.to_number<double>();
}

void print_uplift(const boost::json::object& uplift) {
  std::printf("\nUplift of %s, learnt from %lld, judged by %lld others (all of them: %+.4f)\n",
              text_at(uplift, "outcome").c_str(),
              static_cast<long long>(number(uplift, "learnt_from")),
              static_cast<long long>(number(uplift, "judged_by")), number(uplift, "overall"));
  for (const Json& model : uplift.at("models").as_array()) {
    const auto& one = model.as_object();
    std::printf("  %-20s %-10s  Qini %.5f [%.5f, %.5f]  top tenth %+.4f\n",
                text_at(model, "method").c_str(), text_at(model, "base").c_str(),
                number(one, "qini"), number(one, "low"), number(one, "high"),
                number(one.at("top").as_array().front().as_object(), "observed"));
  }
  const auto& targets = uplift.at("targets").as_object();
  std::printf("  worth treating: %lld of %lld, for %.2f; expected profit %.2f\n",
              static_cast<long long>(number(targets, "customers")),
              static_cast<long long>(number(targets, "of")), number(targets, "spent"),
              number(targets, "expected_profit"));
}

int print_measured(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& object = result.as_object();
  const auto& ratio = object.at("sample_ratio").as_object();
  std::printf("%lld customers; split as planned: p %.2f%s\n",
              static_cast<long long>(number(object, "rows")), number(ratio, "p"),
              ratio.at("alarm").as_bool() ? "  ALARM: it is broken" : "");
  for (const Json& one : object.at("effects").as_array()) {
    const Json& arm = one.as_object().at("arm");
    const std::string name = arm.is_null() ? "all treated" : std::string(arm.as_string());
    if (!one.as_object().at("enough").as_bool()) {
      std::printf("  %-16s %-20s not enough data\n", text_at(one, "outcome").c_str(),
                  printable(name, 20).c_str());
      continue;
    }
    const auto& effect = one.as_object().at("effect").as_object();
    std::printf("  %-16s %-20s %.6f against %.6f: %+.6f [%.6f, %.6f]\n",
                text_at(one, "outcome").c_str(), printable(name, 20).c_str(),
                number(effect, "treated"), number(effect, "control"), number(effect, "difference"),
                number(effect, "low"), number(effect, "high"));
  }
  if (object.at("uplift").is_object()) print_uplift(object.at("uplift").as_object());
  return 0;
}

void add_uplift_options(CLI::App& command, MeasureFlags& flags) {
  CLI::Option* uplift = command.add_option("--uplift", flags.uplift.outcome,
                                           "Learn whom the treatment changes in "
                                           "this outcome, and rank the customers");
  command
      .add_option("--treated", flags.uplift.treated,
                  "The arm to learn from, where there are "
                  "several")
      ->needs(uplift);
  command.add_option("--value", flags.uplift.value, "Money that one more of the outcome is worth")
      ->needs(uplift);
  command.add_option("--cost", flags.uplift.cost, "Money that treating one customer costs")
      ->needs(uplift);
  command.add_option("--budget", flags.budget, "Money to spend at most")->needs(uplift);
  command.add_option("--out", flags.out, "Writes the ranking there, as CSV")->needs(uplift);
  command.add_option("--seed", flags.uplift.seed, "Of the intervals")->needs(uplift);
}

}  // namespace

void add_pilots_measure(CLI::App& pilots, CommandLine& line) {
  CLI::App* command = pilots.add_subcommand(
      "measure", "What an experiment shows that was run elsewhere, from a table (CSV or Parquet)");
  auto flags = std::make_shared<MeasureFlags>();
  ExperimentRequest& request = flags->request;
  command->add_option("table", flags->file, "A row a customer")->required();
  command->add_option("--arm", request.arm, "The column that says in which arm")->required();
  command->add_option("--control", request.control, "The arm that got nothing new")->required();
  command
      ->add_option("--outcome", request.outcomes,
                   "Columns of what the customers did: numbers, or yes and no")
      ->required();
  command->add_option("--before", request.before,
                      "A column measured before, which takes chance out (CUPED)");
  command->add_option("--share", flags->shares, "ARM=SHARE as planned; unless given all the same");
  command->add_option("--id", request.id, "The column with the customer's id");
  command->add_option("--drop", request.drop, "Columns that were not known before");
  add_uplift_options(*command, *flags);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline pilots measure campaign.csv --arm segment --control none --outcome "
               "visit --outcome spend --before history\n"
               "  tideline pilots measure campaign.csv --arm segment --control none --outcome "
               "visit --uplift visit --treated mail --value 12 --cost 0.1 --budget 500 --out "
               "ranking.csv");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      const auto result = measure(*flags);
      return result ? print_measured(*result, line.json) : report(result.error());
    };
  });
}

}  // namespace tideline
