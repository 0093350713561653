// Tables, and listings of code in two columns.
#include <algorithm>

#include "typesetting/setter.h"
#include "typesetting/style.h"

namespace tideline::typesetting {
namespace {

constexpr double kCellGap = 9;  // between columns
constexpr double kRowPad = 2.6;
constexpr double kRowGrowth = 4.5;  // of a row, where a page has room
constexpr double kListingGap = 18;

Setter::Type title_type() {
  return {style::kChartTitle, 1.35, style::kInk, FontFace::text, FontWeight::semibold,
          TextAlign::left,    2};
}

Setter::Type head_type(const TableColumn& column) {
  return {style::kTableHead, 1.3, style::kFaint, FontFace::text, FontWeight::medium,
          column.align,      3};
}

Setter::Type cell_type(const TableColumn& column, bool is_sum) {
  return {style::kTable,
          1.36,
          style::kInk,
          FontFace::text,
          is_sum ? FontWeight::semibold : FontWeight::regular,
          column.align,
          column.lines_max};
}

Setter::Type missing_type() {
  return {style::kTable,   1.4, style::kFaint, FontFace::text, FontWeight::regular,
          TextAlign::left, 3};
}

std::vector<double> widths_of(const Table& table, double width, double gap) {
  double shares = 0;
  for (const TableColumn& column : table.columns) shares += column.share;
  const double room = width - gap * static_cast<double>(table.columns.size() - 1);
  std::vector<double> widths;
  for (const TableColumn& column : table.columns) widths.push_back(room * column.share / shares);
  return widths;
}

std::string missing_words(const Table& table) {
  return "Not enough data" + (table.missing.empty() ? "." : ": " + table.missing + ".");
}

Setter::Type number_type() {
  return {style::kNote,    1.35, style::kAccent, FontFace::text, FontWeight::semibold,
          TextAlign::left, 1};
}
Setter::Type about_type() {
  return {7.0, 1.35, style::kInk, FontFace::text, FontWeight::regular, TextAlign::left, 4};
}
Setter::Type code_type(int lines_max) {
  return {style::kCode,    1.32,     style::kSoft, FontFace::code, FontWeight::regular,
          TextAlign::left, lines_max};
}
constexpr double kNumberWidth = 17;

}  // namespace

double Setter::table_head_height(const Table& table, double width) {
  const auto widths = widths_of(table, width, scaled(kCellGap));
  double height = 0;
  for (std::size_t i = 0; i < widths.size(); ++i)
    height = std::max(height,
                      height_of(table.columns[i].title, head_type(table.columns[i]), widths[i]));
  if (!table.title.empty()) height += height_of(table.title, title_type(), width) + scaled(3);
  return height + scaled(kRowPad) + 1;
}

double Setter::table_row_height(const Table& table, std::size_t row, double width) {
  const auto widths = widths_of(table, width, scaled(kCellGap));
  const bool is_sum = table.last_is_sum && row + 1 == table.rows.size();
  double height = 0;
  for (std::size_t i = 0; i < widths.size(); ++i)
    height = std::max(
        height, height_of(table.rows[row][i], cell_type(table.columns[i], is_sum), widths[i]));
  return height + 2 * scaled(kRowPad);
}

Room Setter::room(const Table& table, double width) {
  double height = table_head_height(table, width);
  if (table.rows.empty())
    return {height + height_of(missing_words(table), missing_type(), width) + 2 * scaled(kRowPad),
            0};
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    height += table_row_height(table, row, width);
  return {height, scaled(kRowGrowth) * static_cast<double>(table.rows.size())};
}

void Setter::draw_table_row(const Table& table, std::size_t row, const Box& box, double pad) {
  const auto widths = widths_of(table, box.width, scaled(kCellGap));
  const bool is_sum = table.last_is_sum && row + 1 == table.rows.size();
  double x = box.x;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    write(table.rows[row][i], cell_type(table.columns[i], is_sum), x, box.y + pad, widths[i]);
    x += widths[i] + scaled(kCellGap);
  }
}

