// Setter: measures blocks and puts them on the page, at one scale of type.
#pragma once

#include <optional>
#include <utility>

#include "typesetting/document.h"

namespace tideline::typesetting {

// How high a block is at least, and how much higher it may become (charts fill a page).
struct Room {
  double height = 0;
  double growth = 0;
};

class Setter {
 public:
  // `scale`: of type and distances, 1 as designed. The canvas must outlive the setter.
  Setter(PdfCanvas& canvas, double scale) : canvas_(canvas), scale_(scale) {}

  [[nodiscard]] Room room_of(const Block& block, double width);
  // Of blocks one under the other, with the gaps between them.
  [[nodiscard]] Room room_of(const Blocks& blocks, double width);
  // `box.height` is at least the room's height, at most with its growth.
  void draw(const Block& block, const Box& box);
  // Growth is handed out in equal parts of what each may take; what is left then widens the gaps,
  // each by at most `gap_growth`.
  void draw(const Blocks& blocks, const Box& box, double gap_growth = 0);

  // Cuts a block so that its first part fits `height`; nullopt where it does not come apart there.
  [[nodiscard]] std::optional<std::pair<Block, Block>> split(const Block& block, double width,
                                                             double height);
  // Whether something was left out of what was drawn so far: lines over their most.
  [[nodiscard]] bool has_cut() const { return has_cut_; }

  [[nodiscard]] double scaled(double points) const { return points * scale_; }
  [[nodiscard]] double gap_before(const Block& block) const;

  // What blocks are made of; each gives the height it took.
  struct Type {
    double size = 9;
    double leading = 1.4;
    Colour colour = {};
    FontFace face = FontFace::text;
    FontWeight weight = FontWeight::regular;  // of spans that have none of their own
    TextAlign align = TextAlign::left;
    int lines_max = 0;
  };
  [[nodiscard]] double height_of(const Text& text, const Type& type, double width);
  [[nodiscard]] double width_of(const Text& text, const Type& type);
  double write(const Text& text, const Type& type, double x, double y, double width);
  void fill_box(const Box& box, const Colour& colour);
  void line(double x1, double y1, double x2, double y2, const Pen& pen);
  [[nodiscard]] PdfCanvas& canvas() { return canvas_; }

 private:
  Room room(const Heading& heading, double width);
  Room room(const Paragraph& paragraph, double width);
  Room room(const Bullets& bullets, double width);
  Room room(const Tiles& tiles, double width);
  Room room(const Callout& callout, double width);
  Room room(const Table& table, double width);
  Room room(const Chart& chart, double width);
  Room room(const Listing& listing, double width);
  Room room(const SideBySide& columns, double width);
  void draw_it(const Heading& heading, const Box& box);
  void draw_it(const Paragraph& paragraph, const Box& box);
  void draw_it(const Bullets& bullets, const Box& box);
  void draw_it(const Tiles& tiles, const Box& box);
  void draw_it(const Callout& callout, const Box& box);
  void draw_it(const Table& table, const Box& box);
  void draw_it(const Chart& chart, const Box& box);
  void draw_it(const Listing& listing, const Box& box);
  void draw_it(const SideBySide& columns, const Box& box);

  [[nodiscard]] TextBlock block_of(const Text& text, const Type& type, double width) const;
  [[nodiscard]] double table_head_height(const Table& table, double width);
  [[nodiscard]] double table_row_height(const Table& table, std::size_t row, double width);
  void draw_table_row(const Table& table, std::size_t row, const Box& box, double pad);
  [[nodiscard]] double entry_height(const Listing& listing, std::size_t entry, double width);
  void draw_entry(const Listing& listing, std::size_t entry, const Box& box);

  PdfCanvas& canvas_;
  double scale_;
  bool has_cut_ = false;
};

}  // namespace tideline::typesetting
