// Commands: one function a command, each adding itself to the command line with its help and
// examples.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "app/session.h"

namespace tideline {

// What a command line came to: the chosen command's action, run after parsing; it answers the exit
// code.
struct CommandLine {
  CLI::App app{"Tideline tells a marketplace which customers are drifting away."};
  std::function<int()> action;
  bool json = false;
};

// --data, --config, --pack and --json, as most commands take them.
void add_folder_flags(CLI::App& command, FolderFlags& flags, bool with_pack);
void add_json_flag(CLI::App& command, CommandLine& line);
// "Examples:" below the options.
void add_examples(CLI::App& command, const std::string& examples);

// Opens the folder's session and runs one operation; on success hands the result to `print`.
[[nodiscard]] int with_session(const FolderFlags& flags, const std::string& operation,
                               const boost::json::object& arguments,
                               const std::function<int(const Json&)>& print);
void print_json(const Json& value);
// A text member; empty where there is none.
[[nodiscard]] std::string text_at(const Json& value, const char* key);
// Without what would move the cursor of a terminal, and cut at so many bytes.
[[nodiscard]] std::string printable(const std::string& text, std::size_t width);

void add_serve(CommandLine& line);
void add_demo(CommandLine& line);
void add_import(CommandLine& line);
void add_generate(CommandLine& line);
void add_features(CommandLine& line);
void add_sql(CommandLine& line);
void add_ask(CommandLine& line);
void add_sql_worker(CommandLine& line);  // hidden: what the server starts for SQL of the API
void add_lake_and_snapshot(CommandLine& line);
void add_model(CommandLine& line);

// The table that `model train --table` learns from.
struct TableFlags {
  std::string table;  // empty: the folder's own history
  std::string target;
  std::string id;
  std::string time;
  std::vector<std::string> drop;
  std::uint64_t seed = 1;
};
void add_table_options(CLI::App& train, TableFlags& flags);
void add_table_arguments(const TableFlags& flags, boost::json::object& arguments);

void add_model_lapse(CLI::App& model, CommandLine& line);
void add_model_export(CLI::App& model, CommandLine& line);
void add_model_roles(CLI::App& model, CommandLine& line);  // promote, rollback
void add_score(CommandLine& line);
void add_predict(CommandLine& line);
void add_pack_test(CommandLine& line);
void add_dead_letters(CommandLine& line);
void add_actions(CommandLine& line);
void add_pilots(CommandLine& line);
void add_report(CommandLine& line);
void add_keys(CommandLine& line);
void add_users(CommandLine& line);
void add_replay_and_verify(CommandLine& line);
void add_config(CommandLine& line);
void add_doctor_and_version(CommandLine& line);
void add_completion(CommandLine& line);

}  // namespace tideline
