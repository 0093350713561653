// Charts over places of an x axis: lines, columns, stacked areas; and bars to the right.
#include <algorithm>
#include <cmath>

#include "typesetting/plot.h"
#include "typesetting/style.h"

namespace tideline::typesetting {
namespace {

using Kind = PathStep::Kind;

constexpr double kBelow = 15;  // room for the labels of places

struct Range {
  double low = 0;  // zero is always part of it
  double high = 0;
};

Range range_of(const std::vector<ChartSeries>& series) {
  Range range;
  for (const ChartSeries& one : series) {
    for (const auto& value : one.values) {
      if (!value || !std::isfinite(*value)) continue;
      range.low = std::min(range.low, *value);
      range.high = std::max(range.high, *value);
    }
  }
  return range;
}

double value_at(const ChartSeries& series, std::size_t place) {
  if (place >= series.values.size() || !series.values[place]) return 0;
  return std::isfinite(*series.values[place]) ? *series.values[place] : 0;
}

// Of values that stand on each other, those below zero apart.
Range stacked_range(const std::vector<ChartSeries>& series, std::size_t places) {
  Range range;
  for (std::size_t place = 0; place < places; ++place) {
    double up = 0, down = 0;
    for (const ChartSeries& one : series) {
      const double value = value_at(one, place);
      (value >= 0 ? up : down) += value;
    }
    range.low = std::min(range.low, down);
    range.high = std::max(range.high, up);
  }
  return range;
}

void draw_line(Plot& plot, const ChartSeries& series, std::size_t places, const Colour& colour) {
  Path path;
  bool open = false;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (!series.values[i] || !std::isfinite(*series.values[i])) {
      open = false;
      continue;
    }
    path.push_back({open ? Kind::line : Kind::move, plot.x_of_place(i, places, false),
                    plot.y_of(*series.values[i])});
    open = true;
  }
  if (path.size() == 1) {
    plot.setter().fill_box({path[0].x - 1.5, path[0].y - 1.5, 3, 3}, colour);
    return;
  }
  if (!path.empty()) plot.setter().canvas().stroke(path, {colour, 1.3});
}

}  // namespace

void draw_chart(Plot plot, const LineChart& chart, const Chart& frame) {
  const Range range = range_of(chart.series);
  plot.leave_below(plot.setter().scaled(kBelow));
  plot.leave_right(plot.setter().scaled(12));
  plot.draw_y_axis(range.low, range.high, chart.form, frame.y_label);
  plot.draw_places(chart.places, false);
  // The first series is drawn last, above the others.
  for (std::size_t i = chart.series.size(); i-- > 0;)
    draw_line(plot, chart.series[i], chart.places.size(), style::series(i));
}

void draw_chart(Plot plot, const ColumnChart& chart, const Chart& frame) {
  const std::size_t places = chart.places.size();
  const Range range = stacked_range(chart.series, places);
  plot.leave_below(plot.setter().scaled(kBelow));
  plot.draw_y_axis(range.low, range.high, chart.form, frame.y_label);
  plot.draw_places(chart.places, true);
  const double cell = plot.area().width / static_cast<double>(std::max<std::size_t>(1, places));
  const double width = std::min(cell * 0.74, plot.setter().scaled(26));
  for (std::size_t place = 0; place < places; ++place) {
    double up = 0, down = 0;
    const double x = plot.x_of_place(place, places, true) - width / 2;
    for (std::size_t i = 0; i < chart.series.size(); ++i) {
      const double value = value_at(chart.series[i], place);
      if (value == 0) continue;
      double& from = value > 0 ? up : down;
      const double top = plot.y_of(std::max(from, from + value));
      const double bottom = plot.y_of(std::min(from, from + value));
      plot.setter().fill_box({x, top, width, bottom - top}, style::series(i));
      from += value;
    }
  }
}

