// serve, demo.
#include <cstdio>

#include "app/commands.h"
#include "app/demo.h"
#include "app/disturbance_flags.h"
#include "app/serve.h"

namespace tideline {
namespace {

int run(Result<int> result) { return result ? *result : report(result.error()); }

// An option such as 15m or 20s.
void add_duration(CLI::App& command, const std::string& flag, Duration& value,
                  const std::string& help) {
  const auto is_duration = [](const std::string& text) {
    const auto duration = parse_duration(text);
    return duration && *duration >= Duration{} ? std::string()
                                               : "no duration such as 15m or 20s: " + text;
  };
  const auto take = [&value](const std::string& text) { value = *parse_duration(text); };
  command.add_option_function<std::string>(flag, take, help)->check(is_duration);
}

}  // namespace

void add_serve(CommandLine& line) {
  auto options = std::make_shared<ServeOptions>();
  auto listen = std::make_shared<std::string>();
  auto as_of = std::make_shared<std::string>();
  CLI::App* command = line.app.add_subcommand("serve", "Run the server of a data folder");
  add_folder_flags(*command, options->flags, true);
  command->add_option("--listen", *listen, "ADDRESS:PORT (default 127.0.0.1:3002)");
  command->add_option(
      "--as-of", *as_of,
      "Let time stand still at this moment: what was known then, nothing is taken in");
  command->add_flag("--insecure-listen", options->insecure_listen,
                    "Allow an address that is not loopback, without TLS");
  add_examples(*command,
               "  tideline serve --data shop --pack commerce\n"
               "  tideline serve --data shop --listen 127.0.0.1:8080\n"
               "  tideline serve --data course --as-of 2013-03-30T00:00:00Z");
  command->callback([&line, options, listen, as_of] {
    line.action = [options, listen, as_of] {
      if (!listen->empty())
        options->flags.settings.push_back({"--listen", "server.listen", *listen});
      if (!as_of->empty()) {
        options->as_of = parse_time(*as_of);
        if (!options->as_of)
          return report({ErrorCode::invalid, "--as-of is no RFC 3339 time: " + *as_of, "usage"});
      }
      return run(serve(*options));
    };
  });
}

void add_demo(CommandLine& line) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command =
      line.app.add_subcommand("demo", "Show the main job on a simulated marketplace, live");
  command->add_option("--data", options->data, "Data folder")->capture_default_str();
  command->add_option("--port", options->port, "Port on 127.0.0.1")->capture_default_str();
  command->add_option("--customers", options->customers, "Simulated customers")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--days", options->days, "Days of history, ending now")
      ->capture_default_str()
      ->check(CLI::Range(1, 3'650));
  command
      ->add_option("--speed", options->speed,
                   "Multiplies the rate of live events, never the clock")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 10'000.0));
  add_disturbance_flags(*command, options->disturbance);
  command->add_option("--burst-factor", options->bursts.factor, "Times the usual rate in a burst")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 100.0));
  add_duration(*command, "--burst-length", options->bursts.length,
               "How long a burst lasts, e.g. 15m (default 0s: no bursts)");
  add_duration(*command, "--burst-after", options->burst_after,
               "From the first live event to the first burst (default 1m)");
  add_duration(*command, "--burst-every", options->bursts.every,
               "From one burst to the next (default 0s: only one)");
  command->add_flag_callback(
      "--no-story", [options] { options->story = false; }, "Leave out the tutor who turns bad");
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline demo\n  tideline demo --port 8080 --customers 500 --speed 300\n"
               "  tideline demo --burst-length 15m --burst-every 1h");
  command->callback([&line, options] {
    line.action = [&line, options] {
      options->json = line.json;
      return run(demo(*options));
    };
  });
}

}  // namespace tideline
