#include "config/property.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "config/load.h"

namespace tideline {
namespace {

constexpr double kNoLimit = 9007199254740992.0;  // 2^53: exact as a double
constexpr double kGiB = 1024.0 * 1024 * 1024;
constexpr Duration kMs{1};

#define FIELD(path, type) +[](Settings& s) -> type& { return s.path; }

constexpr auto u32(std::string_view key, std::uint32_t& (*field)(Settings&), double low,
                   double high, std::string_view sentence) {
  return Property{key, field, low, high, sentence};
}
constexpr auto u64(std::string_view key, std::uint64_t& (*field)(Settings&), double low,
                   double high, std::string_view sentence) {
  return Property{key, field, low, high, sentence};
}
constexpr auto time(std::string_view key, Duration& (*field)(Settings&), Duration unit, double low,
                    double high, std::string_view sentence) {
  return Property{key, field, low, high, sentence, unit};
}
constexpr auto text(std::string_view key, std::string& (*field)(Settings&), PropertyForm form,
                    std::string_view sentence) {
  return Property{key, field, 0, 0, sentence, Duration(0), form};
}

using S = std::string;
using U32 = std::uint32_t;
using U64 = std::uint64_t;
using D = Duration;

// One row a setting. Sentences end up in docs/settings.md.
const std::array kTable = {
    text("log_level", FIELD(log_level, S), PropertyForm::log_level,
         "Least grave kind of line written to stderr."),

    text("server.listen", FIELD(server.listen, S), PropertyForm::listen_address,
         "Where HTTP is served, ADDRESS:PORT or [ADDRESS6]:PORT; port 0 takes any free one."),
    u32("server.threads", FIELD(server.threads, U32), 1, 256,
        "Ingest requests that are decoded at one moment; one thread more reads heads, refuses and "
        "writes answers."),
    u32("server.connections_max", FIELD(server.connections_max, U32), 1, 1000000,
        "Open connections, as far as the system's limit of open files allows; one more takes the "
        "place of an idle one, or is answered 503 and closed."),
    u64("server.header_bytes_max", FIELD(server.header_bytes_max, U64), 1024, 1 << 20,
        "Request line and header fields of one request; more is answered 431."),
    u64("server.body_bytes_max", FIELD(server.body_bytes_max, U64), 1024, kGiB,
        "Body of a request that is not ingest, as sent; more is answered 413."),
    u64("server.bodies_in_flight_bytes_max", FIELD(server.bodies_in_flight_bytes_max, U64),
        1 << 20, 64 * kGiB,
        "What callers make the server hold at one moment: bodies, half-read heads, answers not "
        "taken. "
        "For more, the slowest caller is cut off, or it is answered 429."),
    time("server.header_timeout_s", FIELD(server.header_timeout, D), kSecond, 0.001, 3600,
         "Time for the head of a request to arrive."),
    time("server.body_timeout_s", FIELD(server.body_timeout, D), kSecond, 0.001, 86400,
         "Time for the body of a request to arrive."),
    time("server.idle_timeout_s", FIELD(server.idle_timeout, D), kSecond, 0.001, 86400,
         "Time a connection is kept open between two requests."),
    time("server.write_timeout_s", FIELD(server.write_timeout, D), kSecond, 0.001, 86400,
         "Time a caller may take no byte of its answer."),
    time("server.queue_wait_max_ms", FIELD(server.queue_wait_max, D), kMs, 1, 60000,
         "How long an ingest request may wait for its turn to be decoded; one that would wait "
         "longer is answered 429 at once."),
    time("server.drain_timeout_s", FIELD(server.drain_timeout, D), kSecond, 0, 3600,
         "Time that requests under way have when the server stops."),
    text("server.tls_certificate", FIELD(server.tls_certificate, S), PropertyForm::plain,
         "PEM file with the server's certificate and its chain: HTTPS is served instead of HTTP. "
         "Read again when it changes, and on SIGHUP."),
    text("server.tls_key", FIELD(server.tls_key, S), PropertyForm::plain,
         "PEM file with the certificate's private key."),

    text("access.visitor_role", FIELD(access.visitor_role, S), PropertyForm::visitor_role,
         "Role of whoever asks from this machine without signing in; `tideline demo` makes it "
         "admin."),
    time("access.session_hours", FIELD(access.session, D), kHour, 0.001, 24 * 366,
         "How long one stays signed in."),
    time("access.session_idle_hours", FIELD(access.session_idle, D), kHour, 0.001, 24 * 366,
         "Time without a request after which one is signed out."),
    Property{"access.key_requests_per_s", FIELD(access.key_requests_per_s, double), 0, 1e9,
             "Requests a second of one key, ingest left out; more is answered 429. 0: no limit."},
    Property{"access.key_burst_s", FIELD(access.key_burst_s, double), 0.01, 3600,
             "How many seconds' worth of requests a key that rested may make at once."},

    u64("ingest.batch_wire_bytes_max", FIELD(ingest.batch_wire_bytes_max, U64), 1, kGiB,
        "Body of an ingest request as sent; more is answered 413 and nothing is stored."),
    u64("ingest.batch_inflated_bytes_max", FIELD(ingest.batch_inflated_bytes_max, U64), 1, kGiB,
        "Body of an ingest request when inflated, checked while inflating; more is answered 413."),
    u32("ingest.batch_events_max", FIELD(ingest.batch_events_max, U32), 1, 1000000,
        "Events of one ingest request; more is answered 413."),
    u32("ingest.event_bytes_max", FIELD(ingest.event_bytes_max, U32), 1, 16 << 20,
        "JSON text of one event; a longer one is rejected and becomes a dead letter."),
    u32("ingest.json_depth_max", FIELD(ingest.json_depth_max, U32), 1, 1000,
        "Nesting of one event's JSON; a deeper one is rejected."),
    u32("ingest.id_bytes_max", FIELD(ingest.id_bytes_max, U32), 1, 65536,
        "Length of a customer id or message id; an event with a longer one is rejected."),
    time("ingest.future_skew_s", FIELD(ingest.future_skew, D), kSecond, 0, 86400,
         "How far ahead of its receipt an event may be dated; later times are clamped and "
         "flagged."),
    u64("ingest.queue_bytes_max", FIELD(ingest.queue_bytes_max, U64), 1 << 20, 64 * kGiB,
        "Events waiting for the log's sync; more is answered 429. One key gets at most half of "
        "it."),
    time("ingest.durable_wait_max_ms", FIELD(ingest.durable_wait_max, D), kMs, 1, 600000,
         "While a request has waited for its sync longer than this, others are answered 429."),
    Property{"ingest.source_requests_per_s", FIELD(ingest.source_requests_per_s, double), 0, 1e9,
             "Requests a second of one key; more is answered 429. 0: no limit."},
    Property{"ingest.source_events_per_s", FIELD(ingest.source_events_per_s, double), 0, 1e9,
             "Events a second of one key; more is answered 429. 0: no limit."},
    Property{"ingest.source_bytes_per_s", FIELD(ingest.source_bytes_per_s, double), 0, 1e12,
             "Bytes a second of one key's bodies, inflated; more is answered 429. 0: no limit."},
    Property{"ingest.source_burst_s", FIELD(ingest.source_burst_s, double), 0.01, 3600,
             "Seconds' worth of requests, events and bytes that a key may send at once after a "
             "rest."},

    u64("log.segment_bytes", FIELD(log.segment_bytes, U64), 1 << 20, 4 * kGiB,
        "Size of one segment file, allocated ahead."),
    time("log.retention_hours", FIELD(log.retention, D), kHour, 0, 24 * 366,
         "Age at which a segment goes, once all of it is archived."),
    u64("log.retention_bytes_max", FIELD(log.retention_bytes_max, U64), 0, kNoLimit,
        "Size of the log above which archived segments go before their age; 0: age alone "
        "decides."),
    Property{"log.sync", FIELD(log.sync, bool), 0, 0,
             "Sync before an acknowledgement. Only measurements turn it off: a crash then loses "
             "acknowledged events."},

    u32("processing.shards", FIELD(processing.shards, U32), 1, 1024,
        "Parts of the stream; fixed when the data folder is made."),
    u32("processing.workers", FIELD(processing.workers, U32), 0, 1024,
        "Threads that apply events; 0: one a core."),
    u32("processing.batch_events", FIELD(processing.batch_events, U32), 1, 10000,
        "Events that a worker applies in one write."),
    time("processing.batch_window_ms", FIELD(processing.batch_window, D), kMs, 0, 5000,
         "How long a worker waits for a batch to fill."),
    time("processing.watchdog_s", FIELD(processing.watchdog, D), kSecond, 0.1, 3600,
         "How long one record may run before the process is ended and the record isolated."),
    u32("processing.queue_events_max", FIELD(processing.queue_events_max, U32), 1, 1 << 24,
        "Events waiting in one shard's queue; the reader of the log waits when it is full."),
    time("processing.lateness_hours", FIELD(processing.lateness, D), kHour, 0, 24 * 120,
         "Lateness of arrival up to which an event counts as in time; later ones are "
         "late_applied."),
    time("processing.too_late_days", FIELD(processing.too_late, D), kDay, 1, 120,
         "Lateness of arrival beyond which an event becomes a dead letter, too_late."),
    time("processing.dedupe_days", FIELD(processing.dedupe, D), kDay, 7, 3660,
         "How long a message id is remembered, by stored time."),

    u64("state.cache_bytes", FIELD(state.cache_bytes, U64), 1 << 20, 1024 * kGiB,
        "Decoded customer states kept in memory, all shards together."),
    u32("state.keep_days", FIELD(state.keep_days, U32), 0, 36600,
        "Days after its last event that a customer's counters, times and traits stay; 0: for "
        "ever."),

    time("lake.flush_s", FIELD(lake.flush, D), kSecond, 1, 60,
         "How far the lake may be behind live processing."),
    u32("lake.files_per_date_max", FIELD(lake.files_per_date_max, U32), 2, 10000,
        "Files of one date above which they are merged in the background."),
    u32("lake.files_settled_max", FIELD(lake.files_settled_max, U32), 1, 10000,
        "The same for a settled date: one that got no event for an hour; an import ends with it."),
    u32("lake.keep_events_days", FIELD(lake.keep_events_days, U32), 0, 36600,
        "Days that events stay in the lake, by the date of the event; 0: for ever. A replay knows "
        "only what is kept."),
    u32("lake.keep_predictions_days", FIELD(lake.keep_predictions_days, U32), 0, 36600,
        "Days that predictions, tier changes and actions stay in the lake; 0: for ever."),

    time("sql.time_max_s", FIELD(sql.time_max, D), kSecond, 0.1, 3600,
         "How long a query of the API may run; then its process is ended and 504 answered."),
    u64("sql.memory_bytes", FIELD(sql.memory_bytes, U64), 64 << 20, 64 * kGiB,
        "Memory of one query of the API; it does not spill to disk."),
    u64("sql.rows_max", FIELD(sql.rows_max, U64), 1, 1e9,
        "Rows of one answer to a query of the API; the rest is left out and the answer says so."),
    u64("sql.answer_bytes_max", FIELD(sql.answer_bytes_max, U64), 1 << 16, 4 * kGiB,
        "Bytes of one answer to a query of the API, as rows_max."),
    u32("sql.threads", FIELD(sql.threads, U32), 1, 256, "Threads of one query of the API."),
    u32("sql.queries_max", FIELD(sql.queries_max, U32), 1, 64,
        "Queries of the API that run at one moment; a few more wait, and others get 429."),

    time("score.interval_s", FIELD(score.interval, D), kSecond, 1, 86400,
         "How often every customer is scored."),
    time("score.rescore_within_ms", FIELD(score.rescore_within, D), kMs, 1, 60000,
         "How soon a customer is scored again after an event."),
    u32("score.history_days", FIELD(score.history_days, U32), 1, 36600,
        "Days that a customer's prediction history is kept."),

    time("model.batch_days", FIELD(model.batch_interval, D), kDay, 0, 3660,
         "How often a server scores all customers into Parquet files of its folder scores; 0: "
         "never."),
    time("model.retrain_days", FIELD(model.retrain_interval, D), kDay, 0, 3660,
         "Age at which a server learns a new model by itself, which takes over only when it is "
         "better; 0: never."),
    time("model.upkeep_s", FIELD(model.upkeep_interval, D), kSecond, 1, 86400,
         "How often it is looked whether labels of kept predictions are known and the model's age "
         "is reached."),

    u64("disk.reserve_bytes", FIELD(disk.reserve_bytes, U64), 0, kNoLimit,
        "Free space of the data folder's disk below which writes are answered 507."),

    Property{"actions.holdout_share", FIELD(actions.holdout_share, double), 0, 0.5,
             "Share of customers to whom no action is shown, so that effect can be measured."},

    text("alerts.base_url", FIELD(alerts.base_url, S), PropertyForm::plain,
         "Address of the page, as people outside reach it, for links in messages; empty: no "
         "links."),
    text("alerts.allowed_networks", FIELD(alerts.allowed_networks, S), PropertyForm::plain,
         "Networks that are not public and to which webhooks may go all the same, as 10.1.0.0/16 "
         "with blanks or commas between; there also without TLS."),
    time("alerts.cooldown_s", FIELD(alerts.cooldown, D), kSecond, 0, 31536000,
         "The same move or action of one customer is told once in that time."),
    Property{"alerts.messages_per_min", FIELD(alerts.messages_per_min, double), 1, 10000,
             "Messages to one receiver in a minute; what is more waits for a digest."},
    time("alerts.lag_s", FIELD(alerts.lag, D), kSecond, 1, 86400,
         "Age of the oldest event not yet processed that counts as trouble."),
    time("alerts.trouble_begins_s", FIELD(alerts.trouble_begins, D), kSecond, 0, 86400,
         "How long something must be wrong without a break before it is told."),
    time("alerts.trouble_ends_s", FIELD(alerts.trouble_ends, D), kSecond, 0, 86400,
         "And be right again before it is told to be over."),
    u32("alerts.keep_days", FIELD(alerts.keep_days, U32), 1, 3660,
        "Days that alerts and what was delivered are kept."),
    text("alerts.mail_server", FIELD(alerts.mail_server, S), PropertyForm::plain,
         "Server that takes mail for others, HOST:PORT; empty: no mail is sent."),
    text("alerts.mail_security", FIELD(alerts.mail_security, S), PropertyForm::mail_security,
         "How the mail server is spoken to; none only on loopback and in "
         "alerts.allowed_networks."),
    text("alerts.mail_from", FIELD(alerts.mail_from, S), PropertyForm::plain,
         "Address that mails come from."),
    text("alerts.mail_user", FIELD(alerts.mail_user, S), PropertyForm::plain,
         "Name to log in with at the mail server; empty: no login."),
    text("alerts.mail_password_file", FIELD(alerts.mail_password_file, S), PropertyForm::plain,
         "File whose first line is the password for that."),

    text(
        "assistant.url", FIELD(assistant.url, S), PropertyForm::plain,
        "An OpenAI-compatible API (https://host/v1) that may word the assistant's answers; empty: "
        "nothing is sent. A private address must stand in alerts.allowed_networks."),
    text("assistant.model", FIELD(assistant.model, S), PropertyForm::plain,
         "The name of the model there."),
    text("assistant.key_file", FIELD(assistant.key_file, S), PropertyForm::plain,
         "A file whose first line is the key of that API; empty: none is sent."),
    time("assistant.timeout_s", FIELD(assistant.timeout, D), kSecond, 0.1, 120,
         "How long the model may take; then the answer comes without its words."),

    text(
        "report.time_zone", FIELD(report.time_zone, S), PropertyForm::time_zone,
        "Zone of the times that reports show and of their schedule, by its IANA name; all but UTC "
        "are read from /usr/share/zoneinfo."),
    text("report.paper", FIELD(report.paper, S), PropertyForm::paper,
         "Paper of the reports that a server draws by itself: a4 or letter."),
    u32("report.every_days", FIELD(report.every_days, U32), 0, 366,
        "A server draws all reports anew after so many days, keeps them and tells receivers of "
        "the topic report; 0: never by itself."),
    text("report.weekday", FIELD(report.weekday, S), PropertyForm::weekday,
         "Where report.every_days is 7 or a multiple: on which day of the week."),
    text("report.at", FIELD(report.at, S), PropertyForm::time_of_day,
         "When on such a day, by the clock of report.time_zone."),
    text("report.mail_to", FIELD(report.mail_to, S), PropertyForm::plain,
         "Who gets them by mail then: addresses with blanks between; empty: nobody."),

    Property{"faults.crash_point", FIELD(faults.crash_point, S), 0, 0,
             "Named point, NAME or NAME:COUNT, at which the process ends itself.", Duration(0),
             PropertyForm::plain, true},
    Property{"faults.bug", FIELD(faults.bug, S), 0, 0, "Planted bug that is switched on.",
             Duration(0), PropertyForm::plain, true},
};
#undef FIELD

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// A bound as an administrator would write it: no exponent, no trailing zeros.
std::string number_text(double value) {
  if (value == std::floor(value)) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A name that can only mean a zone file; whether the zone is known is for whoever renders times.
bool zone_shaped(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '/' ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '/' || c == '_' || c == '-' || c == '+';
  });
}

constexpr std::array<std::string_view, 5> kLogLevels{"debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 5> kVisitorRoles{"none", "viewer", "analyst", "operator",
                                                        "admin"};

constexpr std::array<std::string_view, 3> kMailSecurities{"starttls", "tls", "none"};
constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};

