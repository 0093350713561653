// Reliability, flow between two states, and boxes with arrows.
#include <algorithm>
#include <cmath>

#include "typesetting/plot.h"
#include "typesetting/style.h"

namespace tideline::typesetting {
namespace {

using Kind = PathStep::Kind;

Path circle(double x, double y, double radius) {
  const double k = radius * 0.5522847498;
  return {{Kind::move, x + radius, y},
          {Kind::curve, x, y + radius, x + radius, y + k, x + k, y + radius},
          {Kind::curve, x - radius, y, x - k, y + radius, x - radius, y + k},
          {Kind::curve, x, y - radius, x - radius, y - k, x - k, y - radius},
          {Kind::curve, x + radius, y, x + k, y - radius, x + radius, y - k},
          {Kind::close}};
}

}  // namespace

void draw_chart(Plot plot, const ReliabilityChart& chart, const Chart& frame) {
  Setter& setter = plot.setter();
  double most = 0;
  for (const auto& bin : chart.bins)
    most = std::max({most, bin.predicted, bin.observed, bin.high.value_or(0)});
  const double top = std::min(1.0, ticks_of(0, std::max(most, 0.05), 4).high);
  const NumberForm form{NumberForm::Kind::share, 0, ""};
  plot.leave_below(setter.scaled(frame.x_label.empty() ? 15 : 25));
  plot.leave_right(setter.scaled(6));
  plot.draw_y_axis(0, top, form, frame.y_label);
  const Box area = plot.area();
  const double type_height = setter.height_of("0", Plot::label_type(TextAlign::left), 0);
  for (int i = 0; i <= 4; ++i) {
    const double share = i / 4.0;
    setter.write(shown_bare(top * share, {NumberForm::Kind::share, top < 0.4 ? 1 : 0, ""}),
                 Plot::label_type(TextAlign::centre), plot.x_of(share) - setter.scaled(18),
                 area.y + area.height + setter.scaled(3), setter.scaled(36));
  }
  plot.draw_x_label(frame.x_label, setter.scaled(4) + type_height);
  setter.line(plot.x_of(0), plot.y_of(0), plot.x_of(1), plot.y_of(top),
              {style::kLineStrong, 0.8, {3, 2.5}});
  double rows = 0;
  for (const auto& bin : chart.bins) rows = std::max(rows, bin.rows);
  for (const auto& bin : chart.bins) {
    const double x = plot.x_of(std::min(1.0, bin.predicted / top));
    if (bin.low && bin.high)
      setter.line(x, plot.y_of(std::max(0.0, *bin.low)), x, plot.y_of(std::min(top, *bin.high)),
                  {style::kAccent, 0.9});
    const double radius =
        setter.scaled(1.6 + 1.8 * std::sqrt(rows > 0 ? std::max(0.0, bin.rows) / rows : 0));
    setter.canvas().fill(circle(x, plot.y_of(std::min(top, bin.observed)), radius),
                         style::kAccent);
  }
}

namespace {

// Where each name's bar stands on one side of a flow.
struct Side {
  std::vector<double> top;
  std::vector<double> size;  // how many
  std::vector<double> used;  // of the height, by streams drawn
};

Side side_of(const FlowChart& chart, bool left, const Box& area, double per_one, double gap) {
  const std::size_t count = left ? chart.left.size() : chart.right.size();
  Side side{std::vector<double>(count, 0), std::vector<double>(count, 0),
            std::vector<double>(count, 0)};
  for (const FlowChart::Stream& stream : chart.streams)
    side.size[left ? stream.from : stream.to] += stream.size;
  double y = area.y;
  for (std::size_t i = 0; i < count; ++i) {
    side.top[i] = y;
    y += side.size[i] * per_one + gap;
  }
  return side;
}

void draw_stream(Plot& plot, double x1, double y1, double x2, double y2, double thick,
                 const Colour& colour) {
  const double middle = (x1 + x2) / 2;
  plot.setter().canvas().fill(
      {{Kind::move, x1, y1},
       {Kind::curve, x2, y2, middle, y1, middle, y2},
       {Kind::line, x2, y2 + thick},
       {Kind::curve, x1, y1 + thick, middle, y2 + thick, middle, y1 + thick},
       {Kind::close}},
      colour);
}

}  // namespace

void draw_chart(Plot plot, const FlowChart& chart, const Chart& /*frame*/) {
  Setter& setter = plot.setter();
  double all = 0;
  for (const auto& stream : chart.streams) all += stream.size;
  double widest = 0;
  for (const auto* names : {&chart.left, &chart.right}) {
    for (const std::string& name : *names)
      widest = std::max(widest, setter.width_of(name, Plot::label_type(TextAlign::left)));
  }
  const double numbers =
      setter.width_of(shown(all, chart.form), Plot::label_type(TextAlign::left));
  const double label = std::min(plot.area().width * 0.32, widest + numbers + setter.scaled(14));
  const double bar = setter.scaled(6), gap = setter.scaled(10);
  Box area = plot.area();
  area.height -= setter.scaled(2);
  const std::size_t rows = std::max(chart.left.size(), chart.right.size());
  const double per_one =
      std::max(0.0, area.height - gap * static_cast<double>(rows - 1)) / std::max(all, 1e-9);
  Side left = side_of(chart, true, area, per_one, gap);
  Side right = side_of(chart, false, area, per_one, gap);
  const double x1 = area.x + label, x2 = area.x + area.width - label;
  for (const auto& stream : chart.streams) {
    const double thick = stream.size * per_one;
    draw_stream(plot, x1 + bar, left.top[stream.from] + left.used[stream.from], x2 - bar,
                right.top[stream.to] + right.used[stream.to], thick,
                style::wash(style::series(stream.from), 0.38));
    left.used[stream.from] += thick;
    right.used[stream.to] += thick;
  }
  const double type_height = setter.height_of("0", Plot::label_type(TextAlign::left), 0);
  const auto draw_side = [&](const Side& side, const std::vector<std::string>& names,
                             bool is_left) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (side.size[i] <= 0) continue;
      const double height = std::max(0.6, side.size[i] * per_one);
      setter.fill_box({is_left ? x1 : x2 - bar, side.top[i], bar, height}, style::series(i));
      // The number never gives way to a long name.
      const std::string number = shown(side.size[i], chart.form);
      const double number_width = setter.width_of(number, Plot::label_type(TextAlign::left)) + 1;
      const double middle = side.top[i] + height / 2 - type_height / 2;
      const double name_width = label - number_width - setter.scaled(10);
      const double from = is_left ? area.x : x2 + setter.scaled(5);
      setter.write(names[i], Plot::label_type(is_left ? TextAlign::right : TextAlign::left),
                   is_left ? from : from + number_width + setter.scaled(4), middle, name_width);
      setter.write(number, Plot::label_type(is_left ? TextAlign::right : TextAlign::left),
                   is_left ? x1 - setter.scaled(5) - number_width : from, middle, number_width);
    }
  };
  draw_side(left, chart.left, true);
  draw_side(right, chart.right, false);
}

