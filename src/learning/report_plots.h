// Plots of a report as SVG: lines, points with intervals, and bars, in a frame with axes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "learning/bootstrap.h"

namespace tideline {

struct PlotPoint {
  double x = 0;
  double y = 0;
  Interval range;  // of y; NaN: none is drawn
};

struct PlotSeries {
  std::string name;
  std::vector<PlotPoint> points;  // those that are not finite are left out
  bool line = true;               // else dots
};

struct Plot {
  std::string id;  // of the element, unique in the page
  std::string title;
  std::string description;  // for who cannot see it
  std::string x_label;
  std::string y_label;
  double x_max = 1;  // both axes begin at 0
  double y_max = 1;
  bool x_percent = true;  // ticks as percentages
  bool y_percent = true;
  std::vector<PlotSeries> series;
  std::string reference_name;        // empty: no reference line
  std::vector<PlotPoint> reference;  // what chance or perfection would look like
};

// An <svg> element with <title> and <desc>; colours come from the page's style.
[[nodiscard]] std::string svg_of(const Plot& plot);
// Names of the series beside their strokes; empty for a single one without a reference.
[[nodiscard]] std::string legend_of(const Plot& plot);

struct Bar {
  std::string name;
  double value = 0;
};
// Bars to the right, longest first as given; values below 0 have no bar.
[[nodiscard]] std::string svg_of_bars(const std::string& id, const std::string& title,
                                      const std::string& description,
                                      const std::vector<Bar>& bars);

// Text for HTML; quotes too, and control characters left out.
[[nodiscard]] std::string escaped(std::string_view text);

// A number above 0, 1, 2, 2.5 or 5 times a power of ten, at or above x.
[[nodiscard]] double round_up(double x);

}  // namespace tideline
