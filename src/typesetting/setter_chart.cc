// Charts: title, legend, and what is said where there is nothing to draw.
#include <algorithm>

#include "typesetting/plot.h"
#include "typesetting/setter.h"
#include "typesetting/style.h"

namespace tideline::typesetting {
namespace {

Setter::Type title_type() {
  return {style::kChartTitle, 1.35, style::kInk, FontFace::text, FontWeight::semibold,
          TextAlign::left,    2};
}

Setter::Type missing_type() {
  return {style::kTable,     1.4, style::kFaint, FontFace::text, FontWeight::regular,
          TextAlign::centre, 4};
}

constexpr double kSwatch = 7;
constexpr double kLegendHeight = 13;
constexpr double kTopGap = 3;  // half a label of the y axis

std::vector<std::string> legend_of(const Chart& chart) {
  std::vector<std::string> names;
  const auto of_series = [&](const std::vector<ChartSeries>& series) {
    if (series.size() < 2) return;
    for (const ChartSeries& one : series) names.push_back(one.name);
  };
  std::visit(
      [&](const auto& what) {
        if constexpr (requires { what.series; }) of_series(what.series);
      },
      chart.what);
  return names;
}

bool has_values(const std::vector<ChartSeries>& series) {
  return std::any_of(series.begin(), series.end(), [](const ChartSeries& one) {
    return std::any_of(one.values.begin(), one.values.end(),
                       [](const auto& value) { return value.has_value(); });
  });
}

bool has_something(const Chart& chart) {
  if (!chart.missing.empty()) return false;
  return std::visit(
      [](const auto& what) {
        if constexpr (requires { what.series; }) return has_values(what.series);
        if constexpr (requires { what.bins; }) return !what.bins.empty();
        if constexpr (requires { what.streams; }) return !what.streams.empty();
        return true;
      },
      chart.what);
}

// Swatches and names in one row; names share the width where they are long.
double draw_legend(Setter& setter, const std::vector<std::string>& names, const Box& box) {
  if (names.empty()) return 0;
  const Setter::Type type = Plot::label_type(TextAlign::left);
  const double swatch = setter.scaled(kSwatch), gap = setter.scaled(4);
  const double most = box.width / static_cast<double>(names.size()) - swatch - 3 * gap;
  double x = box.x;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double width = std::min(most, setter.width_of(names[i], type) + 0.5);
    setter.fill_box({x, box.y + setter.scaled(1.6), swatch, setter.scaled(5.4)}, style::series(i));
    setter.write(names[i], type, x + swatch + gap, box.y, width);
    x += swatch + width + 3 * gap;
  }
  return setter.scaled(kLegendHeight);
}

}  // namespace

Room Setter::room(const Chart& chart, double width) {
  double height = height_of(chart.title, title_type(), width) + scaled(4);
  if (!legend_of(chart).empty()) height += scaled(kLegendHeight);
  if (!has_something(chart)) return {height + scaled(44), 0};
  const double least = scaled(kTopGap + std::max(chart.height_min, needed_height(chart)));
  const double most = std::max(least, scaled(chart.height_max));
  return {height + least, most - least};
}

void Setter::draw_it(const Chart& chart, const Box& box) {
  double y = box.y + write(chart.title, title_type(), box.x, box.y, box.width) + scaled(4);
  if (!has_something(chart)) {
    const Box room{box.x, y, box.width, box.y + box.height - y};
    fill_box(room, style::kWash);
    const std::string words =
        "Not enough data" + (chart.missing.empty() ? "" : ": " + chart.missing);
    const double height = height_of(words, missing_type(), box.width - scaled(16));
    write(words, missing_type(), box.x + scaled(8), y + (room.height - height) / 2,
          box.width - scaled(16));
    return;
  }
  y += draw_legend(*this, legend_of(chart), {box.x, y, box.width, 0});
  y += scaled(kTopGap);
  const Plot plot(*this, {box.x, y, box.width, box.y + box.height - y});
  std::visit([&](const auto& what) { draw_chart(plot, what, chart); }, chart.what);
}

}  // namespace tideline::typesetting
