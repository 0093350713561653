#include "typesetting/setter.h"

#include <algorithm>

#include "typesetting/style.h"

namespace tideline::typesetting {
namespace {

constexpr double kBulletIndent = 12;
constexpr double kColumnGap = 22;
constexpr double kTileGap = 12;
constexpr std::size_t kTilesInRow = 4;
constexpr double kCalloutPad = 9;

Setter::Type type_of(const Paragraph& paragraph) {
  Setter::Type type;
  type.lines_max = paragraph.lines_max;
  switch (paragraph.kind) {
    case Paragraph::Kind::lead:
      type.size = style::kLead;
      type.leading = 1.45;
      type.colour = style::kSoft;
      break;
    case Paragraph::Kind::note:
      type.size = style::kNote;
      type.leading = 1.38;
      type.colour = style::kSoft;
      break;
    case Paragraph::Kind::body:
      type.size = style::kBody;
      type.leading = 1.45;
      type.colour = style::kInk;
      break;
  }
  return type;
}

Setter::Type body_type(int lines_max) {
  Setter::Type type = type_of(Paragraph{});
  type.lines_max = lines_max;
  return type;
}

Setter::Type heading_type() {
  return {style::kHeading, 1.3, style::kInk, FontFace::text, FontWeight::semibold,
          TextAlign::left, 2};
}

struct TileTypes {
  Setter::Type value{
      style::kTileValue, 1.2, style::kAccent, FontFace::display, FontWeight::semibold,
      TextAlign::left,   1};
  Setter::Type label{8.2, 1.35, style::kInk, FontFace::text, FontWeight::medium, TextAlign::left,
                     2};
  Setter::Type detail{style::kAxis,    1.35, style::kFaint, FontFace::text, FontWeight::regular,
                      TextAlign::left, 2};
};

// A heading stays close to its text, a note to what it is about.
bool widens(const Block& above, const Block& below) {
  const auto* paragraph = std::get_if<Paragraph>(&below.what);
  return !std::holds_alternative<Heading>(above.what) &&
         !(paragraph && paragraph->kind == Paragraph::Kind::note);
}

std::size_t tile_columns(const Tiles& tiles) {
  const std::size_t count = std::max<std::size_t>(1, tiles.tiles.size());
  if (count <= kTilesInRow) return count;
  return count % 4 == 0 || count > 6 ? 4 : 3;
}

}  // namespace

TextBlock Setter::block_of(const Text& text, const Type& type, double width) const {
  TextBlock block;
  block.spans = text.spans;
  if (type.weight != FontWeight::regular) {
    for (TextSpan& span : block.spans) {
      if (span.weight == FontWeight::regular) span.weight = type.weight;
    }
  }
  block.face = type.face;
  block.size = scaled(type.size);
  block.leading = type.leading;
  block.colour = type.colour;
  block.align = type.align;
  block.width = width;
  block.lines_max = type.lines_max;
  return block;
}

double Setter::height_of(const Text& text, const Type& type, double width) {
  return canvas_.measure(block_of(text, type, width)).height;
}

double Setter::width_of(const Text& text, const Type& type) {
  return canvas_.measure(block_of(text, type, 0)).width;
}

double Setter::write(const Text& text, const Type& type, double x, double y, double width) {
  const TextBlock block = block_of(text, type, width);
  const TextExtent extent = canvas_.measure(block);
  has_cut_ = has_cut_ || extent.cut;
  canvas_.write(x, y, block);
  return extent.height;
}

void Setter::fill_box(const Box& box, const Colour& colour) {
  using Kind = PathStep::Kind;
  canvas_.fill({{Kind::move, box.x, box.y},
                {Kind::line, box.x + box.width, box.y},
                {Kind::line, box.x + box.width, box.y + box.height},
                {Kind::line, box.x, box.y + box.height},
                {Kind::close}},
               colour);
}

void Setter::line(double x1, double y1, double x2, double y2, const Pen& pen) {
  canvas_.stroke({{PathStep::Kind::move, x1, y1}, {PathStep::Kind::line, x2, y2}}, pen);
}

double Setter::gap_before(const Block& block) const {
  if (std::holds_alternative<Heading>(block.what)) return scaled(style::kGap * 1.35);
  if (const auto* paragraph = std::get_if<Paragraph>(&block.what))
    return scaled(paragraph->kind == Paragraph::Kind::note ? style::kGap * 0.6
                                                           : style::kGap * 0.7);
  if (std::holds_alternative<Bullets>(block.what)) return scaled(style::kGap * 0.6);
  return scaled(style::kGap);
}

Room Setter::room_of(const Block& block, double width) {
  return std::visit([&](const auto& what) { return room(what, width); }, block.what);
}

Room Setter::room_of(const Blocks& blocks, double width) {
  Room all;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Room one = room_of(blocks[i], width);
    all.height += one.height + (i > 0 ? gap_before(blocks[i]) : 0);
    all.growth += one.growth;
  }
  return all;
}

