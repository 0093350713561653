#include "scoring/sentence.h"

#include <cmath>

#include <fmt/format.h>

namespace tideline {
namespace {

// Past this share of the distance to what is usual, a change tells more than the level.
constexpr double kTellingChange = 0.5;

std::string fixed(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  // -0.0 is 0.0.
  if (text.find_first_not_of("-0.") == std::string::npos && text.front() == '-') text.erase(0, 1);
  return text;
}

// What stands behind a feature's number.
std::string unit_after(const Pack& pack, const FeatureSpec& feature) {
  if (feature.unit == "currency") return pack.currency().empty() ? "" : " " + pack.currency();
  for (const char* unit : {"days", "hours", "minutes"}) {
    if (feature.unit == unit) return " " + feature.unit;
  }
  return "";
}

}  // namespace

std::string spoken_number(double value, std::string_view form) {
  if (!std::isfinite(value)) return "-";
  if (form == "%") return fixed(100 * value, 0) + " %";
  if (form.size() == 2 && form[0] == '.') return fixed(value, form[1] - '0');
  std::string text = fixed(value, 2);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string filled_in(std::string_view sentence,
                      const std::function<double(std::string_view)>& value_of,
                      const std::function<std::string(std::string_view)>& form_of) {
  std::string text;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = sentence.find('{', at);
    const std::size_t close = open == std::string_view::npos ? open : sentence.find('}', open);
    if (close == std::string_view::npos) return text.append(sentence.substr(at));
    text.append(sentence.substr(at, open - at));
    const std::string_view inside = sentence.substr(open + 1, close - open - 1);
    const std::string_view name = inside.substr(0, inside.find(':'));
    const std::string form =
        inside.size() > name.size() ? std::string(inside.substr(name.size() + 1)) : form_of(name);
    text += spoken_number(value_of(name), form);
    at = close + 1;
  }
}

std::string sentence_of(const Pack& pack, const FeatureSpec& feature, double now, double past,
                        double usual) {
  const auto spoken = [&](double value) { return spoken_number(value, feature.form); };
  const std::string unit = unit_after(pack, feature);
  if (std::isnan(now)) {
    const std::string missing =
        feature.missing.empty() ? feature.label + " cannot be told" : feature.missing;
    return std::isnan(past) ? missing : missing + " (28 days ago: " + spoken(past) + unit + ")";
  }
  const bool changed = !std::isnan(past) && spoken(past) != spoken(now);
  const bool unusual = !std::isnan(usual) && spoken(usual) != spoken(now);
  const double change = now - past;
  const double distance = now - usual;
  // A change towards what is usual is not why somebody stands out.
  const bool change_tells =
      changed && (!unusual || (change * distance > 0 &&
                               std::abs(change) >= kTellingChange * std::abs(distance)));
  if (!feature.phrase.empty()) {
    const auto form = [&](std::string_view) { return feature.form; };
    const std::string said = filled_in(
        feature.phrase, [&](std::string_view) { return now; }, form);
    if (change_tells) return said + " (28 days ago: " + spoken(past) + ")";
    return unusual ? said + " (usual: " + spoken(usual) + ")" : said;
  }
  if (change_tells) {
    return feature.label + (change < 0 ? " fell from " : " rose from ") + spoken(past) + " to " +
           spoken(now) + unit;
  }
  const std::string level = feature.label + ": " + spoken(now) + unit;
  return unusual ? level + ", usual is " + spoken(usual) : level;
}

}  // namespace tideline
