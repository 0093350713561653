#include "adapters/cairo/cairo_canvas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ports/lake.h"

namespace tideline {
namespace {

constexpr const char* kLineSeparator = "\xe2\x80\xa8";  // a line of the same paragraph
constexpr double kMarkSize = 0.62;                      // of a raised span, in sizes of its block
constexpr double kMarkRise = 0.36;
// Each page is a part of the structure. Without any, Cairo 1.16 promises an object for the links
// that it never writes.
constexpr const char* kPagePart = "Sect";

cairo_status_t keep(void* closure, const unsigned char* bytes, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(bytes), length);
  return CAIRO_STATUS_SUCCESS;
}

int units(double points) { return static_cast<int>(std::lround(points * PANGO_SCALE)); }
double points(int units) { return static_cast<double>(units) / PANGO_SCALE; }

// What Pango can lay out: UTF-8 without control characters, line feeds as separators of lines, so
// that lines_max counts them all.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : as_utf8(text)) {
    if (c == '\n') {
      out += kLineSeparator;
    } else if (c != '\r') {
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return out;
}

const char* family_of(FontFace face) {
  switch (face) {
    case FontFace::display: return "Inter Display,DejaVu Sans";
    case FontFace::code: return "DejaVu Sans Mono,DejaVu Sans";
    case FontFace::text: break;
  }
  return "Inter,DejaVu Sans";
}

PangoWeight weight_of(FontFace face, FontWeight weight) {
  if (face == FontFace::code) return PANGO_WEIGHT_NORMAL;
  if (weight == FontWeight::semibold) return PANGO_WEIGHT_SEMIBOLD;
  if (weight == FontWeight::medium || face == FontFace::display) return PANGO_WEIGHT_MEDIUM;
  return PANGO_WEIGHT_NORMAL;
}

guint16 channel(double value) {
  return static_cast<guint16>(std::lround(std::clamp(value, 0.0, 1.0) * 65535));
}

void add(PangoAttrList* list, PangoAttribute* attribute, guint begin, guint end) {
  attribute->start_index = begin;
  attribute->end_index = end;
  pango_attr_list_insert(list, attribute);
}

void style_span(PangoAttrList* list, const TextBlock& block, const TextSpan& span, guint begin,
                guint end) {
  const auto style = [&](PangoAttribute* attribute) { add(list, attribute, begin, end); };
  if (span.weight != FontWeight::regular)
    style(pango_attr_weight_new(weight_of(block.face, span.weight)));
  if (span.italic) style(pango_attr_style_new(PANGO_STYLE_ITALIC));
  if (span.raised) {
    style(pango_attr_size_new_absolute(units(block.size * kMarkSize)));
    style(pango_attr_rise_new(units(block.size * kMarkRise)));
    // Low enough to stay within the line that it stands in.
    style(pango_attr_line_height_new_absolute(units(block.size * 0.5)));
  }
  if (span.colour) {
    style(pango_attr_foreground_new(channel(span.colour->red), channel(span.colour->green),
                                    channel(span.colour->blue)));
  }
}

// Everything that the room of a block depends on.
std::string key_of(const TextBlock& block) {
  std::string key = fmt::format("{} {} {} {} {}\n", static_cast<int>(block.face), block.size,
                                block.leading, block.width, block.lines_max);
  for (const TextSpan& span : block.spans) {
    key += fmt::format("{}{}{}{}:", static_cast<int>(span.weight), span.italic ? 'i' : 'n',
                       span.raised ? 'r' : 'n', span.text.size());
    key += span.text;
  }
  return key;
}

}  // namespace

CairoCanvas::CairoCanvas(PangoContext* context, const PdfOptions& options)
    : surface_(cairo_pdf_surface_create_for_stream(keep, &bytes_, options.width, options.height)),
      cairo_(cairo_create(surface_.get())),
      layout_(pango_layout_new(context)) {
  cairo_pdf_surface_restrict_to_version(surface_.get(), CAIRO_PDF_VERSION_1_5);
  pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_auto_dir(layout_.get(), FALSE);
  set_metadata(options);
}