// "07:00"
bool is_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  const auto hour = parse_number<U32>(text.substr(0, 2));
  const auto minute = parse_number<U32>(text.substr(3));
  return hour && *hour < 24 && minute && *minute < 60;
}

bool fits_form(PropertyForm form, std::string_view text) {
  switch (form) {
    case PropertyForm::plain: return true;
    case PropertyForm::paper: return text == "a4" || text == "letter";
    case PropertyForm::listen_address: return parse_listen_address(text).has_value();
    case PropertyForm::time_zone: return zone_shaped(text);
    case PropertyForm::time_of_day: return is_time_of_day(text);
    case PropertyForm::weekday:
      return std::find(kWeekdays.begin(), kWeekdays.end(), text) != kWeekdays.end();
    case PropertyForm::log_level:
      return std::find(kLogLevels.begin(), kLogLevels.end(), text) != kLogLevels.end();
    case PropertyForm::mail_security:
      return std::find(kMailSecurities.begin(), kMailSecurities.end(), text) !=
             kMailSecurities.end();
    case PropertyForm::visitor_role:
      return std::find(kVisitorRoles.begin(), kVisitorRoles.end(), text) != kVisitorRoles.end();
  }
  return false;
}

// Stores a text into the field of one type; false when it is not one of the allowed values.
struct Assigner {
  const Property& property;
  std::string_view text;
  Settings& settings;

