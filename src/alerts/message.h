// Message: what a receiver gets: the JSON of a webhook, Slack's blocks, a mail.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "alerts/receiver.h"
#include "domain/alert.h"

namespace tideline {

// Where people find the page, and who mails come from.
struct MessageStyle {
  std::string base_url;   // without a slash at its end; empty: no links
  std::string mail_from;  // bare address
};

// An alert, and under which topic it is told.
struct ToldAlert {
  Alert alert;
  AlertTopic topic = AlertTopic::trouble;
};

struct Message {
  std::string type;     // "tier.entered", …; "digest" for more than one alert
  std::string subject;  // one line for people
  std::string body;
};

// `alerts`: at least one; more than one are a digest with their counts and the first
// kDigestShown. `id` and `created` are the delivery's: of a mail's Message-ID and Date.
[[nodiscard]] Message message_of(const Receiver& receiver, const std::vector<ToldAlert>& alerts,
                                 const MessageStyle& style, const std::string& id, Time created);
inline constexpr std::size_t kDigestShown = 10;

// What a webhook's "data" says of an alert; the API says the same.
[[nodiscard]] boost::json::object content_of(const Alert& alert, const std::string& base_url);

}  // namespace tideline
