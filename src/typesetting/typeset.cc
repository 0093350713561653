#include "typesetting/typeset.h"

#include <algorithm>
#include <array>

#include "typesetting/setter.h"
#include "typesetting/style.h"

namespace tideline::typesetting {
namespace {

constexpr double kGapGrowth = 12;
constexpr std::array kScales = {1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.8};

// How much a block may keep at a step of the cut rule.
struct Keep {
  std::size_t rows;   // of a table
  std::size_t items;  // of a list
  int lines;          // of a paragraph or an item
  int code_lines;     // of an entry of a listing
  std::size_t entries;
};
constexpr std::array kKeeps = {
    Keep{24, 10, 10, 12, 40}, Keep{16, 8, 6, 8, 30}, Keep{10, 6, 4, 5, 24}, Keep{7, 5, 3, 3, 20},
    Keep{5, 4, 2, 2, 16},     Keep{3, 3, 2, 1, 12},  Keep{2, 2, 1, 1, 8},   Keep{1, 1, 1, 1, 5}};

Block shortened(const Block& block, const Keep& keep, bool& cut);

Blocks shortened(const Blocks& blocks, const Keep& keep, bool& cut) {
  Blocks short_ones;
  for (const Block& block : blocks) short_ones.push_back(shortened(block, keep, cut));
  return short_ones;
}

std::string left_out(std::size_t count, const char* what) {
  return "and " + std::to_string(count) + " more " + what;
}

Table shortened(Table table, const Keep& keep, bool& cut) {
  if (table.rows.size() <= keep.rows) return table;
  cut = true;
  const std::size_t out = table.rows.size() - keep.rows;
  if (table.last_is_sum) {
    table.rows.erase(table.rows.begin() + static_cast<std::ptrdiff_t>(keep.rows) - 1,
                     table.rows.end() - 1);
  } else {
    table.rows.resize(keep.rows);
  }
  std::vector<Text> note(table.columns.size());
  note[0] = slanted(left_out(out, "rows"));
  table.rows.insert(table.last_is_sum ? table.rows.end() - 1 : table.rows.end(), std::move(note));
  return table;
}

Bullets shortened(Bullets bullets, const Keep& keep, bool& cut) {
  bullets.lines_max = keep.lines;
  if (bullets.items.size() <= keep.items) return bullets;
  cut = true;
  const std::size_t out = bullets.items.size() - keep.items;
  bullets.items.resize(keep.items);
  bullets.items.back() += Text(" \xe2\x80\x93 ") + slanted(left_out(out, "items"));
  return bullets;
}

Listing shortened(Listing listing, const Keep& keep, bool& cut) {
  listing.code_lines_max = keep.code_lines;
  if (listing.entries.size() <= keep.entries) return listing;
  cut = true;
  const std::size_t out = listing.entries.size() - keep.entries;
  listing.entries.resize(keep.entries);
  listing.entries.push_back({"", slanted(left_out(out, "entries")), ""});
  return listing;
}

Block shortened(const Block& block, const Keep& keep, bool& cut) {
  if (const auto* table = std::get_if<Table>(&block.what)) return shortened(*table, keep, cut);
  if (const auto* list = std::get_if<Bullets>(&block.what)) return shortened(*list, keep, cut);
  if (const auto* code = std::get_if<Listing>(&block.what)) return shortened(*code, keep, cut);
  if (const auto* words = std::get_if<Paragraph>(&block.what)) {
    Paragraph paragraph = *words;
    paragraph.lines_max = keep.lines;
    return paragraph;
  }
  if (const auto* columns = std::get_if<SideBySide>(&block.what)) {
    SideBySide side;
    for (const SideColumn& column : columns->columns)
      side.columns.push_back({column.share, shortened(column.blocks, keep, cut)});
    return side;
  }
  return block;
}

// The blocks of a section, spread over pages of the given heights (the last one repeats).
std::vector<Blocks> paginated(Setter& setter, const Blocks& blocks, double width,
                              const std::vector<double>& heights) {
  std::vector<Blocks> pages(1);
  double used = 0;
  const auto height_now = [&] { return heights[std::min(pages.size(), heights.size()) - 1]; };
  Blocks waiting(blocks.rbegin(), blocks.rend());  // the next one last
  while (!waiting.empty()) {
    const Block block = std::move(waiting.back());
    waiting.pop_back();
    const double gap = pages.back().empty() ? 0 : setter.gap_before(block);
    const double height = setter.room_of(block, width).height;
    // A heading stays with what follows it.
    double kept = height;
    if (std::holds_alternative<Heading>(block.what) && !waiting.empty())
      kept += setter.gap_before(waiting.back()) +
              std::min(setter.scaled(60), setter.room_of(waiting.back(), width).height);
    if (used + gap + kept <= height_now() + 0.01) {
      pages.back().push_back(block);
      used += gap + height;
      continue;
    }
    if (auto parts = setter.split(block, width, height_now() - used - gap)) {
      pages.back().push_back(std::move(parts->first));
      waiting.push_back(std::move(parts->second));
    } else if (pages.back().empty()) {
      pages.back().push_back(block);  // higher than a page
    } else {
      waiting.push_back(block);
    }
    pages.emplace_back();
    used = 0;
  }
  if (pages.size() > 1 && pages.back().empty()) pages.pop_back();
  return pages;
}

bool fits(Setter& setter, const std::vector<Blocks>& pages, std::size_t most, double width,
          const std::vector<double>& heights) {
  if (pages.size() > most) return false;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (setter.room_of(pages[i], width).height > heights[std::min(i, heights.size() - 1)] + 0.02)
      return false;
  }
  return true;
}

struct Fit {
  std::vector<Blocks> pages;
  double scale = 1;
  bool cut = false;
};

struct Frame {
  double left = style::kMarginSide;
  double width = 0;
  double top = style::kMarginTop;
  double bottom = 0;
};

// `first_height`: what the first page has; the others have the frame's.
Result<Fit> fit(PdfCanvas& canvas, const Section& section, const Frame& frame,
                double first_height) {
  const std::vector<double> heights = {first_height, frame.bottom - frame.top};
  const auto most = static_cast<std::size_t>(section.pages);
  // The first step that fits; what fits at one step fits at all that follow.
  std::optional<Fit> best;
  const auto first_fitting = [&](std::size_t steps, const auto& fit_at) {
    std::size_t first = 0, last = steps;
    while (first < last) {
      const std::size_t tried = first == 0 && last == steps ? 0 : (first + last) / 2;
      if (auto fitted = fit_at(tried)) {
        best = std::move(fitted);
        last = tried;
      } else {
        first = tried + 1;
      }
    }
  };
  first_fitting(kScales.size(), [&](std::size_t step) -> std::optional<Fit> {
    Setter setter(canvas, kScales[step]);
    auto pages = paginated(setter, section.blocks, frame.width, heights);
    if (!fits(setter, pages, most, frame.width, heights)) return std::nullopt;
    return Fit{std::move(pages), kScales[step], false};
  });
  if (best) return std::move(*best);
  Setter setter(canvas, kScales.back());
  bool cut = true;
  first_fitting(kKeeps.size(), [&](std::size_t step) -> std::optional<Fit> {
    auto pages =
        paginated(setter, shortened(section.blocks, kKeeps[step], cut), frame.width, heights);
    if (!fits(setter, pages, most, frame.width, heights)) return std::nullopt;
    return Fit{std::move(pages), kScales.back(), true};
  });
  if (best) return std::move(*best);
  // The last blocks go, as few as will do.
  const Blocks blocks = shortened(section.blocks, kKeeps.back(), cut);
  std::size_t fitting = 0, too_many = blocks.size();
  while (too_many > fitting + 1) {
    const std::size_t tried = (fitting + too_many) / 2;
    const Blocks first(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(tried));
    auto pages = paginated(setter, first, frame.width, heights);
    if (fits(setter, pages, most, frame.width, heights)) {
      best = Fit{std::move(pages), kScales.back(), true};
      fitting = tried;
    } else {
      too_many = tried;
    }
  }
  if (best) return std::move(*best);
  return fail(ErrorCode::invalid, "the section " + section.title + " does not fit its pages");
}

std::string place_of(std::size_t section) { return "section_" + std::to_string(section); }

class Press {
 public:
  Press(const Document& document, PdfCanvas& canvas, Paper paper)
      : document_(document), canvas_(canvas), setter_(canvas, 1), size_(size_of(paper)) {
    frame_.width = size_.width - 2 * style::kMarginSide;
    frame_.bottom = size_.height - style::kMarginBottom;
    pages_ = document.front.pages;
    for (const Section& section : document.sections) pages_ += section.pages;
  }

