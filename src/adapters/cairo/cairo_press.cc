#include "adapters/cairo/cairo_press.h"

#include <pango/pangofc-fontmap.h>
#include <unistd.h>

#include <array>

#include "adapters/cairo/cairo_canvas.h"

namespace tideline {
namespace {

struct FontFile {
  const char* name;
  const char* package;
};
constexpr std::array kFontFiles = {
    FontFile{"Inter-Regular.otf", "fonts-inter"},
    FontFile{"Inter-Italic.otf", "fonts-inter"},
    FontFile{"Inter-Medium.otf", "fonts-inter"},
    FontFile{"Inter-SemiBold.otf", "fonts-inter"},
    FontFile{"InterDisplay-Medium.otf", "fonts-inter"},
    FontFile{"InterDisplay-SemiBold.otf", "fonts-inter"},
    FontFile{"DejaVuSansMono.ttf", "fonts-dejavu-core"},
    FontFile{"DejaVuSans.ttf", "fonts-dejavu-core"},
};

Status add_font(FcConfig* config, const FontFile& font, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + font.name;
    if (access(path.c_str(), R_OK) != 0) continue;
    if (!FcConfigAppFontAddFile(config, reinterpret_cast<const FcChar8*>(path.c_str())))
      return fail(ErrorCode::corrupt, path + " is no font that can be read");
    return {};
  }
  return fail(ErrorCode::not_found,
              std::string("reports cannot be drawn: the font ") + font.name +
                  " is missing; it is in Debian's package " + font.package,
              "no_font");
}

}  // namespace

struct CairoPress::Fonts {
  Owned<FcConfig> config;
  Owned<PangoFontMap> map;
  Owned<PangoContext> context;
};

Result<std::unique_ptr<CairoPress>> CairoPress::open(const PressOptions& options) {
  auto fonts = std::make_unique<Fonts>();
  fonts->config.reset(FcConfigCreate());
  for (const FontFile& font : kFontFiles)
    TRY(add_font(fonts->config.get(), font, options.font_folders));
  fonts->map.reset(pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT));
  if (!fonts->map) return fail(ErrorCode::internal, "Pango came without FreeType");
  pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map.get()), fonts->config.get());
  PangoContext* context = pango_font_map_create_context(fonts->map.get());
  fonts->context.reset(context);
  // Nothing may depend on the machine: no hinting, no rounding to pixels, no language of its own.
  const Owned<cairo_font_options_t> drawn(cairo_font_options_create());
  cairo_font_options_set_hint_style(drawn.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(drawn.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(drawn.get(), CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(context, drawn.get());
  pango_cairo_context_set_resolution(context, 72);
  pango_context_set_round_glyph_positions(context, FALSE);
  pango_context_set_language(context, pango_language_from_string("en"));
  pango_context_set_base_dir(context, PANGO_DIRECTION_LTR);
  return std::unique_ptr<CairoPress>(new CairoPress(std::move(fonts)));
}

CairoPress::CairoPress(std::unique_ptr<Fonts> fonts) : fonts_(std::move(fonts)) {}
CairoPress::~CairoPress() = default;

std::unique_ptr<PdfCanvas> CairoPress::canvas(const PdfOptions& options) {
  return std::make_unique<CairoCanvas>(fonts_->context.get(), options);
}

}  // namespace tideline
