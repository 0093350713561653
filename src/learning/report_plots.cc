#include "learning/report_plots.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tideline {
namespace {

// The drawing's own units; the page scales it.
constexpr double kWidth = 360;
constexpr double kHeight = 276;
constexpr double kLeft = 52;
constexpr double kRight = 24;
constexpr double kTop = 12;
constexpr double kBottom = 48;
constexpr int kTicks = 5;
constexpr std::size_t kNameBytesMax = 52;

class Frame {
 public:
  explicit Frame(const Plot& plot) : plot_(plot) {}

  [[nodiscard]] double x(double value) const {
    const double share = std::clamp(value / plot_.x_max, 0.0, 1.0);
    return kLeft + share * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double value) const {
    const double share = std::clamp(value / plot_.y_max, 0.0, 1.0);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }

  [[nodiscard]] std::string axes() const {
    std::string svg;
    for (int i = 0; i <= kTicks; ++i) {
      const double at_x = plot_.x_max * i / kTicks;
      const double at_y = plot_.y_max * i / kTicks;
      svg += fmt::format(R"(<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)",
                         kLeft, y(at_y), kWidth - kRight, y(at_y));
      svg += fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)",
                         kLeft - 7, y(at_y) + 4, tick(at_y, plot_.y_percent));
      svg +=
          fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)",
                      x(at_x), kHeight - kBottom + 17, tick(at_x, plot_.x_percent));
    }
    svg +=
        fmt::format(R"(<line class="axis" x1="{0:.1f}" y1="{1:.1f}" x2="{2:.1f}" y2="{1:.1f}"/>)",
                    kLeft, y(0), kWidth - kRight);
    svg +=
        fmt::format(R"(<text class="label" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)",
                    (kLeft + kWidth - kRight) / 2, kHeight - 7, escaped(plot_.x_label));
    const double middle = (kTop + kHeight - kBottom) / 2;
    svg += fmt::format(
        R"svg(<text class="label" transform="rotate(-90 13 {0:.1f})" x="13" y="{0:.1f}" )svg"
        R"(text-anchor="middle">{1}</text>)",
        middle, escaped(plot_.y_label));
    return svg;
  }

  [[nodiscard]] std::string path(const std::vector<PlotPoint>& points,
                                 const std::string& style) const {
    std::string steps;
    for (const PlotPoint& p : points) {
      if (!std::isfinite(p.x) || !std::isfinite(p.y)) continue;
      steps += fmt::format("{}{:.1f} {:.1f}", steps.empty() ? "M" : "L", x(p.x), y(p.y));
    }
    return steps.empty() ? std::string()
                         : fmt::format(R"(<path class="{}" d="{}"/>)", style, steps);
  }

  [[nodiscard]] std::string dots(const std::vector<PlotPoint>& points,
                                 const std::string& style) const {
    std::string svg;
    for (const PlotPoint& p : points) {
      if (!std::isfinite(p.x) || !std::isfinite(p.y)) continue;
      if (std::isfinite(p.range.low) && std::isfinite(p.range.high)) {
        svg += fmt::format(
            R"(<line class="range {0}" x1="{1:.1f}" y1="{2:.1f}" x2="{1:.1f}" y2="{3:.1f}"/>)",
            style, x(p.x), y(p.range.low), y(p.range.high));
      }
      svg += fmt::format(R"(<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3.6"/>)", style,
                         x(p.x), y(p.y));
    }
    return svg;
  }

 private:
  static std::string tick(double value, bool percent) {
    return percent ? fmt::format("{:g}%", std::round(value * 1e4) / 100)
                   : fmt::format("{:g}", std::round(value * 1e6) / 1e6);
  }

  const Plot& plot_;
};

// At most kNameBytesMax bytes, cut between characters.
std::string shortened(const std::string& name) {
  if (name.size() <= kNameBytesMax) return name;
  std::size_t end = kNameBytesMax - 3;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "…";
}

std::string style_of(std::size_t series) { return fmt::format("s{}", series + 1); }

std::string opening(const std::string& id, double height, const std::string& title,
                    const std::string& description) {
  return fmt::format(
      R"(<svg id="{0}" viewBox="0 0 {1:g} {2:g}" role="img" aria-labelledby="{0}-t {0}-d">)"
      R"(<title id="{0}-t">{3}</title><desc id="{0}-d">{4}</desc>)",
      id, kWidth, height, escaped(title), escaped(description));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
    }
  }
  return out;
}

double round_up(double x) {
  if (!(x > 0) || !std::isfinite(x)) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(x)));
  for (const double step : {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0}) {
    if (step * power >= x * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

std::string svg_of(const Plot& plot) {
  const Frame frame(plot);
  std::string svg = opening(plot.id, kHeight, plot.title, plot.description);
  svg += frame.axes();
  svg += frame.path(plot.reference, "reference");
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const PlotSeries& series = plot.series[i];
    svg += series.line ? frame.path(series.points, "curve " + style_of(i))
                       : frame.dots(series.points, style_of(i));
  }
  return svg + "</svg>";
}

std::string legend_of(const Plot& plot) {
  if (plot.series.size() < 2 && plot.reference_name.empty()) return {};
  std::string html = R"(<p class="legend">)";
  const auto add = [&](const std::string& style, const std::string& name, bool line = true) {
    const std::string mark = line ? R"(<path class=")" + style + R"(" d="M1 4L23 4"/>)"
                                  : R"(<circle class="dot" cx="12" cy="4" r="3.6"/>)";
    html += R"(<span class="key"><svg viewBox="0 0 24 8" aria-hidden="true">)" + mark + "</svg>" +
            escaped(name) + "</span>";
  };
  for (std::size_t i = 0; i < plot.series.size(); ++i)
    add("curve " + style_of(i), plot.series[i].name, plot.series[i].line);
  if (!plot.reference_name.empty()) add("reference", plot.reference_name);
  return html + "</p>";
}

std::string svg_of_bars(const std::string& id, const std::string& title,
                        const std::string& description, const std::vector<Bar>& bars) {
  constexpr double kRow = 36;
  constexpr double kFigures = 58;
  double largest = 0;
  for (const Bar& bar : bars) largest = std::max(largest, bar.value);
  std::string svg = opening(id, kRow * double(bars.size()) + 4, title, description);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double top = kRow * double(i);
    const double share = largest > 0 ? std::max(0.0, bars[i].value / largest) : 0.0;
    const double width = std::max(0.5, share * (kWidth - kFigures));
    svg += fmt::format(R"(<text class="name" x="0" y="{:.1f}">{}</text>)", top + 13,
                       escaped(shortened(bars[i].name)));
    svg += fmt::format(R"(<rect class="bar" x="0" y="{:.1f}" width="{:.1f}" height="10" rx="2"/>)",
                       top + 19, width);
    svg += fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.1f}">{:.4f}</text>)", width + 6,
                       top + 28.5, bars[i].value);
  }
  return svg + "</svg>";
}

}  // namespace tideline