  [[nodiscard]] bool in_bounds(double value) const {
    return value >= property.low && value <= property.high;
  }
  bool operator()(bool& (*field)(Settings&)) const {
    if (text != "true" && text != "false") return false;
    field(settings) = text == "true";
    return true;
  }
  template <class Integer>
  requires std::is_integral_v<Integer>
  bool operator()(Integer& (*field)(Settings&)) const {
    const auto value = parse_number<Integer>(text);
    if (!value || !in_bounds(static_cast<double>(*value))) return false;
    field(settings) = *value;
    return true;
  }
  bool operator()(double& (*field)(Settings&)) const {
    const auto value = parse_number<double>(text);
    if (!value || !in_bounds(*value)) return false;
    field(settings) = *value;
    return true;
  }
  bool operator()(std::string& (*field)(Settings&)) const {
    if (!fits_form(property.form, text)) return false;
    field(settings) = std::string(text);
    return true;
  }
  bool operator()(Duration& (*field)(Settings&)) const {
    const auto value = parse_number<double>(text);
    if (!value || !in_bounds(*value)) return false;
    const double ms = *value * static_cast<double>(property.unit.count());
    if (std::abs(ms - std::round(ms)) > 1e-6) return false;  // finer than a millisecond
    field(settings) = Duration(std::llround(ms));
    return true;
  }
};

}  // namespace

