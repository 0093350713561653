#include "api/customer_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "api/cursor.h"
#include "api/customer_columns.h"
#include "api/endpoint.h"
#include "base/bytes.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

using Op = FigureBound::Op;
constexpr const char* kList = "customers";
constexpr std::size_t kSkipLargest = 1'000'000'000;
constexpr std::size_t kSkipMax = 10'000;  // where there are no columns: all those rows are held
constexpr std::array<std::pair<std::string_view, Op>, 4> kOps = {
    {{"gte", Op::gte}, {"lte", Op::lte}, {"gt", Op::gt}, {"lt", Op::lt}}};

Error bad(std::string what) { return {ErrorCode::invalid, std::move(what), "bad_parameter"}; }

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

Result<FigureBound> parse_bound(const Pack& pack, std::string_view key, std::string_view value) {
  const http::BracketKey parts = http::split_bracket_key(key);
  FigureBound bound;
  const auto task = pack.task_index(parts.name);
  const auto op = std::find_if(kOps.begin(), kOps.end(),
                               [&](const auto& known) { return known.first == parts.op; });
  if (!task || op == kOps.end()) {
    return fail(
        bad("no filter \"" + std::string(key) + "\"; allowed are " + joined(bound_names(pack))));
  }
  bound.task = *task;
  bound.op = op->second;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, bound.value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || !std::isfinite(bound.value)) {
    return fail(bad(std::string(key) + " needs a number, e.g. " + std::string(key) + "=0.5"));
  }
  return bound;
}

Status parse_sort(const Pack& pack, std::string_view sort, CustomerQuery& query) {
  query.descending = sort.starts_with('-');
  if (query.descending) sort.remove_prefix(1);
  if (sort.empty() || sort == "customer_id") return {};
  query.task = pack.task_index(sort);
  if (query.task) return {};
  std::vector<std::string> allowed = {"customer_id"};
  for (const TaskSpec& task : pack.tasks()) allowed.push_back(task.name);
  return fail(bad("cannot sort by \"" + std::string(sort) + "\"; allowed are " + joined(allowed) +
                  ", each also with a leading -"));
}

// Also carries the order, so that a cursor cannot be used with another one.
std::string order_of(const Pack& pack, const CustomerQuery& query) {
  return (query.descending ? "-" : "") +
         (query.task ? pack.tasks()[*query.task].name : std::string("customer_id"));
}

std::optional<double> figure_of(const CustomerQuery& query, const Prediction& row) {
  if (!query.task || *query.task >= row.figures.size()) return std::nullopt;
  return row.figures[*query.task];
}

// How many rows are looked at for one page.
std::size_t span_of(const CustomerQuery& query) { return query.skip + query.limit; }

std::string cursor_of(const Pack& pack, const CustomerQuery& query,
                      const std::optional<double>& figure, const std::string& id) {
  ByteWriter out;
  out.text(order_of(pack, query));
  out.u8(figure.has_value());
  out.real(figure.value_or(0));
  out.text(id);
  return make_cursor(kList, out.bytes());
}

Status parse_cursor(const Pack& pack, std::string_view cursor, CustomerQuery& query) {
  TRY_ASSIGN(const std::string place, read_cursor(kList, cursor));
  ByteReader in(place);
  const std::string order = in.text();
  CustomerQuery::After after;
  const bool has_figure = in.u8();
  const double figure = in.real();
  if (has_figure) after.figure = figure;
  after.id = in.text();
  if (!in.done() || order != order_of(pack, query)) {
    return fail(ErrorCode::invalid,
                "the cursor is not one of this list and order; begin without cursor",
                "bad_cursor");
  }
  query.after = std::move(after);
  return {};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<double> figure_at(const Prediction& row, std::size_t task) {
  return task < row.figures.size() ? row.figures[task] : std::nullopt;
}

bool matches(const CustomerQuery& query, const Prediction& row) {
  if (!query.tier.empty() && row.tier != query.tier) return false;
  return std::all_of(query.bounds.begin(), query.bounds.end(), [&](const FigureBound& bound) {
    return fits(bound, figure_at(row, bound.task));
  });
}

// Keeps what `take` returns true for; ends early when it returns nullopt.
template <class Take>
Status visit_rows(StateStore& state, const CustomerQuery& query, const Take& take) {
  std::optional<Error> broken;
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (!query.text.empty() && !contains_without_case(key, query.text)) return true;
    auto kept = decode_kept_prediction(value);
    if (!kept) {
      broken = kept.error();
      return false;
    }
    return !matches(query, kept->prediction) || take(std::move(kept->prediction));
  };
  std::string from;
  std::string to;
  const bool backwards = !query.task && query.descending;
  if (!query.task && query.after)
    (backwards ? to : from) = query.after->id + (backwards ? "" : std::string(1, '\0'));
  if (backwards) {
    TRY(state.scan_back(Family::predictions, from, to, visit));
  } else {
    TRY(state.scan(Family::predictions, from, to, visit));
  }
  if (broken) return fail(*broken);
  return {};
}

