#include "ports/memory_pdf_canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ports/lake.h"

namespace tideline {
namespace {

constexpr double kLetterWidth = 0.5;  // of the size

std::string text_of(const TextBlock& block) {
  std::string text;
  for (const TextSpan& span : block.spans) text += as_utf8(span.text);
  return text;
}

std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

Box bounds_of(const Path& path) {
  double left = std::numeric_limits<double>::infinity(), right = -left;
  double top = left, bottom = -left;
  for (const PathStep& step : path) {
    if (step.kind == PathStep::Kind::close) continue;
    left = std::min(left, step.x);
    right = std::max(right, step.x);
    top = std::min(top, step.y);
    bottom = std::max(bottom, step.y);
  }
  return {left, top, right - left, bottom - top};
}

}  // namespace

MemoryPdfCanvas::Page* MemoryPdfCanvas::page() {
  if (!pages_.empty() && !finished_) return &pages_.back();
  out_of_order_ = true;
  return nullptr;
}

void MemoryPdfCanvas::begin_page() {
  if (finished_) out_of_order_ = true;
  pages_.emplace_back();
}

TextExtent MemoryPdfCanvas::measure(const TextBlock& block) {
  const double letter = block.size * kLetterWidth;
  const auto a_line =
      block.width > 0 ? std::max<std::size_t>(1, static_cast<std::size_t>(block.width / letter))
                      : std::numeric_limits<std::size_t>::max();
  TextExtent extent;
  const std::string text = text_of(block);
  std::size_t longest = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t count = letters(text.substr(begin, end - begin));
    extent.lines += static_cast<int>(count == 0 ? 1 : (count - 1) / a_line + 1);
    longest = std::max(longest, std::min(count, a_line));
    begin = end + 1;
  }
  extent.cut = block.lines_max > 0 && extent.lines > block.lines_max;
  if (extent.cut) extent.lines = block.lines_max;
  extent.width = static_cast<double>(longest) * letter;
  if (block.width > 0) extent.width = std::min(extent.width, block.width);
  extent.height = extent.lines * block.size * block.leading;
  return extent;
}

void MemoryPdfCanvas::write(double x, double y, const TextBlock& block) {
  Page* page = this->page();
  if (!page) return;
  const TextExtent extent = measure(block);
  const double room = block.width > 0 ? block.width - extent.width : -extent.width;
  if (block.align == TextAlign::right) x += room;
  if (block.align == TextAlign::centre) x += room / 2;
  page->texts.push_back({{x, y, extent.width, extent.height}, text_of(block), extent});
}

void MemoryPdfCanvas::fill(const Path& path, const Colour& /*colour*/) {
  if (Page* page = this->page(); page && !path.empty()) page->shapes.push_back(bounds_of(path));
}

void MemoryPdfCanvas::stroke(const Path& path, const Pen& /*pen*/) {
  if (Page* page = this->page(); page && !path.empty()) page->shapes.push_back(bounds_of(path));
}

void MemoryPdfCanvas::mark_place(const std::string& name, double /*y*/) {
  Page* page = this->page();
  if (!page) return;
  page->places.push_back(name);
  places_.insert(name);
}

void MemoryPdfCanvas::link(const Box& /*box*/, const std::string& place) {
  Page* page = this->page();
  if (!page) return;
  page->links.push_back(place);
  wanted_places_.insert(place);
}

void MemoryPdfCanvas::add_outline(const std::string& title, const std::string& place, int level) {
  if (!page()) return;
  outline_.push_back({title, place, level});
  wanted_places_.insert(place);
}

Result<std::string> MemoryPdfCanvas::finish() {
  const bool again = finished_;
  finished_ = true;
  if (again || out_of_order_ || pages_.empty())
    return fail(ErrorCode::internal, "a document is drawn page by page, then finished once");
  for (const std::string& place : wanted_places_) {
    if (!places_.contains(place))
      return fail(ErrorCode::internal,
                  "a link leads to the place " + place + ", which is not there");
  }
  std::string bytes = options_.title + "\n";
  for (const Page& page : pages_) {
    for (const Written& written : page.texts) bytes += written.text + "\n";
    bytes += "\f";
  }
  return bytes;
}

}  // namespace tideline