void CairoCanvas::set_metadata(const PdfOptions& options) {
  const auto set = [&](cairo_pdf_metadata_t which, const std::string& text) {
    if (!text.empty())
      cairo_pdf_surface_set_metadata(surface_.get(), which, as_utf8(text).c_str());
  };
  set(CAIRO_PDF_METADATA_TITLE, options.title);
  set(CAIRO_PDF_METADATA_AUTHOR, options.author);
  set(CAIRO_PDF_METADATA_SUBJECT, options.subject);
  set(CAIRO_PDF_METADATA_CREATOR, options.creator);
  // Always given: Cairo would take the clock's.
  const std::string created = format_time(options.created);
  set(CAIRO_PDF_METADATA_CREATE_DATE, created.substr(0, 19) + "Z");
}

bool CairoCanvas::can_draw() {
  if (page_begun_ && !finished_) return true;
  out_of_order_ = true;
  return false;
}

void CairoCanvas::begin_page() {
  if (finished_) {
    out_of_order_ = true;
    return;
  }
  if (page_begun_) end_page();
  page_begun_ = true;
  cairo_tag_begin(cairo_.get(), kPagePart, nullptr);
}

void CairoCanvas::end_page() {
  cairo_tag_end(cairo_.get(), kPagePart);
  cairo_show_page(cairo_.get());
}