void Setter::draw(const Block& block, const Box& box) {
  std::visit([&](const auto& what) { draw_it(what, box); }, block.what);
}

void Setter::draw(const Blocks& blocks, const Box& box, double gap_growth) {
  const Room all = room_of(blocks, box.width);
  const double spare = std::max(0.0, box.height - all.height);
  const double share = all.growth > 0 ? std::min(1.0, spare / all.growth) : 0;
  std::size_t gaps = 0;
  for (std::size_t i = 1; i < blocks.size(); ++i) gaps += widens(blocks[i - 1], blocks[i]) ? 1 : 0;
  const double wider =
      gaps == 0 ? 0
                : std::min(gap_growth, (spare - all.growth * share) / static_cast<double>(gaps));
  double y = box.y;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i > 0) y += gap_before(blocks[i]) + (widens(blocks[i - 1], blocks[i]) ? wider : 0);
    const Room one = room_of(blocks[i], box.width);
    const double height = one.height + one.growth * share;
    draw(blocks[i], {box.x, y, box.width, height});
    y += height;
  }
}

// ---- Heading, paragraph, bullets, callout

Room Setter::room(const Heading& heading, double width) {
  return {height_of(heading.text, heading_type(), width), 0};
}

void Setter::draw_it(const Heading& heading, const Box& box) {
  write(heading.text, heading_type(), box.x, box.y, box.width);
}

Room Setter::room(const Paragraph& paragraph, double width) {
  return {height_of(paragraph.text, type_of(paragraph), width), 0};
}

void Setter::draw_it(const Paragraph& paragraph, const Box& box) {
  write(paragraph.text, type_of(paragraph), box.x, box.y, box.width);
}

Room Setter::room(const Bullets& bullets, double width) {
  double height = 0;
  const Type type = body_type(bullets.lines_max);
  for (const Text& item : bullets.items)
    height += height_of(item, type, width - scaled(kBulletIndent)) + scaled(2.5);
  return {height, 0};
}

void Setter::draw_it(const Bullets& bullets, const Box& box) {
  const double indent = scaled(kBulletIndent);
  const Type type = body_type(bullets.lines_max);
  Type sign = type;
  sign.colour = style::kAccent;
  sign.weight = FontWeight::semibold;
  double y = box.y;
  for (std::size_t i = 0; i < bullets.items.size(); ++i) {
    const std::string words = bullets.numbered ? std::to_string(i + 1) : "\xe2\x80\x93";
    write(words, sign, box.x, y, indent);
    y += write(bullets.items[i], type, box.x + indent, y, box.width - indent) + scaled(2.5);
  }
}

Room Setter::room(const Callout& callout, double width) {
  return {height_of(callout.text, body_type(0), width - 2 * scaled(kCalloutPad)) +
              2 * scaled(kCalloutPad) * 0.8,
          0};
}

void Setter::draw_it(const Callout& callout, const Box& box) {
  const double pad = scaled(kCalloutPad);
  fill_box(box, style::kWash);
  fill_box({box.x, box.y, 2, box.height}, style::kAccent);
  write(callout.text, body_type(0), box.x + pad, box.y + pad * 0.8, box.width - 2 * pad);
}

// ---- Tiles

