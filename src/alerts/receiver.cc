#include "alerts/receiver.h"

#include <algorithm>
#include <array>

#include "alerts/signature.h"

namespace tideline {
namespace {

constexpr std::array<std::string_view, 3> kKinds{"webhook", "slack", "mail"};
constexpr std::array<std::string_view, 6> kTopics{"tier_entered", "tier_left", "action",
                                                  "dead_letters", "trouble",   "report"};
constexpr std::array<std::string_view, 3> kPriorities{"low", "medium", "high"};
constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kTargetBytesMax = 2'000;
constexpr std::size_t kMailAddressesMax = 20;
constexpr Duration kDigestMax = kDay;

template <std::size_t N>
std::optional<std::size_t> place_in(const std::array<std::string_view, N>& names,
                                    std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

bool has_control_or_blank(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
}

auto bad(std::string message, std::string reason) {
  return fail(ErrorCode::invalid, std::move(message), std::move(reason));
}

// What can be seen in the text; the address it leads to is looked at when it is connected to.
Status check_url(std::string_view url) {
  const bool is_https = url.starts_with("https://");
  if (!is_https && !url.starts_with("http://"))
    return bad("a URL begins with https:// (or http:// in networks that a setting allows)",
               "bad_url");
  if (has_control_or_blank(url)) return bad("the URL holds blanks", "bad_url");
  const std::string_view rest = url.substr(is_https ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#\\"));
  if (authority.empty()) return bad("the URL names no host", "bad_url");
  if (authority.find('@') != std::string_view::npos)
    return bad("the URL holds a user name or password; leave them out", "bad_url");
  if (rest.find('\\') != std::string_view::npos)
    return bad("the URL holds a backslash", "bad_url");
  return {};
}

bool looks_like_address(std::string_view address) {
  const std::size_t at = address.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 >= address.size()) return false;
  return address.find('@', at + 1) == std::string_view::npos && !has_control_or_blank(address) &&
         address.find_first_of("<>(),;:\\\"") == std::string_view::npos;
}

Status check_target(const Receiver& receiver) {
  if (receiver.target.size() > kTargetBytesMax)
    return bad("the target is longer than 2000 bytes", "bad_url");
  if (receiver.kind != ReceiverKind::mail) return check_url(receiver.target);
  const auto addresses = mail_addresses(receiver.target);
  if (addresses.empty() || addresses.size() > kMailAddressesMax)
    return bad("mail goes to 1 to 20 addresses", "bad_address");
  for (const std::string& address : addresses) {
    if (!looks_like_address(address))
      return bad("\"" + address + "\" is no mail address", "bad_address");
  }
  return {};
}

}  // namespace

std::string_view name_of(ReceiverKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<ReceiverKind> receiver_kind_of(std::string_view name) {
  const auto place = place_in(kKinds, name);
  return place ? std::optional(static_cast<ReceiverKind>(*place)) : std::nullopt;
}

std::string_view name_of(AlertTopic topic) { return kTopics[static_cast<std::size_t>(topic)]; }

std::optional<AlertTopic> alert_topic_of(std::string_view name) {
  const auto place = place_in(kTopics, name);
  return place ? std::optional(static_cast<AlertTopic>(*place)) : std::nullopt;
}

std::vector<std::string> mail_addresses(std::string_view target) {
  std::vector<std::string> addresses;
  while (true) {
    const std::size_t begin = target.find_first_not_of(", ");
    if (begin == std::string_view::npos) return addresses;
    const std::size_t end = std::min(target.find(',', begin), target.size());
    std::string_view address = target.substr(begin, end - begin);
    while (address.ends_with(' ')) address.remove_suffix(1);
    addresses.emplace_back(address);
    target.remove_prefix(end);
  }
}

Status check_receiver(const Receiver& receiver) {
  if (receiver.name.empty() || receiver.name.size() > kNameBytesMax)
    return bad("a receiver has a name of 1 to 100 bytes", "bad_name");
  TRY(check_target(receiver));
  if (receiver.topics.empty()) return bad("a receiver hears of at least one topic", "bad_topics");
  if (!place_in(kPriorities, receiver.min_priority))
    return bad("min_priority is low, medium or high", "bad_priority");
  if (receiver.digest < Duration(0) || receiver.digest > kDigestMax)
    return bad("a digest covers 0 to 86400 seconds", "bad_digest");
  if (receiver.kind == ReceiverKind::webhook && !key_of_secret(receiver.secret))
    return bad("a secret is whsec_ and 24 to 64 bytes in base64", "bad_secret");
  return {};
}

std::optional<AlertTopic> wanted_as(const Receiver& receiver, const Alert& alert) {
  const auto wants = [&](AlertTopic topic) {
    return std::find(receiver.topics.begin(), receiver.topics.end(), topic) !=
           receiver.topics.end();
  };
  const auto watches = [&](const std::string& tier) {
    return receiver.tiers.empty() ||
           std::find(receiver.tiers.begin(), receiver.tiers.end(), tier) != receiver.tiers.end();
  };
  const auto only_if = [](bool wanted, AlertTopic topic) {
    return wanted ? std::optional(topic) : std::nullopt;
  };
  if (const auto* move = std::get_if<TierMove>(&alert.what)) {
    if (wants(AlertTopic::tier_entered) && watches(move->to)) return AlertTopic::tier_entered;
    return only_if(wants(AlertTopic::tier_left) && watches(move->from), AlertTopic::tier_left);
  }
  if (const auto* made = std::get_if<NewAction>(&alert.what)) {
    const auto priority = place_in(kPriorities, made->action.priority).value_or(0);
    const bool urgent = priority >= place_in(kPriorities, receiver.min_priority).value_or(0);
    return only_if(urgent && wants(AlertTopic::action), AlertTopic::action);
  }
  if (std::holds_alternative<SetAside>(alert.what))
    return only_if(wants(AlertTopic::dead_letters), AlertTopic::dead_letters);
  if (std::holds_alternative<ReportsReady>(alert.what))
    return only_if(wants(AlertTopic::report), AlertTopic::report);
  return only_if(wants(AlertTopic::trouble), AlertTopic::trouble);
}

}  // namespace tideline
