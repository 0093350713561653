#include "typesetting/plot.h"

#include <algorithm>
#include <cmath>

#include "typesetting/style.h"

namespace tideline::typesetting {
namespace {

constexpr double kLabelGap = 4;

}  // namespace

Ticks ticks_of(double low, double high, int most) {
  if (!(high > low)) high = low + (low == 0 ? 1 : std::fabs(low));
  const double raw = (high - low) / std::max(1, most);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double nice : {1.0, 2.0, 2.5, 5.0}) {
    if (nice * power >= raw * (1 - 1e-9)) {
      step = nice * power;
      break;
    }
  }
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

Setter::Type Plot::label_type(TextAlign align) {
  return {style::kAxis, 1.25, style::kSoft, FontFace::text, FontWeight::regular, align, 1};
}

double Plot::x_of_place(std::size_t place, std::size_t places, bool between) const {
  if (between || places < 2)
    return x_of((static_cast<double>(place) + 0.5) /
                static_cast<double>(std::max<std::size_t>(1, places)));
  return x_of(static_cast<double>(place) / static_cast<double>(places - 1));
}

void Plot::draw_y_axis(double low, double high, const NumberForm& form, const std::string& label) {
  const int most = area_.height > 130 ? 5 : area_.height > 70 ? 4 : 3;
  const Ticks ticks = ticks_of(low, high, most);
  low_ = ticks.low;
  high_ = ticks.high;
  NumberForm axis = form;
  // As many digits as the steps need, no more.
  const double shown_step =
      form.kind == NumberForm::Kind::share || form.kind == NumberForm::Kind::signed_share
          ? ticks.step * 100
          : ticks.step;
  axis.digits =
      shown_step >= 1 && std::fabs(shown_step - std::round(shown_step)) < 1e-9
          ? 0
          : static_cast<int>(std::ceil(-std::log10(shown_step) - 1e-9)) + (shown_step < 1 ? 0 : 1);
  axis.digits = std::clamp(axis.digits, 0, 4);
  const double type_height = setter_.height_of("0", label_type(TextAlign::left), 0);
  double widest = 0;
  const auto count = static_cast<int>(std::lround((high_ - low_) / ticks.step));
  for (int i = 0; i <= count; ++i)
    widest = std::max(widest, setter_.width_of(shown_short(low_ + i * ticks.step, axis),
                                               label_type(TextAlign::left)));
  if (!label.empty()) {
    setter_.write(label, label_type(TextAlign::left), area_.x, area_.y - setter_.scaled(2),
                  area_.width);
    area_.y += type_height + setter_.scaled(3);
    area_.height -= type_height + setter_.scaled(3);
  }
  const double gap = setter_.scaled(kLabelGap);
  area_.x += widest + gap;
  area_.width -= widest + gap;
  for (int i = 0; i <= count; ++i) {
    const double value = low_ + i * ticks.step;
    const double y = y_of(value);
    const bool is_zero = std::fabs(value) < ticks.step * 1e-6;
    setter_.line(area_.x, y, area_.x + area_.width, y,
                 {is_zero ? style::kLineStrong : style::kLine, is_zero ? 0.7 : style::kHairline});
    setter_.write(shown_short(value, axis), label_type(TextAlign::right), area_.x - gap - widest,
                  y - type_height / 2, widest + 0.2);
  }
}

void Plot::draw_places(const std::vector<std::string>& places, bool between) {
  if (places.empty()) return;
  double widest = 0;
  for (const std::string& place : places)
    widest = std::max(widest, setter_.width_of(place, label_type(TextAlign::left)));
  const double limit = std::min(widest, area_.width / 3);
  const auto fit = std::max<std::size_t>(
      1, static_cast<std::size_t>(area_.width / (limit + setter_.scaled(10))));
  const std::size_t every = (places.size() + fit - 1) / fit;
  const double y = area_.y + area_.height + setter_.scaled(3);
  // Counted from the newest place, which is always written.
  double taken_from = area_.x + area_.width + setter_.scaled(30);
  for (std::size_t back = 0; back < places.size(); back += every) {
    const std::size_t place = places.size() - 1 - back;
    const double middle = x_of_place(place, places.size(), between);
    const double left = std::clamp(middle - limit / 2, area_.x - setter_.scaled(12),
                                   std::max(area_.x, area_.x + area_.width - limit + 0.1));
    if (left + limit + setter_.scaled(6) > taken_from) continue;
    setter_.write(places[place], label_type(TextAlign::centre), left, y, limit + 0.2);
    taken_from = left;
  }
}

void Plot::draw_x_label(const std::string& label, double below) {
  if (label.empty()) return;
  setter_.write(label, label_type(TextAlign::centre), area_.x, area_.y + area_.height + below,
                area_.width);
}

}  // namespace tideline::typesetting
