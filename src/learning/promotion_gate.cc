#include "learning/promotion_gate.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

namespace tideline {
namespace {

using RowKey = std::pair<std::string, Time>;
struct RowKeyHash {
  std::size_t operator()(const RowKey& key) const {
    return std::hash<std::string>()(key.first) ^
           std::hash<std::int64_t>()(key.second.time_since_epoch().count());
  }
};
using RowIndex = std::unordered_map<RowKey, std::size_t, RowKeyHash>;

const ModelScore* score_named(const TaskReport& task, std::string_view name) {
  const auto found = std::find_if(task.models.begin(), task.models.end(),
                                  [&](const ModelScore& score) { return score.name == name; });
  return found == task.models.end() ? nullptr : &*found;
}

bool is_rule(Champion champion) {
  return champion == Champion::recency || champion == Champion::base_rate ||
         champion == Champion::none;
}

// Why the candidate does not beat the recency rule; nullopt: it does.
std::optional<std::string> loses_to_the_rule(const EvaluationReport& report) {
  bool beats = false, comparable = false;
  for (const TaskReport& task : report.tasks) {
    const ModelScore* rule = score_named(task, "recency");
    if (task.kind != TaskKind::probability || rule == nullptr || !rule->probability) continue;
    comparable = true;
    const ModelScore* champion = score_named(task, name_of(task.champion, task.kind));
    if (is_rule(task.champion) || champion == nullptr || !champion->probability) continue;
    if (champion->probability->brier > rule->probability->brier) {
      return fmt::format("{} is worse than the recency rule (Brier {:.4f}, the rule's {:.4f})",
                         task.task, champion->probability->brier, rule->probability->brier);
    }
    beats = true;
  }
  if (comparable && !beats) return "nothing that it learnt beats the recency rule";
  return std::nullopt;
}

// Squared errors of one task's rows, of both.
struct Errors {
  double candidate = 0;
  double production = 0;
  std::size_t n = 0;
};

class Comparison {
 public:
  Comparison(const SnapshotTable& table, const EvaluationReport& report, const Pack& pack,
             const Model& production)
      : table_(table), report_(report), pack_(pack), production_(production) {
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      index_.emplace(RowKey(table.rows[i].customer.str(), table.rows[i].as_of), i);
  }

  // Over the rows that `with` keeps.
  template <class With>
  [[nodiscard]] Errors errors_of(std::size_t task, const With& with) const {
    std::vector<const OutOfFold*> rows;
    std::vector<double> features, since;
    for (const OutOfFold& row : report_.predictions) {
      if (row.task != task || !std::isfinite(row.p) || !with(row)) continue;
      const auto found = index_.find(RowKey(row.customer.str(), row.as_of));
      if (found == index_.end()) continue;
      const Snapshot& snapshot = table_.rows[found->second];
      features.insert(features.end(), snapshot.features.begin(), snapshot.features.end());
      since.push_back(snapshot.days_since_qualifying);
      rows.push_back(&row);
    }
    const auto figures = production_.score(features, rows.size(), since);
    Errors errors;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& figure = figures[i * production_.task_count() + task];
      if (!figure) continue;
      errors.candidate += square(rows[i]->p - rows[i]->label);
      errors.production += square(*figure - rows[i]->label);
      ++errors.n;
    }
    return errors;
  }

  [[nodiscard]] GateTask judge(std::size_t task) const {
    const Duration horizon = pack_.tasks()[task].horizon;
    const Time learnt = production_.manifest().known_until;
    Errors errors =
        errors_of(task, [&](const OutOfFold& row) { return row.as_of + horizon > learnt; });
    if (errors.n == 0) errors = errors_of(task, [](const OutOfFold&) { return true; });
    GateTask judged{pack_.tasks()[task].name, errors.n, 0, 0};
    if (errors.n == 0) return judged;
    judged.candidate = errors.candidate / static_cast<double>(errors.n);
    judged.production = errors.production / static_cast<double>(errors.n);
    return judged;
  }

 private:
  static double square(double x) { return x * x; }

  const SnapshotTable& table_;
  const EvaluationReport& report_;
  const Pack& pack_;
  const Model& production_;
  RowIndex index_;
};

}  // namespace

GateVerdict judge_promotion(const SnapshotTable& table, const EvaluationReport& report,
                            const Pack& pack, const Model* production) {
  GateVerdict verdict;
  if (const auto why = loses_to_the_rule(report)) {
    verdict.reason = *why;
    return verdict;
  }
  if (production == nullptr) {
    verdict.promote = true;
    verdict.reason = "no model was in production";
    return verdict;
  }
  const Comparison comparison(table, report, pack, *production);
  double change = 0;  // sum over the tasks of the relative change of the error
  std::size_t compared = 0;
  for (std::size_t k = 0; k < report.tasks.size() && k < pack.tasks().size(); ++k) {
    const GateTask task = comparison.judge(k);
    verdict.tasks.push_back(task);
    if (task.n == 0 || task.production <= 0) continue;
    const double relative = task.candidate / task.production - 1;
    ++compared;
    change += relative;
    if (relative > kGateTaskTolerance && verdict.reason.empty()) {
      verdict.reason =
          fmt::format("{} is worse than in production by {:.1f} % of the squared error (n {})",
                      task.task, 100 * relative, task.n);
    }
  }
  if (!verdict.reason.empty()) return verdict;
  if (compared == 0) {
    verdict.reason = "there are no rows to compare it with the model in production on";
    return verdict;
  }
  const double mean = 100 * change / static_cast<double>(compared);
  verdict.promote = change < 0;
  verdict.reason =
      verdict.promote
          ? fmt::format("its squared errors are {:.1f} % smaller than in production", -mean)
          : fmt::format("its squared errors are {:.1f} % larger than in production", mean);
  return verdict;
}

}  // namespace tideline