std::span<const Property> property_table() { return kTable; }

const Property* find_property(std::string_view key) {
  const auto found = std::find_if(kTable.begin(), kTable.end(),
                                  [&](const Property& property) { return property.key == key; });
  return found == kTable.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view key) {
  std::string_view nearest;
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  for (const Property& property : kTable) {
    if (property.hidden) continue;
    const std::size_t distance = edit_distance(key, property.key);
    if (distance < smallest) {
      smallest = distance;
      nearest = property.key;
    }
  }
  return nearest;
}

Status assign(const Property& property, std::string_view text, Settings& settings) {
#ifndef TIDELINE_FAULTS
  if (property.hidden) {
    return fail(ErrorCode::refused, fmt::format("{} needs a build with faults", property.key));
  }
#endif
  const bool taken = std::visit(
      [&](auto field) {
        return Assigner{property, text, settings}(field);
      },
      property.field);
  if (taken) return {};
  return fail(ErrorCode::invalid, fmt::format("{} cannot be '{}'; allowed: {}", property.key, text,
                                              allowed_text(property)));
}

std::string value_text(const Property& property, const Settings& settings) {
  Settings copy = settings;  // the fields are reached through a writable Settings
  return std::visit(
      [&](auto field) -> std::string {
        auto& value = field(copy);
        using Value = std::remove_reference_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, Duration>) {
          return number_text(static_cast<double>(value.count()) /
                             static_cast<double>(property.unit.count()));
        } else if constexpr (std::is_same_v<Value, double>) {
          return number_text(value);
        } else {
          return fmt::format("{}", value);
        }
      },
      property.field);
}

