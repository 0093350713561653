// model lapse: which lapse period suits the business.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "app/commands.h"

namespace tideline {
namespace {

constexpr int kBarWidth = 40;

int print_curve(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& curve = result.as_object();
  const auto recommended = curve.at("recommended_days").as_int64();
  std::printf(
      "  D  type I  type II   # type I: taken for gone, and came back within %lld days\n"
      "   days                . type II: not taken for gone, and did not\n",
      static_cast<long long>(curve.at("follow_up_days").as_int64()));
  const auto& points = curve.at("curve").as_array();
  const std::size_t step = std::max<std::size_t>(1, points.size() / 30);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& point = points[i].as_object();
    const bool best = point.at("days").as_int64() == recommended;
    if (!best && i % step != 0) continue;
    const double first = point.at("type_1").to_number<double>();
    const double second = point.at("type_2").to_number<double>();
    std::string bar(kBarWidth + 1, ' ');
    bar[static_cast<std::size_t>(second * kBarWidth)] = '.';
    bar[static_cast<std::size_t>(first * kBarWidth)] = '#';
    std::printf("%s%3lld  %5.1f%%   %5.1f%%  |%s|\n", best ? ">" : " ",
                static_cast<long long>(point.at("days").as_int64()), 100 * first, 100 * second,
                bar.c_str());
  }
  std::printf("Recommended: %lld days, where both errors together are least; the pack has %lld.\n",
              static_cast<long long>(recommended),
              static_cast<long long>(curve.at("pack_days").as_int64()));
  return 0;
}

}  // namespace

void add_model_lapse(CLI::App& model, CommandLine& line) {
  auto flags = std::make_shared<FolderFlags>();
  CLI::App* lapse =
      model.add_subcommand("lapse", "Draw the errors of every lapse period and recommend one");
  add_folder_flags(*lapse, *flags, false);
  add_json_flag(*lapse, line);
  add_examples(*lapse,
               "  tideline model lapse --data demo\n  tideline model lapse --data demo --json");
  lapse->callback([&line, flags] {
    line.action = [&line, flags] {
      return with_session(*flags, "lapse", {},
                          [&line](const Json& result) { return print_curve(result, line.json); });
    };
  });
}

}  // namespace tideline
