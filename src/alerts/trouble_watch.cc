#include "alerts/trouble_watch.h"

#include <algorithm>

#include "alerts/alert_records.h"

namespace tideline {

Status TroubleWatch::load() {
  const std::lock_guard lock(mutex_);
  std::optional<Error> broken;
  TRY(store_.scan(Family::alerts, trouble_prefix(), prefix_end(trouble_prefix()),
                  [&](std::string_view, std::string_view value) {
                    const auto alert = decode_alert(value);
                    if (!alert) {
                      broken = alert.error();
                    } else if (const auto* trouble = std::get_if<Trouble>(&alert->what)) {
                      courses_[trouble->name].told = *trouble;
                    }
                    return !broken;
                  }));
  if (broken) return fail(*broken);
  return {};
}

Status TroubleWatch::note(std::span<const Vital> vitals) {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.now();
  for (const Vital& vital : vitals) TRY(note(vital, now));
  return {};
}

Status TroubleWatch::note(const Vital& vital, Time now) {
  Course& course = courses_[vital.name];
  if (vital.is_bad == course.told.has_value()) {
    course.turned.reset();
    return {};
  }
  if (!course.turned || now < *course.turned) course.turned = now;
  const Duration wait = vital.is_bad ? options_.begins_after : options_.ends_after;
  if (now - *course.turned < wait) return {};
  Trouble trouble;
  if (vital.is_bad) {
    trouble = {vital.name, vital.what, *course.turned, false};
  } else {
    trouble = *course.told;
    trouble.is_over = true;
  }
  WriteBatch writes;
  const Alert alert{"", now, trouble};
  queue_.add(alert, writes);
  if (vital.is_bad) {
    writes.put(Family::alerts, trouble_key(vital.name), encode(alert));
  } else {
    writes.remove(Family::alerts, trouble_key(vital.name));
  }
  TRY(store_.write(writes, Durability::later));
  course.turned.reset();
  course.told = vital.is_bad ? std::optional(std::move(trouble)) : std::nullopt;
  return {};
}

std::vector<Trouble> TroubleWatch::open() const {
  const std::lock_guard lock(mutex_);
  std::vector<Trouble> troubles;
  for (const auto& [name, course] : courses_) {
    if (course.told) troubles.push_back(*course.told);
  }
  std::sort(troubles.begin(), troubles.end(),
            [](const Trouble& a, const Trouble& b) { return a.since < b.since; });
  return troubles;
}

}  // namespace tideline
