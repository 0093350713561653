// Alert words: an alert as people read it, the same in mail, in Slack and on the page.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/alert.h"

namespace tideline {

struct AlertWords {
  std::string title;  // one line, no markup
  std::string text;   // why; may be empty
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> lines;  // one a driver
  std::string link;                // empty: none
};

// `base_url` without a slash at its end; empty: no links.
[[nodiscard]] AlertWords words_of(const Alert& alert, const std::string& base_url);

// "tier.entered", "tier.left", "action.created", "dead_letters.added", "trouble.began",
// "trouble.ended", "report.ready", "test"
[[nodiscard]] std::string alert_type(const Alert& alert, AlertTopic topic);
// Where one of them can be fetched, as of the time it was drawn for; empty without a base_url.
[[nodiscard]] std::string link_to(const ReportsReady& ready, const ReportsReady::Report& report,
                                  const std::string& base_url);
// The topic under which an alert is told where nobody asked for a special one.
[[nodiscard]] AlertTopic usual_topic(const Alert& alert);
// The customer that it is about; empty: none.
[[nodiscard]] std::string customer_of(const Alert& alert);

}  // namespace tideline
