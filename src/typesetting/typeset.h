// typeset: a document onto the pages of a canvas.
//
// Each section begins on a page and takes exactly as many as it says. Where its blocks need more,
// type and distances shrink by steps, to not less than 80 %; where even that does not do, tables
// lose their last rows, lists their last items and paragraphs their last lines, saying so in
// place, by equal steps for all of them; the page then says where all of it can be read. Where
// blocks need less, charts grow to fill the page.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ports/pdf_canvas.h"
#include "typesetting/document.h"

namespace tideline::typesetting {

enum class Paper : std::uint8_t { a4, letter };
struct PaperSize {
  double width = 0;  // points
  double height = 0;
};
[[nodiscard]] PaperSize size_of(Paper paper);
[[nodiscard]] std::string_view name_of(Paper paper);
[[nodiscard]] std::optional<Paper> paper_of(std::string_view name);

struct Typeset {
  struct Page {
    std::string section;
    double scale = 1;
    bool cut = false;  // something was left out to make it fit
  };
  std::vector<Page> pages;
};

// The canvas has pages of the paper's size and nothing on it yet; the caller finishes it.
// `invalid` where a section does not fit its pages even without its last blocks, which none of
// ours does.
[[nodiscard]] Result<Typeset> typeset(const Document& document, PdfCanvas& canvas, Paper paper);

}  // namespace tideline::typesetting
