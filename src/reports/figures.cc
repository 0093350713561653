#include "reports/figures.h"

#include <algorithm>

#include "reports/words.h"

namespace tideline::reports {
namespace {

constexpr const char* kNarrowBlank = "\xe2\x80\xaf";  // where no line is broken

std::string source_words(const Answer& answer) {
  std::string words;
  for (const std::string& part : {answer.period, answer.population}) {
    if (!part.empty()) words += (words.empty() ? "" : "; ") + part;
  }
  std::vector<std::string> units;
  for (const AnswerColumn& column : answer.columns) {
    std::string unit = column.form.unit;
    if (column.form.kind == NumberForm::Kind::share) unit = "share, in %";
    if (column.form.kind == NumberForm::Kind::signed_share)
      unit = "difference of shares, in points";
    if (!unit.empty() && std::find(units.begin(), units.end(), unit) == units.end())
      units.push_back(unit);
  }
  if (!units.empty()) words += (words.empty() ? "" : "; ") + std::string("in ") + listed(units);
  return words;
}

}  // namespace

const Answer* Figures::find(std::string_view id) const {
  const auto found = facts_.answers.find(std::string(id));
  return found == facts_.answers.end() || found->second.rows.empty() ? nullptr : &found->second;
}

std::optional<double> Figures::value(std::string_view id, std::string_view column,
                                     std::string_view row) const {
  const Answer* answer = find(id);
  return answer ? answer->value(column, row) : std::nullopt;
}

std::string Figures::words(std::string_view id, std::string_view column,
                           std::string_view row) const {
  const auto number = value(id, column, row);
  if (!number) return kNotEnough;
  return typesetting::shown(*number, find(id)->column(column)->form);
}

std::string Figures::why(std::string_view id) const {
  const auto found = facts_.answers.find(std::string(id));
  return found == facts_.answers.end() ? "" : found->second.missing;
}

Text Figures::mark(std::string_view id) {
  if (!find(id)) return {};
  auto place = std::find(used_.begin(), used_.end(), id);
  if (place == used_.end()) place = used_.insert(used_.end(), std::string(id));
  return typesetting::raised(std::to_string(place - used_.begin() + 1));
}

Text Figures::marks(const std::vector<std::string_view>& ids) {
  Text all;
  for (const std::string_view id : ids) {
    const Text one = mark(id);
    if (one.empty()) continue;
    if (!all.empty()) all += typesetting::raised(",");
    all += one;
  }
  return all;
}

Text Figures::titled(std::string title, std::string_view id) {
  return Text(std::move(title)) + Text(kNarrowBlank) + mark(id);
}

typesetting::Tile Figures::tile(std::string label, std::string_view id, std::string_view column,
                                std::string_view row, const NumberForm* form) {
  typesetting::Tile tile;
  tile.label = std::move(label);
  const auto number = value(id, column, row);
  if (!number) {
    tile.value = "Not enough data";
    tile.detail = why(id);
    tile.missing = true;
    return tile;
  }
  const Answer& answer = *find(id);
  tile.value = typesetting::shown_bare(*number, form ? *form : answer.column(column)->form);
  tile.label += Text(kNarrowBlank) + mark(id);
  tile.detail = answer.period;
  if (!answer.population.empty())
    tile.detail += (tile.detail.empty() ? "" : "; ") + answer.population;
  return tile;
}

typesetting::Listing Figures::listing() const {
  typesetting::Listing listing;
  for (std::size_t i = 0; i < used_.size(); ++i) {
    const Answer& answer = facts_.answers.at(used_[i]);
    Text about = typesetting::strong(answer.about + ". ");
    about += Text(source_words(answer) + ".");
    listing.entries.push_back({std::to_string(i + 1), std::move(about), answer.query});
  }
  return listing;
}

typesetting::Section source_section(const Figures& figures) {
  typesetting::Section section;
  section.title = "Where every figure comes from";
  section.blocks.push_back(typesetting::Paragraph{
      "A query in SQL is run with tideline sql on the data folder, or on the Explore screen; an "
      "address is read with GET from the API. The same list, as data, is in the API's answer for "
      "this report."});
  typesetting::Listing listing = figures.listing();
  if (listing.entries.empty()) {
    section.blocks.push_back(typesetting::Callout{typesetting::strong("Not enough data: ") +
                                                  Text("this report shows no figure yet.")});
  } else {
    section.blocks.push_back(std::move(listing));
  }
  return section;
}

typesetting::ChartSeries series_of(const Answer& answer, std::string_view column,
                                   std::string name) {
  typesetting::ChartSeries series{std::move(name), {}};
  const auto place = answer.place_of(column);
  for (const AnswerRow& row : answer.rows)
    series.values.push_back(place && *place < row.values.size() ? row.values[*place]
                                                                : std::nullopt);
  return series;
}

std::vector<std::string> row_names(const Answer& answer) {
  std::vector<std::string> names;
  for (const AnswerRow& row : answer.rows) names.push_back(row.name);
  return names;
}

typesetting::Table table_of(Figures& figures, std::string title, std::string_view id,
                            const TableShape& shape) {
  typesetting::Table table;
  table.title = figures.titled(std::move(title), id);
  table.columns = {{shape.first_title, shape.first_share}};
  const Answer* answer = figures.find(id);
  if (!answer) {
    table.missing = figures.why(id);
    return table;
  }
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < answer->columns.size(); ++i) {
    const AnswerColumn& column = answer->columns[i];
    if (!shape.columns.empty() &&
        std::find(shape.columns.begin(), shape.columns.end(), column.name) == shape.columns.end())
      continue;
    places.push_back(i);
    table.columns.push_back({column.label, 1, TextAlign::right});
  }
  for (const AnswerRow& row : answer->rows) {
    if (shape.rows_max > 0 && table.rows.size() == shape.rows_max) break;
    auto& cells = table.rows.emplace_back();
    cells.emplace_back(shape.readable_names ? readable(row.name) : row.name);
    for (const std::size_t place : places)
      cells.emplace_back(place < row.values.size()
                             ? typesetting::shown(row.values[place], answer->columns[place].form)
                             : "n/a");
  }
  return table;
}

}  // namespace tideline::reports
