#include "pipeline/rule_preview.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "features/compute.h"
#include "packs/program.h"
#include "pipeline/customer_scoring.h"
#include "pipeline/recommend.h"
#include "pipeline/records.h"
#include "scoring/drivers.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kCells = 60;  // of a plane, along a task with a range
constexpr std::size_t kExamplesMax = 12;
constexpr std::size_t kExamplesOfOneKind = 3;

std::optional<std::size_t> place_of(const Pack& pack, const std::string& tier) {
  const auto& tiers = pack.tiers();
  const auto found = std::find(tiers.begin(), tiers.end(), tier);
  if (found == tiers.end()) return std::nullopt;
  return std::size_t(found - tiers.begin());
}

// The tasks that the rules of tiers look at, in the order of the pack.
std::set<std::size_t> tasks_in(const Pack& pack) {
  std::set<std::size_t> tasks;
  for (const Expression& rule : pack.program().tier_rules) {
    for (const Op& op : rule.code) {
      if (op.code == OpCode::slot && op.arg < pack.tasks().size()) tasks.insert(op.arg);
    }
  }
  return tasks;
}

bool tiers_ask_features(const Pack& pack) {
  for (const Expression& rule : pack.program().tier_rules) {
    for (const Op& op : rule.code) {
      if (op.code == OpCode::slot && op.arg >= pack.tasks().size()) return true;
    }
  }
  return false;
}

// Slots of plays after figures, features and figures of the past are drivers.
bool asks_drivers(const Pack& pack, const Expression& rule) {
  const std::size_t begin = 2 * pack.tasks().size() + pack.features().size();
  const std::size_t end = begin + pack.features().size();
  return std::any_of(rule.code.begin(), rule.code.end(), [&](const Op& op) {
    return op.code == OpCode::slot && op.arg >= begin && op.arg < end;
  });
}

}  // namespace

struct RulePreview::Rows {
  Time read{};   // by the machine's clock
  Time as_of{};  // of the features
  std::vector<CustomerId> customers;
  std::vector<std::optional<double>> figures;  // rows x tasks
  std::vector<std::string> shown;              // tiers
  // Of a share of the rows; `with_features` are their places.
  std::vector<std::size_t> with_features;
  std::vector<double> features;  // with_features x features
  std::vector<double> days_since_qualifying;
  std::size_t tasks = 0;

  [[nodiscard]] std::size_t size() const { return customers.size(); }
  [[nodiscard]] std::span<const std::optional<double>> figures_of(std::size_t row) const {
    return std::span(figures).subspan(row * tasks, tasks);
  }
};

namespace {

struct Range {
  double min = 0;
  double max = 1;
};

// Of a task's figures; where the pack names no end, that of the customers there are.
template <class Rows>
Range range_of(const Pack& pack, const Rows& rows, std::size_t task) {
  const TaskSpec& spec = pack.tasks()[task];
  if (spec.kind == TaskKind::probability) return {0, 1};
  Range range{spec.min.value_or(0), spec.max.value_or(1)};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto& figure = rows.figures_of(r)[task];
    if (!figure) continue;
    if (!spec.min) range.min = std::min(range.min, *figure);
    if (!spec.max) range.max = std::max(range.max, *figure);
  }
  return range;
}

std::size_t cell_of(double value, double min, double max, std::size_t cells) {
  const double place = (value - min) / (max - min) * double(cells);
  return std::size_t(std::clamp(place, 0.0, double(cells - 1)));
}

