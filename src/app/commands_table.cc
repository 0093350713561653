// The options of model train --table.
#include <filesystem>

#include "app/commands.h"

namespace tideline {

void add_table_options(CLI::App& train, TableFlags& flags) {
  CLI::Option* table = train.add_option(
      "--table", flags.table,
      "Learn from a table of customers (CSV or Parquet) instead of the folder's history");
  CLI::Option* target =
      train.add_option("--target", flags.target, "The table's column to predict")->needs(table);
  table->needs(target);
  train.add_option("--id", flags.id, "The column that says which customer a row is about")
      ->needs(table);
  train
      .add_option("--time", flags.time,
                  "The column that says as of when a row is; later rows judge earlier ones")
      ->needs(table);
  train.add_option("--drop", flags.drop, "Columns not to look at")->needs(table);
  train.add_option("--seed", flags.seed, "Seed of the training")->needs(table);
}

void add_table_arguments(const TableFlags& flags, boost::json::object& arguments) {
  arguments["table"] = std::filesystem::absolute(flags.table).string();
  arguments["target"] = flags.target;
  if (!flags.id.empty()) arguments["id"] = flags.id;
  if (!flags.time.empty()) arguments["time"] = flags.time;
  arguments["drop"] = boost::json::array(flags.drop.begin(), flags.drop.end());
  arguments["seed"] = flags.seed;
}

}  // namespace tideline
