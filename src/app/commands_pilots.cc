// pilots: experiments of the folder's own customers.
#include <cstdio>

#include "app/commands.h"
#include "app/commands_experiment.h"

namespace tideline {
namespace {

struct PilotFlags {
  FolderFlags folder;
  std::string id;
  std::string name;
  std::string treatment;
  std::string hypothesis;
  std::vector<std::string> tiers;
  std::vector<std::string> arms;  // NAME=SHARE
  std::string outcome = "retained";
  std::optional<double> horizon_days;
  double baseline = 0;
  double change = 0;
  double deviation = 0;
  double power = 0.8;
  std::vector<double> phases = {0.1, 1};
  bool draft = false;
  std::string reason;
};

double number_at(const boost::json::object& object, const char* key) {
  const Json& value = object.at(key);
  return value.is_null() ? 0 : value.to_number<double>();
}

// "a share" as per cent, an amount as it is.
std::string in_words(double value, bool is_share, bool with_sign) {
  char text[64];
  std::snprintf(text, sizeof(text), with_sign ? "%+.2f%s" : "%.2f%s",
                is_share ? 100 * value : value, is_share ? " %" : "");
  return text;
}

void print_effect(const boost::json::object& one) {
  const bool is_share = one.at("is_share").as_bool();
  const Json& arm = one.at("arm");
  const std::string name = arm.is_null() ? "all treated" : std::string(arm.as_string());
  if (!one.at("enough").as_bool()) {
    std::printf("  %-20s not enough data: %llu more in the smaller arm\n",
                printable(name, 20).c_str(),
                static_cast<unsigned long long>(one.at("missing").to_number<std::uint64_t>()));
    return;
  }
  const auto& effect = one.at("effect").as_object();
  std::printf("  %-20s %s against %s: %s [%s, %s]%s\n", printable(name, 20).c_str(),
              in_words(number_at(effect, "treated"), is_share, false).c_str(),
              in_words(number_at(effect, "control"), is_share, false).c_str(),
              in_words(number_at(effect, "difference"), is_share, true).c_str(),
              in_words(number_at(effect, "low"), is_share, true).c_str(),
              in_words(number_at(effect, "high"), is_share, true).c_str(),
              effect.at("clear").as_bool() ? "" : ", may be chance");
}

int print_pilot(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& pilot = result.as_object();
  const auto& report = pilot.at("report").as_object();
  const auto count = [&](const char* key) {
    return static_cast<unsigned long long>(report.at(key).to_number<std::uint64_t>());
  };
  std::printf("%s  %s, phase %lld: %.0f %% of those it is about\n", text_at(result, "id").c_str(),
              text_at(result, "status").c_str(),
              static_cast<long long>(pilot.at("phase").to_number<std::int64_t>() + 1),
              100 * number_at(pilot, "share"));
  std::printf("  %llu customers in it, %llu planned, %llu measured%s\n", count("customers"),
              count("planned"), count("measured"),
              report.at("interim").as_bool() ? ", not over yet" : "");
  const auto& ratio = report.at("sample_ratio").as_object();
  if (ratio.at("alarm").as_bool())
    std::printf("  ALARM: the arms are not split as planned (p %.2g)\n", number_at(ratio, "p"));
  for (const Json& one : report.at("effects").as_array()) print_effect(one.as_object());
  return 0;
}

int print_pilots(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  for (const Json& one : result.as_object().at("data").as_array()) {
    std::printf("%-32s %-8s %3.0f %%  %s\n", text_at(one, "id").c_str(),
                text_at(one, "status").c_str(), 100 * number_at(one.as_object(), "share"),
                printable(text_at(one, "treatment"), 80).c_str());
  }
  return 0;
}

boost::json::object pilot_of(const PilotFlags& flags) {
  boost::json::object pilot{{"name", flags.name},       {"treatment", flags.treatment},
                            {"outcome", flags.outcome}, {"baseline", flags.baseline},
                            {"change", flags.change},   {"deviation", flags.deviation},
                            {"power", flags.power}};
  if (!flags.hypothesis.empty()) pilot["hypothesis"] = flags.hypothesis;
  pilot["tiers"] = boost::json::array(flags.tiers.begin(), flags.tiers.end());
  pilot["phases"] = boost::json::array(flags.phases.begin(), flags.phases.end());
  if (flags.horizon_days) pilot["horizon_days"] = *flags.horizon_days;
  boost::json::array arms;
  for (const std::string& arm : flags.arms) {
    const auto equals = arm.rfind('=');
    boost::json::object one{{"name", arm.substr(0, equals)}};
    if (equals != std::string::npos) one["share"] = std::atof(arm.c_str() + equals + 1);
    arms.push_back(std::move(one));
  }
  if (!arms.empty()) pilot["arms"] = std::move(arms);
  return pilot;
}

using Flags = std::shared_ptr<PilotFlags>;

void add_step(CLI::App& parent, CommandLine& line, const Flags& flags, const std::string& step,
              const char* what) {
  CLI::App* command = parent.add_subcommand(step, what);
  command->add_option("id", flags->id, "As listed")->required();
  if (step == "stop") command->add_option("--reason", flags->reason, "Why");
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command, "  tideline pilots " + step + " tutor-match --data demo");
  command->callback([&line, flags, step] {
    line.action = [&line, flags, step] {
      boost::json::object arguments{{"step", step}, {"id", flags->id}};
      if (!flags->reason.empty()) arguments["reason"] = flags->reason;
      return with_session(flags->folder, "pilots", arguments,
                          [&](const Json& result) { return print_pilot(result, line.json); });
    };
  });
}

void add_list(CLI::App& parent, CommandLine& line, const Flags& flags) {
  CLI::App* list = parent.add_subcommand("list", "List them, the newest first");
  add_folder_flags(*list, flags->folder, false);
  add_json_flag(*list, line);
  add_examples(*list, "  tideline pilots list --data demo");
  list->callback([&line, flags] {
    line.action = [&line, flags] {
      return with_session(flags->folder, "pilots", {{"step", "list"}},
                          [&](const Json& result) { return print_pilots(result, line.json); });
    };
  });
}

void add_plan(CLI::App& create, PilotFlags& flags) {
  create.add_option("--outcome", flags.outcome, "What it is judged by")
      ->check(CLI::IsMember({"retained", "amount"}))
      ->capture_default_str();
  create.add_option("--baseline", flags.baseline,
                    "The control's outcome as expected: of retained a share, e.g. 0.45");
  create.add_option("--change", flags.change, "The least effect that is worth finding")
      ->required();
  create.add_option("--deviation", flags.deviation, "Of an amount: its standard deviation");
  create.add_option("--power", flags.power, "Chance to find it")->capture_default_str();
  create.add_option("--phases", flags.phases, "Shares of those it is about, growing to 1")
      ->delimiter(',')
      ->capture_default_str();
  create.add_option("--horizon-days", flags.horizon_days,
                    "When an outcome is known; unless given the pack's lapse period");
}

void add_create(CLI::App& parent, CommandLine& line, const Flags& flags) {
  CLI::App* create = parent.add_subcommand(
      "create", "Plan a pilot and start it: its size follows from power and change");
  create->add_option("name", flags->name, "Its name, from which its id is made")->required();
  create->add_option("--treatment", flags->treatment, "What the treated get")->required();
  create->add_option("--hypothesis", flags->hypothesis, "What is believed, and why");
  create->add_option("--tier", flags->tiers, "Whom it is about; unless given everybody scored");
  create->add_option("--arm", flags->arms,
                     "NAME=SHARE, the control first; unless given control=0.5 and treated=0.5");
  add_plan(*create, *flags);
  create->add_flag("--draft", flags->draft, "Does not start it");
  add_folder_flags(*create, flags->folder, false);
  add_json_flag(*create, line);
  add_examples(*create,
               "  tideline pilots create 'Tutor match' --treatment 'a mail with three tutors' "
               "--tier at_risk --baseline 0.45 --change 0.05 --data demo\n"
               "  tideline pilots create Calls --treatment 'a call' --arm control=0.7 --arm "
               "called=0.3 --baseline 0.45 --change 0.08 --phases 0.2,1 --draft --data demo");
  create->callback([&line, flags] {
    line.action = [&line, flags] {
      return with_session(
          flags->folder, "pilots",
          {{"step", "create"}, {"start", !flags->draft}, {"pilot", pilot_of(*flags)}},
          [&](const Json& result) { return print_pilot(result, line.json); });
    };
  });
}

}  // namespace

void add_pilots(CommandLine& line) {
  CLI::App* pilots = line.app.add_subcommand(
      "pilots", "Experiments: who gets a treatment by chance, and what it changes");
  pilots->require_subcommand(1);
  add_examples(
      *pilots,
      "  tideline pilots list --data demo\n"
      "  tideline pilots show tutor-match --data demo\n"
      "  tideline pilots measure campaign.csv --arm segment --control none --outcome visit");
  auto flags = std::make_shared<PilotFlags>();
  add_list(*pilots, line, flags);
  add_create(*pilots, line, flags);
  add_step(*pilots, line, flags, "show", "What it shows so far");
  add_step(*pilots, line, flags, "start", "Start a draft with its first phase");
  add_step(*pilots, line, flags, "widen", "Go on to the next phase");
  add_step(*pilots, line, flags, "stop", "Take nobody in any more");
  add_pilots_measure(*pilots, line);
}

}  // namespace tideline