// Two tasks at most: first a number, which people read from left to right, then the other.
template <class Rows>
std::optional<TierPlane> plane_of(const Pack& pack, const Rows& rows) {
  const auto used = tasks_in(pack);
  if (used.empty()) return std::nullopt;
  TierPlane plane;
  const auto number = std::find_if(used.begin(), used.end(), [&](std::size_t task) {
    return pack.tasks()[task].kind == TaskKind::number;
  });
  plane.x = number == used.end() ? *used.begin() : *number;
  for (const std::size_t task : used) {
    if (task != plane.x && !plane.y) plane.y = task;
  }
  const Range x = range_of(pack, rows, plane.x);
  plane.x_min = x.min, plane.x_max = x.max;
  if (plane.y) {
    const Range y = range_of(pack, rows, *plane.y);
    plane.y_min = y.min, plane.y_max = y.max;
  }
  plane.columns = kCells;
  plane.rows = plane.y ? kCells : 1;
  std::vector<std::optional<double>> figures(pack.tasks().size());
  for (std::size_t r = 0; r < plane.rows; ++r) {
    for (std::size_t c = 0; c < plane.columns; ++c) {
      figures[plane.x] = x.min + (double(c) + 0.5) / double(plane.columns) * (x.max - x.min);
      if (plane.y) {
        figures[*plane.y] =
            plane.y_min + (double(r) + 0.5) / double(plane.rows) * (plane.y_max - plane.y_min);
      }
      const auto place = place_of(pack, tier_of(pack, figures).tier);
      plane.tiers.push_back(place ? int(*place) : -1);
    }
  }
  plane.customers.assign(plane.columns * plane.rows, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto own = rows.figures_of(i);
    if (!own[plane.x] || (plane.y && !own[*plane.y])) continue;
    const std::size_t c = cell_of(*own[plane.x], x.min, x.max, plane.columns);
    const std::size_t r =
        plane.y ? cell_of(*own[*plane.y], plane.y_min, plane.y_max, plane.rows) : 0;
    ++plane.customers[r * plane.columns + c];
  }
  return plane;
}

}  // namespace

Result<RulePreview::SharedRows> RulePreview::read(bool with_features) {
  auto rows = std::make_shared<Rows>();
  rows->read = clock_.now();
  rows->tasks = pack_.tasks().size();
  std::optional<Error> broken;
  TRY(state_.scan(Family::predictions, "", "", [&](std::string_view, std::string_view value) {
    auto kept = decode_kept_prediction(value);
    if (!kept) {
      broken = kept.error();
      return false;
    }
    Prediction& p = kept->prediction;
    if (p.status == ScoreStatus::unscored || p.tier.empty()) return true;
    if (p.lapsed && !pack_.score_lapsed()) return true;
    if (p.figures.size() != rows->tasks) return true;  // of another pack; scored again soon
    rows->customers.push_back(std::move(p.customer));
    rows->figures.insert(rows->figures.end(), p.figures.begin(), p.figures.end());
    rows->shown.push_back(std::move(p.tier));
    return true;
  }));
  if (broken) return fail(*broken);
  if (with_features) TRY(add_features(*rows));
  return SharedRows(std::move(rows));
}

Status RulePreview::add_features(Rows& rows) {
  rows.as_of = folder_clock_.now();
  const std::size_t every = (rows.size() + options_.features_max - 1) / options_.features_max;
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < rows.size(); i += std::max<std::size_t>(1, every))
    wanted.push_back(i);
  for (std::size_t begin = 0; begin < wanted.size(); begin += kBlock) {
    const std::size_t end = std::min(wanted.size(), begin + kBlock);
    std::vector<std::string> keys;
    for (std::size_t i = begin; i < end; ++i) keys.push_back(rows.customers[wanted[i]].str());
    TRY_ASSIGN(const auto states, state_.get_many(Family::customers, keys));
    for (std::size_t i = begin; i < end; ++i) {
      if (!states[i - begin]) continue;
      TRY_ASSIGN(const CustomerState state, CustomerState::decode(pack_, *states[i - begin]));
      const FeatureVector features = compute_features(pack_, state, rows.as_of);
      rows.with_features.push_back(wanted[i]);
      rows.features.insert(rows.features.end(), features.values.begin(), features.values.end());
      rows.days_since_qualifying.push_back(days_since_qualifying(state, rows.as_of));
    }
  }
  return {};
}

Result<RulePreview::SharedRows> RulePreview::rows(bool with_features) {
  const std::lock_guard one(reading_);
  const Duration kept = with_features ? options_.features_kept : options_.figures_kept;
  SharedRows& slot = with_features ? features_ : figures_;
  {
    const std::lock_guard lock(mutex_);
    if (slot && clock_.now() - slot->read < kept) return slot;
  }
  TRY_ASSIGN(SharedRows fresh, read(with_features));
  const std::lock_guard lock(mutex_);
  slot = fresh;
  return fresh;
}