void draw_chart(Plot plot, const AreaChart& chart, const Chart& frame) {
  const std::size_t places = chart.places.size();
  const Range range = stacked_range(chart.series, places);
  plot.leave_below(plot.setter().scaled(kBelow));
  plot.leave_right(plot.setter().scaled(12));
  plot.draw_y_axis(0, range.high, chart.form, frame.y_label);
  std::vector<double> base(places, 0);
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    Path path;
    for (std::size_t place = 0; place < places; ++place) {
      path.push_back({place == 0 ? Kind::move : Kind::line, plot.x_of_place(place, places, false),
                      plot.y_of(base[place] + value_at(chart.series[i], place))});
    }
    for (std::size_t place = places; place-- > 0;)
      path.push_back({Kind::line, plot.x_of_place(place, places, false), plot.y_of(base[place])});
    for (std::size_t place = 0; place < places; ++place)
      base[place] += value_at(chart.series[i], place);
    if (path.empty()) continue;
    path.push_back({Kind::close});
    plot.setter().canvas().fill(path, style::series(i));
    plot.setter().canvas().stroke(path, {style::kWhite, 0.5});
  }
  plot.draw_places(chart.places, false);
}

namespace {

// Share of the width, 0 to 1, that a value's bar takes.
class BarLength {
 public:
  explicit BarLength(const BarChart& chart) : logarithmic_(chart.logarithmic) {
    double least = 0;
    for (const ChartSeries& one : chart.series) {
      for (const auto& value : one.values) {
        if (!value || !std::isfinite(*value)) continue;
        most_ = std::max(most_, *value);
        if (*value > 0 && (least == 0 || *value < least)) least = *value;
      }
    }
    least_ = least / 3;
  }
  [[nodiscard]] double of(double value) const {
    if (!(value > 0) || !(most_ > 0)) return 0;
    if (!logarithmic_) return value / most_;
    return std::log(value / least_) / std::log(most_ / least_);
  }

 private:
  bool logarithmic_;
  double most_ = 0;
  double least_ = 0;
};

}  // namespace

void draw_chart(Plot plot, const BarChart& chart, const Chart& /*frame*/) {
  Setter& setter = plot.setter();
  const Box area = plot.area();
  const Setter::Type names = Plot::label_type(TextAlign::left);
  double name_width = 0, value_width = 0;
  for (const std::string& name : chart.names)
    name_width = std::max(name_width, setter.width_of(name, names) + 1);
  name_width = std::min(name_width, area.width * 0.42);
  for (const ChartSeries& one : chart.series) {
    for (const auto& value : one.values)
      value_width = std::max(value_width, setter.width_of(shown(value, chart.form), names));
  }
  const double gap = setter.scaled(5);
  const double left = area.x + name_width + gap;
  const double room = std::max(10.0, area.width - name_width - value_width - 2 * gap - 1);
  const double row =
      area.height / static_cast<double>(std::max<std::size_t>(1, chart.names.size()));
  const auto many = static_cast<double>(std::max<std::size_t>(1, chart.series.size()));
  const double thick = std::min(row * 0.72 / many, setter.scaled(11));
  const double text = setter.height_of("0", names, 0);
  const BarLength length(chart);
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    const double middle = area.y + row * (static_cast<double>(i) + 0.5);
    setter.write(chart.names[i], names, area.x, middle - text / 2, name_width);
    for (std::size_t k = 0; k < chart.series.size(); ++k) {
      const double top = middle - thick * many / 2 + thick * static_cast<double>(k);
      const auto& values = chart.series[k].values;
      const std::optional<double> value = i < values.size() ? values[i] : std::nullopt;
      const double width = value ? room * length.of(*value) : 0;
      if (width > 0) setter.fill_box({left, top, width, thick * 0.9}, style::series(k));
      setter.write(shown(value, chart.form), names, left + width + gap,
                   top + thick * 0.45 - text / 2, value_width + 1);
    }
  }
  setter.line(left, area.y, left, area.y + area.height, {style::kLineStrong, 0.7});
}

double needed_height(const Chart& chart) {
  if (const auto* bars = std::get_if<BarChart>(&chart.what)) {
    const double rows = static_cast<double>(bars->names.size()) *
                        static_cast<double>(std::max<std::size_t>(1, bars->series.size()));
    return rows * 10.5;
  }
  return 0;
}

}  // namespace tideline::typesetting