namespace {

void draw_arrow(Setter& setter, double x1, double y1, double x2, double y2) {
  const double length = std::hypot(x2 - x1, y2 - y1);
  if (length < 1) return;
  const double ux = (x2 - x1) / length, uy = (y2 - y1) / length, head = setter.scaled(4);
  setter.line(x1, y1, x2 - ux * head, y2 - uy * head, {style::kLineStrong, 0.9});
  const double bx = x2 - ux * head, by = y2 - uy * head, wide = head * 0.5;
  setter.canvas().fill({{Kind::move, x2, y2},
                        {Kind::line, bx - uy * wide, by + ux * wide},
                        {Kind::line, bx + uy * wide, by - ux * wide},
                        {Kind::close}},
                       style::kLineStrong);
}

// Where the line from the middle of one box to another's leaves the first.
std::pair<double, double> edge_of(const Box& from, const Box& to) {
  const double cx = from.x + from.width / 2, cy = from.y + from.height / 2;
  const double dx = to.x + to.width / 2 - cx, dy = to.y + to.height / 2 - cy;
  const double sx = dx == 0 ? 1e9 : from.width / 2 / std::fabs(dx);
  const double sy = dy == 0 ? 1e9 : from.height / 2 / std::fabs(dy);
  const double share = std::min({sx, sy, 1.0});
  return {cx + dx * share, cy + dy * share};
}

}  // namespace

void draw_chart(Plot plot, const SketchChart& chart, const Chart& /*frame*/) {
  Setter& setter = plot.setter();
  int columns = 1, rows = 1;
  for (const auto& part : chart.parts) {
    columns = std::max(columns, part.column + 1);
    rows = std::max(rows, part.row + 1);
  }
  const Box area = plot.area();
  const double gap_x = setter.scaled(22), gap_y = setter.scaled(14);
  const double width = (area.width - gap_x * (columns - 1)) / columns;
  const double height = (area.height - gap_y * (rows - 1)) / rows;
  std::vector<Box> boxes;
  for (const auto& part : chart.parts)
    boxes.push_back({area.x + part.column * (width + gap_x), area.y + part.row * (height + gap_y),
                     width, height});
  for (const auto& arrow : chart.arrows) {
    const auto [x1, y1] = edge_of(boxes[arrow.from], boxes[arrow.to]);
    const auto [x2, y2] = edge_of(boxes[arrow.to], boxes[arrow.from]);
    draw_arrow(setter, x1, y1, x2, y2);
  }
  const Setter::Type title{
      7.6, 1.3, style::kInk, FontFace::text, FontWeight::semibold, TextAlign::left, 1};
  Setter::Type detail{6.5, 1.3, style::kSoft, FontFace::text, FontWeight::regular, TextAlign::left,
                      0};
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Box& box = boxes[i];
    setter.fill_box(box, chart.parts[i].strong ? style::wash(style::kAccent, 0.13) : style::kWash);
    setter.fill_box({box.x, box.y, box.width, 1.2},
                    chart.parts[i].strong ? style::kAccent : style::kLineStrong);
    const double pad = setter.scaled(5);
    const double taken =
        setter.write(chart.parts[i].title, title, box.x + pad, box.y + pad, box.width - 2 * pad);
    const double line = setter.scaled(detail.size * detail.leading);
    detail.lines_max = std::max(1, static_cast<int>((box.height - 1.6 * pad - taken) / line));
    setter.write(chart.parts[i].detail, detail, box.x + pad, box.y + pad + taken,
                 box.width - 2 * pad);
  }
}

}  // namespace tideline::typesetting
