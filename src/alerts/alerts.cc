#include "alerts/alerts.h"

namespace tideline {

Result<AlertPage> Alerts::recent(const std::string& before, std::size_t limit) {
  AlertPage page;
  std::optional<Error> broken;
  const std::string prefix = kept_alert_prefix();
  TRY(store_.scan_back(Family::alerts, prefix, before.empty() ? prefix_end(prefix) : before,
                       [&](std::string_view, std::string_view value) {
                         page.more = page.alerts.size() == limit;
                         if (page.more) return false;
                         auto kept = decode_kept_alert(value);
                         if (kept) {
                           page.alerts.push_back(std::move(*kept));
                         } else {
                           broken = kept.error();
                         }
                         return !broken;
                       }));
  if (broken) return fail(*broken);
  return page;
}

}  // namespace tideline