std::string allowed_text(const Property& property) {
  switch (property.form) {
    case PropertyForm::listen_address: return "ADDRESS:PORT or [ADDRESS6]:PORT";
    case PropertyForm::time_zone: return "an IANA zone such as Europe/Berlin";
    case PropertyForm::paper: return "a4 or letter";
    case PropertyForm::time_of_day: return "HH:MM, 00:00 to 23:59";
    case PropertyForm::weekday: return fmt::format("{}", fmt::join(kWeekdays, ", "));
    case PropertyForm::log_level: return fmt::format("{}", fmt::join(kLogLevels, ", "));
    case PropertyForm::mail_security: return fmt::format("{}", fmt::join(kMailSecurities, ", "));
    case PropertyForm::visitor_role: return fmt::format("{}", fmt::join(kVisitorRoles, ", "));
    case PropertyForm::plain: break;
  }
  if (std::holds_alternative<bool& (*)(Settings&)>(property.field)) return "true, false";
  if (std::holds_alternative<std::string& (*)(Settings&)>(property.field)) return "text";
  const bool whole = std::holds_alternative<U32& (*)(Settings&)>(property.field) ||
                     std::holds_alternative<U64& (*)(Settings&)>(property.field);
  const std::string kind = whole ? "whole number" : "number";
  if (property.high >= kNoLimit)
    return fmt::format("{}, {} or more", kind, number_text(property.low));
  return fmt::format("{}, {} to {}", kind, number_text(property.low), number_text(property.high));
}