  Result<Typeset> run() {
    TRY(set_front());
    for (std::size_t i = 0; i < document_.sections.size(); ++i) TRY(set_section(i));
    return std::move(typeset_);
  }

 private:
  void begin_page() {
    canvas_.begin_page();
    ++page_;
  }

  void draw_foot(bool cut) {
    const double y = size_.height - style::kMarginBottom + 20;
    setter_.line(frame_.left, y - 7, frame_.left + frame_.width, y - 7,
                 {style::kLine, style::kHairline});
    const std::string words =
        cut ? document_.footer + "  \xc2\xb7  " + document_.cut_note : document_.footer;
    Setter::Type type{style::kAxis,    1.3, style::kFaint, FontFace::text, FontWeight::regular,
                      TextAlign::left, 1};
    setter_.write(words, type, frame_.left, y, frame_.width - 60);
    type.align = TextAlign::right;
    setter_.write("Page " + std::to_string(page_) + " of " + std::to_string(pages_), type,
                  frame_.left + frame_.width - 58, y, 58);
  }

  // Running head of every page but the first.
  void draw_head() {
    Setter::Type type{style::kAxis,    1.3, style::kFaint, FontFace::text, FontWeight::medium,
                      TextAlign::left, 1};
    setter_.write(document_.title, type, frame_.left, 32, frame_.width * 0.6);
    type.align = TextAlign::right;
    type.weight = FontWeight::regular;
    setter_.write(document_.kicker, type, frame_.left + frame_.width * 0.62, 32,
                  frame_.width * 0.38);
  }

