#include "base/time_zone.h"

#include <algorithm>
#include <limits>

namespace tideline {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kOffsetMax = 26 * 3600;  // RFC 9636, 3.2: -25 h to 26 h
constexpr std::size_t kHeadBytes = 44;
constexpr std::size_t kItemsMax = 100'000;

using std::chrono::floor;
using std::chrono::seconds;

std::int64_t days_before(int year) {
  return std::chrono::sys_days(std::chrono::year(year) / 1 / 1).time_since_epoch().count();
}

int year_of(std::int64_t second) {
  const std::chrono::year_month_day date(
      floor<std::chrono::days>(std::chrono::sys_seconds(seconds(second))));
  return static_cast<int>(date.year());
}

std::int64_t seconds_of(Time time) { return floor<seconds>(time).time_since_epoch().count(); }

}  // namespace

std::int64_t TimeZone::Turn::in_year(int year) const {
  using std::chrono::last, std::chrono::sys_days, std::chrono::weekday;
  std::int64_t day_number = 0;
  switch (kind) {
    case Day::julian:  // 1 to 365, 29 February is never counted
      day_number =
          days_before(year) + day - 1 + (std::chrono::year(year).is_leap() && day >= 60 ? 1 : 0);
      break;
    case Day::counted:  // 0 to 365
      day_number = days_before(year) + day;
      break;
    case Day::week: {
      const auto of_month = std::chrono::year(year) / std::chrono::month(unsigned(month));
      const weekday wanted{unsigned(day)};
      const sys_days found = week == 5 ? sys_days(of_month / wanted[last])
                                       : sys_days(of_month / wanted[unsigned(week)]);
      day_number = found.time_since_epoch().count();
      break;
    }
  }
  return day_number * kDaySeconds + second;
}