void CairoCanvas::lay_out(const TextBlock& block) {
  PangoLayout* layout = layout_.get();
  const Owned<PangoFontDescription> font(pango_font_description_new());
  pango_font_description_set_family_static(font.get(), family_of(block.face));
  pango_font_description_set_weight(font.get(), weight_of(block.face, FontWeight::regular));
  pango_font_description_set_absolute_size(font.get(), units(block.size));
  pango_layout_set_font_description(layout, font.get());

  const Owned<PangoAttrList> list(pango_attr_list_new());
  const auto everywhere = [&](PangoAttribute* attribute) {
    add(list.get(), attribute, PANGO_ATTR_INDEX_FROM_TEXT_BEGINNING, PANGO_ATTR_INDEX_TO_TEXT_END);
  };
  everywhere(pango_attr_line_height_new_absolute(units(block.size * block.leading)));
  everywhere(pango_attr_foreground_new(channel(block.colour.red), channel(block.colour.green),
                                       channel(block.colour.blue)));
  // Letters stay what they were written as, for who copies or searches them; digits of tables line
  // up.
  everywhere(pango_attr_font_features_new(
      block.face == FontFace::display ? "calt=0,liga=0" : "calt=0,liga=0,tnum=1"));
  everywhere(pango_attr_insert_hyphens_new(FALSE));
  std::string text;
  for (const TextSpan& span : block.spans) {
    const auto begin = static_cast<guint>(text.size());
    text += plain(span.text);
    style_span(list.get(), block, span, begin, static_cast<guint>(text.size()));
  }
  pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
  pango_layout_set_attributes(layout, list.get());
  pango_layout_set_width(layout, block.width > 0 ? units(block.width) : -1);
  pango_layout_set_ellipsize(layout,
                             block.lines_max > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  pango_layout_set_height(layout, block.lines_max > 0 ? -block.lines_max : -1);
  pango_layout_set_alignment(layout, block.align == TextAlign::right    ? PANGO_ALIGN_RIGHT
                                     : block.align == TextAlign::centre ? PANGO_ALIGN_CENTER
                                                                        : PANGO_ALIGN_LEFT);
}

TextExtent CairoCanvas::measure(const TextBlock& block) {
  const std::string key = key_of(block);
  if (const auto known = measured_.find(key); known != measured_.end()) return known->second;
  lay_out(block);
  return measured_[key] = laid_out_extent(block);
}

TextExtent CairoCanvas::laid_out_extent(const TextBlock& block) {
  PangoRectangle logical;
  pango_layout_get_extents(layout_.get(), nullptr, &logical);
  TextExtent extent;
  extent.width = points(logical.width);
  extent.lines = pango_layout_get_line_count(layout_.get());
  extent.height = extent.lines * block.size * block.leading;
  extent.cut = pango_layout_is_ellipsized(layout_.get());
  return extent;
}

void CairoCanvas::write(double x, double y, const TextBlock& block) {
  if (!can_draw()) return;
  lay_out(block);
  const TextExtent extent = laid_out_extent(block);
  if (block.width <= 0 && block.align == TextAlign::right) x -= extent.width;
  if (block.width <= 0 && block.align == TextAlign::centre) x -= extent.width / 2;
  cairo_move_to(cairo_.get(), x, y);
  pango_cairo_show_layout(cairo_.get(), layout_.get());
  cairo_new_path(cairo_.get());
}

void CairoCanvas::trace(const Path& path) {
  cairo_t* cairo = cairo_.get();
  cairo_new_path(cairo);
  for (const PathStep& step : path) {
    switch (step.kind) {
      case PathStep::Kind::move: cairo_move_to(cairo, step.x, step.y); break;
      case PathStep::Kind::line: cairo_line_to(cairo, step.x, step.y); break;
      case PathStep::Kind::curve:
        cairo_curve_to(cairo, step.x1, step.y1, step.x2, step.y2, step.x, step.y);
        break;
      case PathStep::Kind::close: cairo_close_path(cairo); break;
    }
  }
}

void CairoCanvas::fill(const Path& path, const Colour& colour) {
  if (!can_draw()) return;
  trace(path);
  cairo_set_source_rgb(cairo_.get(), colour.red, colour.green, colour.blue);
  cairo_fill(cairo_.get());
}

void CairoCanvas::stroke(const Path& path, const Pen& pen) {
  if (!can_draw()) return;
  trace(path);
  cairo_t* cairo = cairo_.get();
  cairo_set_source_rgb(cairo, pen.colour.red, pen.colour.green, pen.colour.blue);
  cairo_set_line_width(cairo, pen.width);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash(cairo, pen.dashes.data(), static_cast<int>(pen.dashes.size()), 0);
  cairo_stroke(cairo);
}

void CairoCanvas::mark_place(const std::string& name, double y) {
  if (!can_draw()) return;
  places_.insert(name);
  const std::string attributes = fmt::format("name='{}' x=0 y={:.2f}", name, y);
  cairo_tag_begin(cairo_.get(), CAIRO_TAG_DEST, attributes.c_str());
  cairo_tag_end(cairo_.get(), CAIRO_TAG_DEST);
}

void CairoCanvas::link(const Box& box, const std::string& place) {
  if (!can_draw()) return;
  wanted_places_.insert(place);
  const std::string attributes = fmt::format("rect=[{:.2f} {:.2f} {:.2f} {:.2f}] dest='{}'", box.x,
                                             box.y, box.width, box.height, place);
  cairo_tag_begin(cairo_.get(), CAIRO_TAG_LINK, attributes.c_str());
  cairo_tag_end(cairo_.get(), CAIRO_TAG_LINK);
}

void CairoCanvas::add_outline(const std::string& title, const std::string& place, int level) {
  if (!can_draw()) return;
  wanted_places_.insert(place);
  const auto depth =
      std::min(static_cast<std::size_t>(std::max(level, 0)), outline_parents_.size());
  outline_parents_.resize(depth);
  const int parent = depth == 0 ? CAIRO_PDF_OUTLINE_ROOT : outline_parents_.back();
  const std::string attributes = fmt::format("dest='{}'", place);
  outline_parents_.push_back(
      cairo_pdf_surface_add_outline(surface_.get(), parent, as_utf8(title).c_str(),
                                    attributes.c_str(), CAIRO_PDF_OUTLINE_FLAG_OPEN));
}

Result<std::string> CairoCanvas::finish() {
  const bool again = finished_;
  finished_ = true;
  if (again || out_of_order_ || !page_begun_)
    return fail(ErrorCode::internal, "a document is drawn page by page, then finished once");
  for (const std::string& place : wanted_places_) {
    if (!places_.contains(place))
      return fail(ErrorCode::internal,
                  "a link leads to the place " + place + ", which is not there");
  }
  end_page();
  cairo_status_t status = cairo_status(cairo_.get());
  cairo_surface_finish(surface_.get());
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface_.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::internal,
                std::string("Cairo could not draw: ") + cairo_status_to_string(status));
  }
  return std::move(bytes_);
}

}  // namespace tideline
