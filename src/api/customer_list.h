// The list of customers: filters, order, pages over the latest predictions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/prediction.h"
#include "http/query.h"
#include "packs/pack.h"
#include "ports/state_store.h"

namespace tideline {

// A bound on a task's figure; customers without the figure do not meet it.
struct FigureBound {
  enum class Op { gte, lte, gt, lt };
  std::size_t task = 0;
  Op op = Op::gte;
  double value = 0;
};

struct CustomerQuery {
  std::string tier;  // empty: any
  std::vector<FigureBound> bounds;
  std::string text;                 // part of the id, without case; empty: any
  std::optional<std::size_t> task;  // ordered by its figure, missing ones last; nullopt: by id
  bool descending = false;
  std::size_t limit = 100;
  std::size_t skip = 0;  // rows left out before the first; not together with `after`
  // The last row of the page before: only rows behind it.
  struct After {
    std::optional<double> figure;
    std::string id;
  };
  std::optional<After> after;
};

struct CustomerPage {
  std::vector<Prediction> rows;
  std::string next_cursor;             // empty: the last page
  std::optional<std::uint64_t> total;  // that fit the filters; nullopt: they were not all counted
};

class CustomerColumns;

// What the columns share with the scan: whether a row fits, and which of two stands before the
// other. A missing figure stands behind all others; equal ones go by id.
[[nodiscard]] bool fits(const FigureBound& bound, std::optional<double> figure);
[[nodiscard]] bool contains_without_case(std::string_view text, std::string_view part);
[[nodiscard]] bool stands_before(bool descending, const std::optional<double>& a,
                                 std::string_view a_id, const std::optional<double>& b,
                                 std::string_view b_id);

// "churn_risk_14d[gte]", … for every task of the pack and every bound.
[[nodiscard]] std::vector<std::string> bound_names(const Pack& pack);

// invalid names the parameter and what is allowed.
[[nodiscard]] Result<CustomerQuery> parse_customer_query(const Pack& pack,
                                                         const http::Query& query);

// By the columns where there are any; else it reads all latest predictions, unless the order is by
// id.
[[nodiscard]] Result<CustomerPage> find_customers(const Pack& pack, StateStore& state,
                                                  const CustomerQuery& query,
                                                  CustomerColumns* columns = nullptr);

}  // namespace tideline