// Reads "CET-1CEST,M3.5.0,M10.5.0/3".
class TimeZone::RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::optional<Rule> read() {
    Rule rule;
    name();
    rule.standard = -clock(24);
    if (text_.empty() && ok_) return rule;
    name();
    rule.has_summer = true;
    rule.summer = text_.empty() || text_.front() == ',' ? rule.standard + 3600 : -clock(24);
    rule.begins = turn();
    rule.ends = turn();
    return ok_ && text_.empty() ? std::optional(rule) : std::nullopt;
  }

 private:
  [[nodiscard]] bool at(char c) const { return !text_.empty() && text_.front() == c; }
  [[nodiscard]] bool at_digit() const {
    return !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
  }
  bool take(char c) {
    if (!at(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // "CEST" or "<+0330>"
  void name() {
    std::size_t size = 0;
    if (take('<')) {
      size = text_.find('>');
      if (size == std::string_view::npos) return fail();
      text_.remove_prefix(size + 1);
    } else {
      const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
      while (size < text_.size() && letter(text_[size])) ++size;
      text_.remove_prefix(size);
    }
    if (size < 3) fail();
  }
  int number(int low, int high) {
    if (!at_digit()) return fail(), low;
    int value = 0;
    while (at_digit() && value <= high) {
      value = 10 * value + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    if (value < low || value > high) fail();
    return std::clamp(value, low, high);
  }
  // "[+-]hh[:mm[:ss]]" in seconds
  std::int64_t clock(int hours_max) {
    const bool minus = take('-');
    if (!minus) take('+');
    std::int64_t value = std::int64_t{3600} * number(0, hours_max);
    if (take(':')) value += 60 * number(0, 59);
    if (take(':')) value += number(0, 59);
    return minus ? -value : value;
  }
  Turn turn() {
    Turn out;
    if (!take(',')) return fail(), out;
    if (take('M')) {
      out.kind = Turn::Day::week;
      out.month = number(1, 12);
      if (!take('.')) fail();
      out.week = number(1, 5);
      if (!take('.')) fail();
      out.day = number(0, 6);
    } else if (take('J')) {
      out.kind = Turn::Day::julian;
      out.day = number(1, 365);
    } else {
      out.day = number(0, 365);
    }
    if (take('/')) out.second = clock(167);  // RFC 9636, 3.3.1: a week both ways
    return out;
  }
  void fail() { ok_ = false; }

  std::string_view text_;
  bool ok_ = true;
};

// Reads the second part of a file, whose times have 64 bits. Past the end all is 0 and ok() false.
class TimeZone::FileReader {
 public:
  explicit FileReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }

  // Which of the two parts a head begins, and how many bytes follow it.
  struct Head {
    char version = 0;
    std::size_t utc_marks = 0, standard_marks = 0, leaps = 0, times = 0, types = 0, letters = 0;
    [[nodiscard]] std::size_t body(std::size_t time_bytes) const {
      return times * (time_bytes + 1) + types * 6 + letters + leaps * (time_bytes + 4) +
             standard_marks + utc_marks;
    }
  };
  Head head() {
    Head head;
    if (bytes_.size() < kHeadBytes || !bytes_.starts_with("TZif")) {
      ok_ = false;
      return head;
    }
    head.version = bytes_[4];
    bytes_.remove_prefix(20);
    for (std::size_t* count : {&head.utc_marks, &head.standard_marks, &head.leaps, &head.times,
                               &head.types, &head.letters}) {
      *count = static_cast<std::size_t>(signed_number(4));
      ok_ = ok_ && *count <= kItemsMax;
    }
    return head;
  }
  std::int64_t signed_number(std::size_t bytes) {
    if (!has(bytes)) return 0;
    std::uint64_t value = (static_cast<unsigned char>(bytes_.front()) & 0x80) ? ~0ULL : 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes_[i]);
    bytes_.remove_prefix(bytes);
    return static_cast<std::int64_t>(value);
  }
  void skip(std::size_t bytes) {
    if (has(bytes)) bytes_.remove_prefix(bytes);
  }
  // The last line, between two line ends.
  std::string_view footer() {
    if (!has(2) || bytes_.front() != '\n' || bytes_.back() != '\n') {
      ok_ = false;
      return {};
    }
    return bytes_.substr(1, bytes_.size() - 2);
  }

 private:
  bool has(std::size_t bytes) {
    ok_ = ok_ && bytes_.size() >= bytes;
    return ok_;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

Result<TimeZone> TimeZone::parse(std::string name, std::string_view file) {
  const auto bad = [&](const char* why) {
    return fail(ErrorCode::invalid, "the zone file of " + name + " " + why, "bad_time_zone");
  };
  FileReader in(file);
  const auto old = in.head();
  if (!in.ok() || old.version < '2') return bad("is not of the form that RFC 9636 describes");
  in.skip(old.body(4));
  const auto head = in.head();
  if (!in.ok() || head.types == 0) return bad("is damaged");
  if (head.leaps > 0) return bad("counts leap seconds, which no clock here does");
  TimeZone zone;
  for (std::size_t i = 0; i < head.times; ++i) zone.changes_.push_back({in.signed_number(8), 0});
  std::vector<std::size_t> types;
  for (std::size_t i = 0; i < head.times; ++i)
    types.push_back(static_cast<std::size_t>(in.signed_number(1)) & 0xFF);
  std::vector<std::int64_t> offsets;
  for (std::size_t i = 0; i < head.types; ++i) {
    offsets.push_back(in.signed_number(4));
    in.skip(2);  // whether it is summer time, and its letters
    if (std::abs(offsets.back()) > kOffsetMax) return bad("is damaged");
  }
  in.skip(head.letters + head.standard_marks + head.utc_marks);
  const std::string_view rule = in.footer();
  if (!in.ok()) return bad("is damaged");
  for (std::size_t i = 0; i < head.times; ++i) {
    const bool ascends = i == 0 || zone.changes_[i].at > zone.changes_[i - 1].at;
    if (types[i] >= offsets.size() || !ascends) return bad("is damaged");
    zone.changes_[i].offset = offsets[types[i]];
  }
  if (!rule.empty()) {
    zone.rule_ = RuleReader(rule).read();
    if (!zone.rule_) return bad("ends with a rule that cannot be read");
  }
  zone.first_offset_ = offsets.front();
  zone.name_ = std::move(name);
  return zone;
}

std::int64_t TimeZone::offset_by(const Rule& rule, std::int64_t second) {
  if (!rule.has_summer) return rule.standard;
  // A turn may lie up to a week outside its year: the last one of three years decides.
  std::int64_t newest = std::numeric_limits<std::int64_t>::min();
  std::int64_t offset = rule.standard;
  const auto look = [&](std::int64_t at, std::int64_t from_then) {
    if (at > second || at < newest) return;
    newest = at;
    offset = from_then;
  };
  const int year = year_of(second);
  for (int one = year - 1; one <= year + 1; ++one) {
    look(rule.ends.in_year(one) - rule.summer, rule.standard);
    look(rule.begins.in_year(one) - rule.standard, rule.summer);
  }
  return offset;
}

std::chrono::seconds TimeZone::offset_at(Time time) const {
  const std::int64_t second = seconds_of(time);
  const auto next =
      std::upper_bound(changes_.begin(), changes_.end(), second,
                       [](std::int64_t at, const Change& change) { return at < change.at; });
  if (next == changes_.end() && rule_) return seconds(offset_by(*rule_, second));
  return seconds(next == changes_.begin() ? first_offset_ : (next - 1)->offset);
}

LocalTime TimeZone::local(Time time) const {
  return LocalTime(time.time_since_epoch() + offset_at(time));
}

Time TimeZone::instant_of(LocalTime local) const {
  const Time as_utc(local.time_since_epoch());
  const auto before = offset_at(as_utc - kDay - kHour);
  const auto after = offset_at(as_utc + kDay + kHour);
  // Ahead of the other, a clock reaches what it shows sooner.
  for (const auto offset : {std::max(before, after), std::min(before, after)}) {
    if (offset_at(as_utc - offset) == offset) return as_utc - offset;
  }
  return as_utc - before;
}

}  // namespace tideline