Room Setter::room(const Tiles& tiles, double width) {
  const std::size_t columns = tile_columns(tiles);
  const double gap = scaled(kTileGap);
  const double one =
      (width - gap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  const TileTypes types;
  double height = 0;
  for (std::size_t first = 0; first < tiles.tiles.size(); first += columns) {
    double row = 0;
    for (std::size_t i = first; i < std::min(first + columns, tiles.tiles.size()); ++i) {
      const Tile& tile = tiles.tiles[i];
      row = std::max(row, height_of(tile.value, types.value, one) +
                              height_of(tile.label, types.label, one) +
                              height_of(tile.detail, types.detail, one));
    }
    height += row + scaled(9) + (first > 0 ? gap : 0);
  }
  return {height, 0};
}

void Setter::draw_it(const Tiles& tiles, const Box& box) {
  const std::size_t columns = tile_columns(tiles);
  const double gap = scaled(kTileGap);
  const double one =
      (box.width - gap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  const TileTypes types;
  double top = box.y;
  for (std::size_t first = 0; first < tiles.tiles.size(); first += columns) {
    double lowest = top;
    for (std::size_t i = first; i < std::min(first + columns, tiles.tiles.size()); ++i) {
      const Tile& tile = tiles.tiles[i];
      const double x = box.x + static_cast<double>(i - first) * (one + gap);
      fill_box({x, top, one, 1.2}, style::kAccent);
      Type value = types.value;
      if (tile.missing) {
        value = {11,
                 1.2 * style::kTileValue / 11,
                 style::kFaint,
                 FontFace::text,
                 FontWeight::medium,
                 TextAlign::left,
                 1};
      }
      double y = top + scaled(6);
      y += write(tile.value, value, x, y, one);
      y += write(tile.label, types.label, x, y, one);
      y += write(tile.detail, types.detail, x, y, one);
      lowest = std::max(lowest, y);
    }
    top = lowest + scaled(3) + gap;
  }
}

// ---- Side by side

namespace {

std::vector<double> widths_of(const SideBySide& columns, double width, double gap) {
  double shares = 0;
  for (const SideColumn& column : columns.columns) shares += column.share;
  const double room = width - gap * static_cast<double>(columns.columns.size() - 1);
  std::vector<double> widths;
  for (const SideColumn& column : columns.columns) widths.push_back(room * column.share / shares);
  return widths;
}

}  // namespace

Room Setter::room(const SideBySide& columns, double width) {
  const auto widths = widths_of(columns, width, scaled(kColumnGap));
  Room all;
  double most = 0;
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    const Room one = room_of(columns.columns[i].blocks, widths[i]);
    all.height = std::max(all.height, one.height);
    most = std::max(most, one.height + one.growth);
  }
  all.growth = std::max(0.0, most - all.height);
  return all;
}

void Setter::draw_it(const SideBySide& columns, const Box& box) {
  const auto widths = widths_of(columns, box.width, scaled(kColumnGap));
  double x = box.x;
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    draw(columns.columns[i].blocks, {x, box.y, widths[i], box.height});
    x += widths[i] + scaled(kColumnGap);
  }
}

// ---- Splitting

std::optional<std::pair<Block, Block>> Setter::split(const Block& block, double width,
                                                     double height) {
  if (const auto* table = std::get_if<Table>(&block.what)) {
    double taken = table_head_height(*table, width);
    std::size_t rows = 0;
    while (rows < table->rows.size()) {
      taken += table_row_height(*table, rows, width);
      if (taken > height) break;
      ++rows;
    }
    if (rows < 2 || rows + 1 >= table->rows.size()) return std::nullopt;
    Table first = *table, second = *table;
    const auto cut = static_cast<std::ptrdiff_t>(rows);
    first.rows.erase(first.rows.begin() + cut, first.rows.end());
    first.last_is_sum = false;
    second.rows.erase(second.rows.begin(), second.rows.begin() + cut);
    second.title = table->title.empty() ? Text() : table->title + Text(", continued");
    return std::pair<Block, Block>(std::move(first), std::move(second));
  }
  if (const auto* bullets = std::get_if<Bullets>(&block.what)) {
    double taken = 0;
    std::size_t items = 0;
    const Type type = body_type(bullets->lines_max);
    while (items < bullets->items.size()) {
      taken += height_of(bullets->items[items], type, width - scaled(kBulletIndent)) + scaled(2.5);
      if (taken > height) break;
      ++items;
    }
    // A numbered list would begin again at 1.
    if (bullets->numbered || items == 0 || items == bullets->items.size()) return std::nullopt;
    Bullets first = *bullets, second = *bullets;
    const auto cut = static_cast<std::ptrdiff_t>(items);
    first.items.erase(first.items.begin() + cut, first.items.end());
    second.items.erase(second.items.begin(), second.items.begin() + cut);
    return std::pair<Block, Block>(std::move(first), std::move(second));
  }
  return std::nullopt;
}

}  // namespace tideline::typesetting
