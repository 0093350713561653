// Plot: the area of a chart with its axes; what all charts have in common.
#pragma once

#include <string>
#include <vector>

#include "typesetting/setter.h"

namespace tideline::typesetting {

// Round numbers that cover a range, with at most `most` steps.
struct Ticks {
  double low = 0;
  double high = 1;
  double step = 0.2;
};
[[nodiscard]] Ticks ticks_of(double low, double high, int most);

class Plot {
 public:
  // `area`: title and legend are above it already.
  Plot(Setter& setter, const Box& area) : setter_(setter), area_(area) {}

  // Draws grid and labels of a y axis from `low` to `high` and takes the room for its labels.
  void draw_y_axis(double low, double high, const NumberForm& form, const std::string& label);
  // Takes the room for labels below; call before draw_y_axis.
  void leave_below(double height) { area_.height -= height; }
  void leave_right(double width) { area_.width -= width; }
  // Labels of places, as many as fit, below the area.
  void draw_places(const std::vector<std::string>& places, bool between);
  void draw_x_label(const std::string& label, double below);

  [[nodiscard]] double x_of(double share) const { return area_.x + area_.width * share; }
  [[nodiscard]] double y_of(double value) const {
    return area_.y + area_.height * (1 - (value - low_) / (high_ - low_));
  }
  // Of the place of a series: at the ends, or in the middle of equal cells.
  [[nodiscard]] double x_of_place(std::size_t place, std::size_t places, bool between) const;
  [[nodiscard]] const Box& area() const { return area_; }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] Setter& setter() { return setter_; }
  [[nodiscard]] static Setter::Type label_type(TextAlign align);

 private:
  Setter& setter_;
  Box area_;
  double low_ = 0;
  double high_ = 1;
};

// Each draws into the area of a plot whose axes are not drawn yet.
void draw_chart(Plot plot, const LineChart& chart, const Chart& frame);
void draw_chart(Plot plot, const ColumnChart& chart, const Chart& frame);
void draw_chart(Plot plot, const BarChart& chart, const Chart& frame);
void draw_chart(Plot plot, const AreaChart& chart, const Chart& frame);
void draw_chart(Plot plot, const ReliabilityChart& chart, const Chart& frame);
void draw_chart(Plot plot, const FlowChart& chart, const Chart& frame);
void draw_chart(Plot plot, const SketchChart& chart, const Chart& frame);

// Least height at which a chart can be read; 0: no more than any other.
[[nodiscard]] double needed_height(const Chart& chart);

}  // namespace tideline::typesetting
