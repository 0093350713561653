// Charts as what they show; how they are drawn is the setter's business.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "typesetting/number_form.h"
#include "typesetting/text.h"

namespace tideline::typesetting {

struct ChartSeries {
  std::string name;
  std::vector<std::optional<double>> values;  // one a place of the x axis; nullopt: a gap
};

struct LineChart {
  std::vector<std::string> places;  // labels of the x axis; some of them are written
  std::vector<ChartSeries> series;
  NumberForm form;
};

// Series stand on each other; what is below zero hangs from the axis.
struct ColumnChart {
  std::vector<std::string> places;
  std::vector<ChartSeries> series;
  NumberForm form;
};

// Bars to the right, one a name; of several series side by side.
struct BarChart {
  std::vector<std::string> names;
  std::vector<ChartSeries> series;
  NumberForm form;
  bool logarithmic = false;  // for values of many sizes; all above 0
};

// Series lie on each other.
struct AreaChart {
  std::vector<std::string> places;
  std::vector<ChartSeries> series;
  NumberForm form;
};

// Predicted against observed shares.
struct ReliabilityChart {
  struct Bin {
    double predicted = 0;
    double observed = 0;
    std::optional<double> low;  // interval of the observed
    std::optional<double> high;
    double rows = 0;
  };
  std::vector<Bin> bins;
};

// How many went from where to where.
struct FlowChart {
  struct Stream {
    std::size_t from = 0;  // place in `left`
    std::size_t to = 0;    // place in `right`
    double size = 0;
  };
  std::vector<std::string> left;
  std::vector<std::string> right;
  std::vector<Stream> streams;
  NumberForm form;
};

// Boxes in a grid and arrows between them.
struct SketchChart {
  struct Part {
    std::string title;
    std::string detail;
    int column = 0;
    int row = 0;
    bool strong = false;  // stands out
  };
  struct Arrow {
    std::size_t from = 0;  // place in `parts`
    std::size_t to = 0;
  };
  std::vector<Part> parts;
  std::vector<Arrow> arrows;
};

struct Chart {
  Text title;
  std::string y_label;
  std::string x_label;
  std::variant<LineChart, ColumnChart, BarChart, AreaChart, ReliabilityChart, FlowChart,
               SketchChart>
      what;
  std::string missing;  // why nothing can be shown; said in its place
  double height_min = 120;
  double height_max = 210;
};

}  // namespace tideline::typesetting
