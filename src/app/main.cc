// The program: parses the command line and runs one command.
#include <cstdio>

#include "app/commands.h"
#include "app/crypto.h"

int main(int argc, char** argv) {
  using namespace tideline;
  if (!crypto_ready())
    return report({ErrorCode::internal, "the system gives no secure random numbers", ""});
  watch_interrupts();
  CommandLine line;
  line.app.name("tideline");
  line.app.require_subcommand(1);
  line.app.set_help_all_flag("--help-all", "Help of every command");
  add_examples(line.app,
               "  tideline demo\n"
               "  tideline serve --data shop --pack commerce\n"
               "  tideline import --help");
  for (const auto add : {add_serve,
                         add_demo,
                         add_import,
                         add_generate,
                         add_features,
                         add_sql,
                         add_ask,
                         add_sql_worker,
                         add_lake_and_snapshot,
                         add_model,
                         add_score,
                         add_predict,
                         add_pack_test,
                         add_dead_letters,
                         add_actions,
                         add_pilots,
                         add_report,
                         add_keys,
                         add_users,
                         add_replay_and_verify,
                         add_config,
                         add_doctor_and_version,
                         add_completion}) {
    add(line);
  }
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const int code = line.action ? line.action() : static_cast<int>(ExitCode::usage);
  return interrupted() && code == static_cast<int>(ExitCode::failure)
             ? static_cast<int>(ExitCode::interrupted)
             : code;
}
