#include "learning/dataset.h"

#include <cmath>
#include <cstring>

namespace tideline {

void Dataset::add(const Snapshot& row) {
  snapshots.push_back(&row);
  all.features.insert(all.features.end(), row.features.begin(), row.features.end());
  all.labels.insert(all.labels.end(), row.labels.begin(), row.labels.end());
  all.days_since_qualifying.push_back(row.days_since_qualifying);
  if (row.past.empty())
    past.insert(past.end(), all.tasks, std::nan(""));
  else
    past.insert(past.end(), row.past.begin(), row.past.end());
  const std::string& key = row.fold_key.empty() ? row.customer.str() : row.fold_key;
  groups.push_back(xxh64(key));
  folds.push_back(fold_of(key));
  ++all.rows;
}

TaskRows Dataset::task_rows(std::size_t task) const {
  TaskRows rows{tasks[task].horizon, tasks[task].kind == TaskKind::probability, {}, {}};
  for (std::size_t r = 0; r < all.rows; ++r) {
    const double label = all.label(r, task);
    if (std::isnan(label)) continue;
    rows.as_of.push_back(snapshots[r]->as_of);
    rows.labels.push_back(label);
  }
  return rows;
}

Hash128 Dataset::hash() const {
  std::string bytes;
  const auto add = [&](const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
  };
  // NaN has many forms; one stands for all.
  const auto add_number = [&](double x) {
    if (std::isnan(x)) x = std::nan("");
    add(&x, sizeof(x));
  };
  for (std::size_t r = 0; r < all.rows; ++r) {
    const std::int64_t as_of = millis(snapshots[r]->as_of);
    const std::uint64_t length = snapshots[r]->customer.str().size();
    add(&length, sizeof(length));
    bytes += snapshots[r]->customer.str();
    add(&as_of, sizeof(as_of));
    for (const double x : all.block().row(r)) add_number(x);
    for (std::size_t k = 0; k < all.tasks; ++k) add_number(all.label(r, k));
    if (bytes.size() > (1U << 20)) {
      const Hash128 so_far = xxh3_128(bytes);
      bytes.clear();
      add(&so_far, sizeof(so_far));
    }
  }
  return xxh3_128(bytes);
}

Subset subset(const Dataset& data, const Parts& parts, Part part,
              const std::vector<bool>& wanted_tasks) {
  Subset out;
  out.rows.width = data.all.width;
  out.rows.tasks = data.all.tasks;
  std::vector<double> labels(data.all.tasks);
  for (std::size_t r = 0; r < data.all.rows; ++r) {
    bool teaches = false;
    for (std::size_t k = 0; k < data.all.tasks; ++k) {
      const bool in = wanted_tasks[k] && parts[r * data.all.tasks + k] == part;
      labels[k] = in ? data.all.label(r, k) : std::nan("");
      teaches |= !std::isnan(labels[k]);
    }
    if (!teaches) continue;
    const auto features = data.all.block().row(r);
    out.rows.features.insert(out.rows.features.end(), features.begin(), features.end());
    out.rows.labels.insert(out.rows.labels.end(), labels.begin(), labels.end());
    out.rows.days_since_qualifying.push_back(data.all.days_since_qualifying[r]);
    out.from.push_back(r);
  }
  out.rows.rows = out.from.size();
  return out;
}

Parts parts_by_time(const Dataset& data, const TimeCuts& cuts) {
  Parts parts;
  parts.reserve(data.all.rows * data.all.tasks);
  for (std::size_t r = 0; r < data.all.rows; ++r) {
    for (const TaskSpec& task : data.tasks) {
      parts.push_back(cuts.part_of(data.snapshots[r]->as_of, task.horizon));
    }
  }
  return parts;
}

void keep_customers_apart(const Dataset& data, Parts& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_test = parts[i] == Part::test;
    if (is_test != (data.folds[i / data.all.tasks] == 0)) parts[i] = Part::none;
  }
}

Parts parts_by_fold(const Dataset& data, int test_fold) {
  Parts parts;
  parts.reserve(data.all.rows * data.all.tasks);
  for (std::size_t r = 0; r < data.all.rows; ++r) {
    parts.insert(parts.end(), data.all.tasks,
                 data.folds[r] == test_fold ? Part::test : Part::train);
  }
  return parts;
}

}  // namespace tideline