std::string environment_name(const Property& property) {
  std::string name = "TIDELINE_";
  for (const char c : property.key) {
    if (c == '.') {
      name += "__";
    } else {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

std::string settings_markdown() {
  std::string out =
      "# Settings\n\n"
      "Made from the table in `src/config/property.cc` by the tests (`UPDATE_GOLDEN=1`); do not "
      "edit.\n\n"
      "A value is taken from a flag of the command, else from the environment, else from the "
      "file\n"
      "`tideline.toml` of the data folder (or `--config`), else it is the default.\n"
      "`tideline config print --origin` shows every value and where it came from. The unit of a "
      "number\n"
      "is the last word of its name; sizes are bytes. In the file a name with a dot is a "
      "table:\n\n"
      "```toml\n[ingest]\nbatch_events_max = 1000\n```\n\n"
      "In the environment the same is `TIDELINE_INGEST__BATCH_EVENTS_MAX=1000`.\n";
  const Settings defaults;
  std::string_view section = "none";
  for (const Property& property : kTable) {
    if (property.hidden) continue;
    const std::size_t dot = property.key.find('.');
    const std::string_view its =
        dot == std::string_view::npos ? std::string_view() : property.key.substr(0, dot);
    if (its != section) {
      section = its;
      out +=
          fmt::format("\n## {}\n\n| Setting | Default | Allowed | Meaning |\n|---|---|---|---|\n",
                      its.empty() ? "(no section)" : its);
    }
    out += fmt::format("| `{}` | `{}` | {} | {} |\n", property.key, value_text(property, defaults),
                       allowed_text(property), property.sentence);
  }
  return out;
}

}  // namespace tideline