  double draw_title() {
    setter_.fill_box({frame_.left, 50, 34, 3}, style::kAccent);
    const Setter::Type kicker{
        8, 1.3, style::kSoft, FontFace::text, FontWeight::semibold, TextAlign::left, 1};
    const Setter::Type title{
        style::kDocumentTitle, 1.16, style::kInk, FontFace::display, FontWeight::semibold,
        TextAlign::left,       2};
    const Setter::Type subtitle{
        11, 1.42, style::kSoft, FontFace::text, FontWeight::regular, TextAlign::left, 3};
    double y = 64;
    y += setter_.write(document_.kicker, kicker, frame_.left, y, frame_.width) + 6;
    y += setter_.write(document_.title, title, frame_.left, y, frame_.width) + 5;
    y += setter_.write(document_.subtitle, subtitle, frame_.left, y, frame_.width) + 14;
    return y;
  }

  static constexpr double kContentsLine = 15.5;

  [[nodiscard]] double contents_height() const {
    return 26 + kContentsLine * static_cast<double>(document_.sections.size());
  }

  void draw_contents(double y) {
    const Setter::Type head{
        style::kHeading, 1.3, style::kInk, FontFace::text, FontWeight::semibold,
        TextAlign::left, 1};
    Setter::Type type{style::kBody,    1.3, style::kInk, FontFace::text, FontWeight::regular,
                      TextAlign::left, 1};
    setter_.write("Contents", head, frame_.left, y, frame_.width);
    y += 22;
    int page = 1 + document_.front.pages;
    for (std::size_t i = 0; i < document_.sections.size(); ++i) {
      const std::string name = document_.sections[i].title;
      type.align = TextAlign::left;
      setter_.write(std::to_string(i + 1), type, frame_.left, y, 16);
      const double width = std::min(setter_.width_of(name, type) + 1, frame_.width - 60);
      setter_.write(name, type, frame_.left + 18, y, width);
      type.align = TextAlign::right;
      setter_.write(std::to_string(page), type, frame_.left + frame_.width - 24, y, 24);
      const double dots = frame_.left + 18 + width + 5;
      setter_.line(dots, y + 9, frame_.left + frame_.width - 16, y + 9,
                   {style::kLineStrong, 0.5, {0.6, 3}});
      canvas_.link({frame_.left, y, frame_.width, kContentsLine}, place_of(i + 1));
      page += document_.sections[i].pages;
      y += kContentsLine;
    }
  }