void Setter::draw_it(const Table& table, const Box& box) {
  const auto widths = widths_of(table, box.width, scaled(kCellGap));
  double y = box.y;
  if (!table.title.empty()) y += write(table.title, title_type(), box.x, y, box.width) + scaled(3);
  double x = box.x, head = 0;
  for (std::size_t i = 0; i < widths.size(); ++i)
    head =
        std::max(head, height_of(table.columns[i].title, head_type(table.columns[i]), widths[i]));
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const Type type = head_type(table.columns[i]);
    const double own = height_of(table.columns[i].title, type, widths[i]);
    write(table.columns[i].title, type, x, y + head - own, widths[i]);
    x += widths[i] + scaled(kCellGap);
  }
  y += head + scaled(kRowPad);
  line(box.x, y, box.x + box.width, y, {style::kLineStrong, 0.7});
  y += 1;
  if (table.rows.empty()) {
    write(missing_words(table), missing_type(), box.x, y + scaled(kRowPad), box.width);
    return;
  }
  const double spare =
      (box.height - room(table, box.width).height) / static_cast<double>(table.rows.size());
  const double wider = std::clamp(spare, 0.0, scaled(kRowGrowth));
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const double height = table_row_height(table, row, box.width) + wider;
    draw_table_row(table, row, {box.x, y, box.width, height}, scaled(kRowPad) + wider / 2);
    y += height;
    const bool before_sum = table.last_is_sum && row + 2 == table.rows.size();
    line(box.x, y, box.x + box.width, y,
         {before_sum ? style::kLineStrong : style::kLine, before_sum ? 0.7 : style::kHairline});
  }
}

// ---- Listing

double Setter::entry_height(const Listing& listing, std::size_t place, double width) {
  const Listing::Entry& entry = listing.entries[place];
  const Type code = code_type(listing.code_lines_max);
  const double inner = width - scaled(kNumberWidth);
  double height = height_of(entry.about, about_type(), inner) + scaled(6);
  if (!entry.code.empty()) height += height_of(entry.code, code, inner) + scaled(1);
  return height;
}

void Setter::draw_entry(const Listing& listing, std::size_t place, const Box& box) {
  const Listing::Entry& entry = listing.entries[place];
  const double indent = scaled(kNumberWidth);
  write(entry.number, number_type(), box.x, box.y, indent);
  double y = box.y;
  y += write(entry.about, about_type(), box.x + indent, y, box.width - indent) + scaled(1);
  if (entry.code.empty()) return;
  write(entry.code, code_type(listing.code_lines_max), box.x + indent, y, box.width - indent);
}

namespace {

// How many entries stand in the left column, so that both are about as high.
std::size_t left_entries(const std::vector<double>& heights) {
  double all = 0;
  for (const double height : heights) all += height;
  std::size_t best = heights.size();
  double lowest = all, left = 0;
  for (std::size_t i = 0; i <= heights.size(); ++i) {
    const double higher = std::max(left, all - left);
    if (higher < lowest) {
      lowest = higher;
      best = i;
    }
    if (i < heights.size()) left += heights[i];
  }
  return best;
}

}  // namespace

Room Setter::room(const Listing& listing, double width) {
  const double one = (width - scaled(kListingGap)) / 2;
  std::vector<double> heights;
  for (std::size_t i = 0; i < listing.entries.size(); ++i)
    heights.push_back(entry_height(listing, i, one));
  const std::size_t cut = left_entries(heights);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < heights.size(); ++i) (i < cut ? left : right) += heights[i];
  return {std::max(left, right), 0};
}

void Setter::draw_it(const Listing& listing, const Box& box) {
  const double one = (box.width - scaled(kListingGap)) / 2;
  std::vector<double> heights;
  for (std::size_t i = 0; i < listing.entries.size(); ++i)
    heights.push_back(entry_height(listing, i, one));
  const std::size_t cut = left_entries(heights);
  double y = box.y;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    if (i == cut) y = box.y;
    const double x = i < cut ? box.x : box.x + one + scaled(kListingGap);
    draw_entry(listing, i, {x, y, one, heights[i]});
    y += heights[i];
  }
}

}  // namespace tideline::typesetting
