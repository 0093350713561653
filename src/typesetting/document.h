// Document: what a report says, in blocks, without any place on paper. typeset.h sets it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "typesetting/chart.h"
#include "typesetting/text.h"

namespace tideline::typesetting {

struct Heading {
  std::string text;
};

struct Paragraph {
  Text text;
  enum class Kind : std::uint8_t { body, lead, note } kind = Kind::body;
  int lines_max = 0;  // 0: as many as it takes
};

struct Bullets {
  std::vector<Text> items;
  bool numbered = false;
  int lines_max = 0;  // of an item
};

// A figure that stands out.
struct Tile {
  std::string value;
  Text label;
  std::string detail;  // period and population
  bool missing = false;
};
struct Tiles {
  std::vector<Tile> tiles;  // side by side, at most 4 a row
};

// A sentence that stands out.
struct Callout {
  Text text;
};

struct TableColumn {
  std::string title;
  double share = 1;  // of the width, against the other columns
  TextAlign align = TextAlign::left;
  int lines_max = 2;
};
struct Table {
  Text title;
  std::vector<TableColumn> columns;
  std::vector<std::vector<Text>> rows;  // as long as columns
  std::string missing;                  // why there are no rows; said in their place
  bool last_is_sum = false;
};

// Numbered entries with a piece of code each, in two columns.
struct Listing {
  struct Entry {
    std::string number;
    Text about;
    std::string code;
  };
  std::vector<Entry> entries;
  int code_lines_max = 0;  // of an entry's code; 0: all of them
};

struct Block;
struct SideColumn {
  double share = 1;
  std::vector<Block> blocks;
};
// Blocks side by side.
struct SideBySide {
  std::vector<SideColumn> columns;
};

struct Block {
  std::variant<Heading, Paragraph, Bullets, Tiles, Callout, Table, Chart, Listing, SideBySide>
      what;
  Block(Heading block) : what(std::move(block)) {}     // NOLINT: a block is any of them
  Block(Paragraph block) : what(std::move(block)) {}   // NOLINT
  Block(Bullets block) : what(std::move(block)) {}     // NOLINT
  Block(Tiles block) : what(std::move(block)) {}       // NOLINT
  Block(Callout block) : what(std::move(block)) {}     // NOLINT
  Block(Table block) : what(std::move(block)) {}       // NOLINT
  Block(Chart block) : what(std::move(block)) {}       // NOLINT
  Block(Listing block) : what(std::move(block)) {}     // NOLINT
  Block(SideBySide block) : what(std::move(block)) {}  // NOLINT
};
using Blocks = std::vector<Block>;

// Begins on a page of its own and takes exactly `pages`.
struct Section {
  std::string title;
  int pages = 1;
  Blocks blocks;
};

struct Document {
  std::string kicker;  // above the title: whose report it is
  std::string title;
  std::string subtitle;  // what it is about, as of when
  std::string footer;    // at the foot of each page
  std::string
      cut_note;   // said on pages where something was left out: where it can be read in full
  Section front;  // under title and subtitle; the contents follow it. Its title is not shown.
  std::vector<Section> sections;
};

}  // namespace tideline::typesetting