  Status set_front() {
    begin_page();
    canvas_.mark_place(place_of(0), 0);
    canvas_.add_outline(document_.title, place_of(0), 0);
    const double top = draw_title();
    const double room = frame_.bottom - top - contents_height() - 12;
    TRY_ASSIGN(const Fit fitted, fit(canvas_, document_.front, frame_, room));
    Setter setter(canvas_, fitted.scale);
    for (std::size_t i = 0; i < static_cast<std::size_t>(document_.front.pages); ++i) {
      if (i > 0) begin_page();
      const double y = i == 0 ? top : frame_.top;
      const double height = i == 0 ? room : frame_.bottom - frame_.top;
      if (i < fitted.pages.size())
        setter.draw(fitted.pages[i], {frame_.left, y, frame_.width, height}, kGapGrowth);
      if (i == 0) draw_contents(frame_.bottom - contents_height());
      end_page(document_.front.title, fitted);
    }
    return {};
  }

  Status set_section(std::size_t place) {
    const Section& section = document_.sections[place];
    const Setter::Type title{
        style::kSectionTitle, 1.2, style::kInk, FontFace::display, FontWeight::semibold,
        TextAlign::left,      2};
    const double title_height = setter_.height_of(section.title, title, frame_.width - 26) + 14;
    const double top = frame_.top + title_height;
    TRY_ASSIGN(const Fit fitted, fit(canvas_, section, frame_, frame_.bottom - top));
    Setter setter(canvas_, fitted.scale);
    for (std::size_t i = 0; i < static_cast<std::size_t>(section.pages); ++i) {
      begin_page();
      draw_head();
      double y = frame_.top;
      if (i == 0) {
        canvas_.mark_place(place_of(place + 1), frame_.top - 20);
        canvas_.add_outline(std::to_string(place + 1) + "  " + section.title, place_of(place + 1),
                            1);
        Setter::Type number = title;
        number.colour = style::kAccent;
        setter_.write(std::to_string(place + 1), number, frame_.left, y, 24);
        setter_.write(section.title, title, frame_.left + 26, y, frame_.width - 26);
        y = top;
      }
      if (i < fitted.pages.size())
        setter.draw(fitted.pages[i], {frame_.left, y, frame_.width, frame_.bottom - y},
                    kGapGrowth);
      end_page(section.title, fitted);
    }
    return {};
  }

  void end_page(const std::string& section, const Fit& fitted) {
    draw_foot(fitted.cut);
    typeset_.pages.push_back({section, fitted.scale, fitted.cut});
  }

  const Document& document_;
  PdfCanvas& canvas_;
  Setter setter_;  // of what does not shrink: heads, titles, contents
  PaperSize size_;
  Frame frame_;
  int page_ = 0;
  int pages_ = 0;
  Typeset typeset_;
};

}  // namespace

PaperSize size_of(Paper paper) {
  if (paper == Paper::letter) return {612, 792};
  return {595.28, 841.89};
}

std::string_view name_of(Paper paper) { return paper == Paper::letter ? "letter" : "a4"; }

std::optional<Paper> paper_of(std::string_view name) {
  if (name == "a4") return Paper::a4;
  if (name == "letter") return Paper::letter;
  return std::nullopt;
}

Result<Typeset> typeset(const Document& document, PdfCanvas& canvas, Paper paper) {
  return Press(document, canvas, paper).run();
}

}  // namespace tideline::typesetting