// The skip + limit + 1 best rows, in order.
Result<std::vector<Prediction>> best_rows(StateStore& state, const CustomerQuery& query) {
  const auto before = [&](const Prediction& a, const Prediction& b) {
    return stands_before(query.descending, figure_of(query, a), a.customer.str(),
                         figure_of(query, b), b.customer.str());
  };
  std::vector<Prediction> heap;  // the last of the kept rows on top
  TRY(visit_rows(state, query, [&](Prediction row) {
    if (query.after && !stands_before(query.descending, query.after->figure, query.after->id,
                                      figure_of(query, row), row.customer.str())) {
      return true;
    }
    if (heap.size() > span_of(query)) {
      if (!before(row, heap.front())) return true;
      std::pop_heap(heap.begin(), heap.end(), before);
      heap.pop_back();
    }
    heap.push_back(std::move(row));
    std::push_heap(heap.begin(), heap.end(), before);
    return true;
  }));
  std::sort_heap(heap.begin(), heap.end(), before);
  return heap;
}

Result<std::size_t> skip_of(const http::Query& parameters) {
  const auto text = parameters.get("skip");
  if (!text) return std::size_t{0};
  std::size_t skip = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, skip);
  if (parsed.ec != std::errc{} || parsed.ptr != end || skip > kSkipLargest) {
    return fail(bad("skip is a whole number, 0 to " + std::to_string(kSkipLargest)));
  }
  return skip;
}

// The rows that the columns named. One that has changed since and no longer fits is left out.
Result<CustomerPage> read_found(const Pack& pack, StateStore& state, const CustomerQuery& query,
                                const CustomerColumns::Found& found) {
  CustomerPage page;
  page.total = found.total;
  TRY_ASSIGN(const auto values, state.get_many(Family::predictions, found.ids));
  for (const auto& value : values) {
    if (!value) continue;
    TRY_ASSIGN(auto kept, decode_kept_prediction(*value));
    if (matches(query, kept.prediction)) page.rows.push_back(std::move(kept.prediction));
  }
  if (found.more) page.next_cursor = cursor_of(pack, query, found.last_figure, found.ids.back());
  return page;
}

}  // namespace

std::vector<std::string> bound_names(const Pack& pack) {
  std::vector<std::string> names;
  for (const TaskSpec& task : pack.tasks()) {
    for (const auto& [op, unused] : kOps) names.push_back(task.name + "[" + std::string(op) + "]");
  }
  return names;
}

bool fits(const FigureBound& bound, std::optional<double> figure) {
  if (!figure) return false;
  switch (bound.op) {
    case Op::gte: return *figure >= bound.value;
    case Op::lte: return *figure <= bound.value;
    case Op::gt: return *figure > bound.value;
    case Op::lt: return *figure < bound.value;
  }
  return false;
}

bool contains_without_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

bool stands_before(bool descending, const std::optional<double>& a, std::string_view a_id,
                   const std::optional<double>& b, std::string_view b_id) {
  if (a.has_value() != b.has_value()) return a.has_value();
  if (a && *a != *b) return descending ? *a > *b : *a < *b;
  return a_id < b_id;
}

Result<CustomerQuery> parse_customer_query(const Pack& pack, const http::Query& parameters) {
  CustomerQuery query;
  query.tier = text_of(parameters, "tier");
  const auto& tiers = pack.tiers();
  const bool known = std::find(tiers.begin(), tiers.end(), query.tier) != tiers.end();
  if (parameters.has("tier") && !known) {
    return fail(bad("no tier \"" + query.tier + "\"; allowed are " + joined(tiers)));
  }
  query.text = text_of(parameters, "q");
  for (const auto& [key, value] : parameters) {
    if (key.find('[') == std::string::npos) continue;
    TRY_ASSIGN(const FigureBound bound, parse_bound(pack, key, value));
    query.bounds.push_back(bound);
  }
  TRY(parse_sort(pack, text_of(parameters, "sort"), query));
  TRY_ASSIGN(query.limit, limit_of(parameters));
  const std::string cursor = text_of(parameters, "cursor");
  if (!cursor.empty()) TRY(parse_cursor(pack, cursor, query));
  TRY_ASSIGN(query.skip, skip_of(parameters));
  if (query.skip > 0 && query.after) {
    return fail(bad("skip and cursor cannot be given together"));
  }
  return query;
}

Result<CustomerPage> find_customers(const Pack& pack, StateStore& state,
                                    const CustomerQuery& query, CustomerColumns* columns) {
  CustomerPage page;
  if (columns != nullptr) {
    TRY_ASSIGN(const auto found, columns->find(query));
    if (found) return read_found(pack, state, query, *found);
  }
  if (query.skip > kSkipMax) {
    return fail(bad("among so many customers skip is at most " + std::to_string(kSkipMax) +
                    "; go on by cursor"));
  }
  if (query.task) {
    TRY_ASSIGN(page.rows, best_rows(state, query));
  } else {
    TRY(visit_rows(state, query, [&](Prediction row) {
      page.rows.push_back(std::move(row));
      return page.rows.size() <= span_of(query);
    }));
  }
  const bool more = page.rows.size() > span_of(query);
  if (more) page.rows.pop_back();
  const std::size_t skipped = std::min(query.skip, page.rows.size());
  page.rows.erase(page.rows.begin(), page.rows.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (more) {
    const Prediction& last = page.rows.back();
    page.next_cursor = cursor_of(pack, query, figure_of(query, last), last.customer.str());
  }
  return page;
}

}  // namespace tideline
