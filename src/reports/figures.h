// Figures: reads answers for a report and numbers those that it uses, in the order of first use,
// so that each figure carries the number of its source and the last page lists them all.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/facts.h"
#include "typesetting/document.h"

namespace tideline::reports {

using typesetting::Text;

inline constexpr const char* kNotEnough = "not enough data";

class Figures {
 public:
  explicit Figures(const Facts& facts) : facts_(facts) {}

  // nullptr: no such answer, or it has no rows.
  [[nodiscard]] const Answer* find(std::string_view id) const;
  [[nodiscard]] std::optional<double> value(std::string_view id, std::string_view column,
                                            std::string_view row = {}) const;
  // As written for people, or "not enough data".
  [[nodiscard]] std::string words(std::string_view id, std::string_view column,
                                  std::string_view row = {}) const;
  // Why an answer has nothing to show.
  [[nodiscard]] std::string why(std::string_view id) const;

  // The number of a source, raised; empty where there is no such answer.
  [[nodiscard]] Text mark(std::string_view id);
  // The numbers of several sources, with commas between.
  [[nodiscard]] Text marks(const std::vector<std::string_view>& ids);
  // A title with the mark of its source.
  [[nodiscard]] Text titled(std::string title, std::string_view id);
  // `form`: nullptr: the column's.
  [[nodiscard]] typesetting::Tile tile(std::string label, std::string_view id,
                                       std::string_view column, std::string_view row = {},
                                       const NumberForm* form = nullptr);
  // Every source that was marked, in order.
  [[nodiscard]] typesetting::Listing listing() const;
  // Ids of the answers that were marked, in order.
  [[nodiscard]] const std::vector<std::string>& used() const { return used_; }

 private:
  const Facts& facts_;
  std::vector<std::string> used_;
};

// The last section of every report: the sources that were marked.
[[nodiscard]] typesetting::Section source_section(const Figures& figures);

// Columns of an answer as the series of a chart.
[[nodiscard]] typesetting::ChartSeries series_of(const Answer& answer, std::string_view column,
                                                 std::string name);
[[nodiscard]] std::vector<std::string> row_names(const Answer& answer);

// A table of an answer: its rows by name, and the columns named (all of them: none named).
struct TableShape {
  std::string first_title;
  double first_share = 2.2;
  std::vector<std::string> columns = {};
  std::size_t rows_max = 0;  // 0: all
  bool readable_names = true;
};
[[nodiscard]] typesetting::Table table_of(Figures& figures, std::string title, std::string_view id,
                                          const TableShape& shape);

}  // namespace tideline::reports
