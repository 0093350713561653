// The look of documents: colours, sizes in points, distances.
#pragma once

#include <array>

#include "ports/pdf_canvas.h"

namespace tideline::typesetting::style {

[[nodiscard]] constexpr Colour rgb(int hex) {
  return {((hex >> 16) & 0xff) / 255.0, ((hex >> 8) & 0xff) / 255.0, (hex & 0xff) / 255.0};
}
// A colour thinned with white; 0: white, 1: the colour.
[[nodiscard]] constexpr Colour wash(const Colour& colour, double strength) {
  return {1 - (1 - colour.red) * strength, 1 - (1 - colour.green) * strength,
          1 - (1 - colour.blue) * strength};
}

inline constexpr Colour kInk = rgb(0x15202b);
inline constexpr Colour kSoft = rgb(0x4c5866);
inline constexpr Colour kFaint = rgb(0x74808d);
inline constexpr Colour kLine = rgb(0xd8dde3);
inline constexpr Colour kLineStrong = rgb(0x9aa5b1);
inline constexpr Colour kAccent = rgb(0x0b5c6e);
inline constexpr Colour kWash = rgb(0xf3f6f8);
inline constexpr Colour kWhite = rgb(0xffffff);

// Told apart in grey and by colour-blind eyes: they differ in lightness too.
inline constexpr std::array<Colour, 6> kSeries = {rgb(0x0b5c6e), rgb(0x86b6c2), rgb(0xd59a45),
                                                  rgb(0x8f3f33), rgb(0xbcc5ce), rgb(0x55683f)};
[[nodiscard]] inline const Colour& series(std::size_t place) {
  return kSeries[place % kSeries.size()];
}

inline constexpr double kBody = 9.3;
inline constexpr double kLead = 10.6;
inline constexpr double kNote = 7.6;
inline constexpr double kTable = 8.2;
inline constexpr double kTableHead = 7.2;
inline constexpr double kCode = 6.2;
inline constexpr double kHeading = 11.2;
inline constexpr double kSectionTitle = 19;
inline constexpr double kDocumentTitle = 30;
inline constexpr double kTileValue = 19;
inline constexpr double kChartTitle = 8.8;
inline constexpr double kAxis = 6.9;

inline constexpr double kGap = 11;  // between blocks
inline constexpr double kHairline = 0.5;

inline constexpr double kMarginSide = 56;
inline constexpr double kMarginTop = 62;
inline constexpr double kMarginBottom = 58;

}  // namespace tideline::typesetting::style