Result<TierPreview> RulePreview::tiers(const Pack& now, const Pack& draft) {
  const bool ask_features = tiers_ask_features(now) || tiers_ask_features(draft);
  TRY_ASSIGN(const SharedRows shared, rows(ask_features));
  const Rows& rows = *shared;
  const std::size_t tiers = now.tiers().size(), width = pack_.features().size();
  TierPreview preview;
  preview.total = rows.size();
  preview.matrix.assign(tiers * tiers, 0);
  std::vector<std::size_t> examples_of(tiers * tiers, 0);
  const auto judge = [&](std::size_t row, std::span<const double> features) {
    const auto figures = rows.figures_of(row);
    const auto from = place_of(now, tier_of(now, figures, features).tier);
    const auto to = place_of(draft, tier_of(draft, figures, features).tier);
    if (!from || !to) {
      ++preview.undecided;
      return;
    }
    const std::size_t cell = *from * tiers + *to;
    ++preview.customers;
    ++preview.matrix[cell];
    if (from == to) return;
    ++preview.moved;
    if (preview.examples.size() < kExamplesMax && examples_of[cell]++ < kExamplesOfOneKind)
      preview.examples.push_back({rows.customers[row], *from, *to});
  };
  if (ask_features) {
    for (std::size_t i = 0; i < rows.with_features.size(); ++i)
      judge(rows.with_features[i], std::span(rows.features).subspan(i * width, width));
  } else {
    for (std::size_t i = 0; i < rows.size(); ++i) judge(i, {});
  }
  preview.plane = plane_of(draft, rows);
  return preview;
}

Result<PlaybookPreview> RulePreview::plays(const Pack& now, const RuleBook& book) {
  RuleBook all_on = book;
  for (PlayRule& play : all_on.plays) play.on = true;
  const auto draft = with_rules(pack_, all_on);
  if (!draft) {
    return fail(ErrorCode::invalid, draft.error().place + ": " + draft.error().message,
                "bad_rules");
  }
  const Pack& pack = **draft;
  TRY_ASSIGN(const SharedRows shared, rows(true));
  const Rows& rows = *shared;
  const auto model = model_ ? model_() : nullptr;
  const auto& rules = pack.program().play_rules;
  const bool drivers = std::any_of(rules.begin(), rules.end(), [&](const Expression& rule) {
    return asks_drivers(pack, rule);
  });
  const std::size_t width = pack.features().size();
  const std::size_t looked_max = drivers ? options_.drivers_max : rows.with_features.size();
  const std::size_t every = std::max<std::size_t>(
      1, (rows.with_features.size() + looked_max - 1) / std::max<std::size_t>(1, looked_max));
  const bool other_tiers = rule_book_of(now).tiers != book.tiers;

  PlaybookPreview preview;
  preview.customers = rows.size();
  for (const PlaySpec& play : pack.plays()) preview.plays.push_back({play.name, 0, ""});
  for (std::size_t i = 0; i < rows.with_features.size(); i += every) {
    ++preview.looked_at;
    const std::size_t row = rows.with_features[i];
    if (in_holdout_ && in_holdout_(rows.customers[row])) continue;
    const auto features = std::span(rows.features).subspan(i * width, width);
    const auto figures = rows.figures_of(row);
    const std::string tier = other_tiers ? tier_of(pack, figures, features).tier : rows.shown[row];
    PlayInputs inputs{figures, features, tier, {}, {}};
    inputs.past_figures = [&] {
      return figures_before(state_, rows.customers[row], rows.as_of - kDriverPast);
    };
    inputs.drivers = [&] {
      if (!model) return std::vector<double>();
      auto shares =
          contributions_of(*model, task_of_drivers(pack), features, rows.days_since_qualifying[i]);
      return shares ? std::move(shares->by_feature) : std::vector<double>();
    };
    for (const Recommendation& one : recommendations_of(pack, inputs)) {
      PlayPreview& play = preview.plays[one.play];
      if (++play.customers == 1) play.example = one.say;
    }
  }
  return preview;
}

}  // namespace tideline
