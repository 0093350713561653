#include "pipeline/watch_records.h"

#include <limits>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::string_view kRow = "row";
constexpr std::string_view kTime = "time";
constexpr std::string_view kMark = "mark";
constexpr std::string_view kReference = "reference";
constexpr std::string_view kReport = "report";
constexpr std::uint8_t kFormat = 1;
constexpr std::uint64_t kFiguresMax = 1'000;

std::string key_of(std::string_view kind, std::string_view rest) {
  return std::string(kind) + '\0' + std::string(rest);
}
std::string of_time(Time time) { return big_endian(static_cast<std::uint64_t>(millis(time))); }

void write(ByteWriter& out, const std::vector<std::optional<double>>& numbers) {
  out.varint(numbers.size());
  for (const auto& number : numbers)
    out.real(number.value_or(std::numeric_limits<double>::quiet_NaN()));
}

std::vector<std::optional<double>> numbers_in(ByteReader& in) {
  std::vector<std::optional<double>> numbers;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && i < kFiguresMax && in.ok(); ++i) {
    const double number = in.real();
    numbers.push_back(number == number ? std::optional(number) : std::nullopt);
  }
  return numbers;
}

}  // namespace

std::string watched_prefix() { return key_of(kRow, ""); }
std::string watched_prefix(Time as_of) { return key_of(kRow, of_time(as_of)); }

std::string watched_key(const WatchedRow& row) {
  ByteWriter key(watched_prefix(row.as_of));
  key.text(row.customer.str());
  key.text(row.model_version);
  return key.take();
}

std::string encode(const WatchedRow& row) {
  ByteWriter out;
  out.u8(kFormat);
  write(out, row.row.figures);
  write(out, row.row.labels);
  out.text(row.row.tier);
  out.u8(row.row.in_holdout ? 1 : 0);
  return out.take();
}

Result<WatchedRow> decode_watched_row(std::string_view key, std::string_view value) {
  WatchedRow row;
  const std::size_t front = watched_prefix().size();
  if (key.size() < front + 8) return fail(ErrorCode::corrupt, "a watched prediction is broken");
  row.as_of = time_from_millis(static_cast<std::int64_t>(from_big_endian(key.substr(front, 8))));
  ByteReader names(key.substr(front + 8));
  row.customer = CustomerId(names.text());
  row.model_version = names.text();
  ByteReader in(value);
  const bool known = in.u8() == kFormat;
  row.row.figures = numbers_in(in);
  row.row.labels = numbers_in(in);
  row.row.tier = in.text();
  row.row.in_holdout = in.u8() != 0;
  if (!known || !names.done() || !in.done())
    return fail(ErrorCode::corrupt, "a watched prediction is broken");
  return row;
}

std::string watched_time_prefix() { return key_of(kTime, ""); }
std::string watched_time_key(Time as_of) { return key_of(kTime, of_time(as_of)); }

std::optional<Time> time_of_watched_time_key(std::string_view key) {
  const std::size_t front = watched_time_prefix().size();
  if (key.size() != front + 8) return std::nullopt;
  return time_from_millis(static_cast<std::int64_t>(from_big_endian(key.substr(front))));
}

std::string encode_labelled(std::uint64_t tasks) {
  ByteWriter out;
  out.varint(tasks);
  return out.take();
}
std::uint64_t decode_labelled(std::string_view value) { return ByteReader(value).varint(); }

std::string watch_mark_key(std::string_view model_version) { return key_of(kMark, model_version); }

std::string encode(const WatchMark& mark) {
  ByteWriter out;
  out.u8(kFormat);
  out.zigzag(mark.day);
  out.zigzag(mark.week);
  return out.take();
}

Result<WatchMark> decode_watch_mark(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.u8() == kFormat;
  WatchMark mark;
  mark.day = in.zigzag();
  mark.week = in.zigzag();
  if (!known || !in.done()) return fail(ErrorCode::corrupt, "a mark of watched models is broken");
  return mark;
}

std::string drift_reference_key(std::string_view model_version) {
  return key_of(kReference, model_version);
}
std::string watch_report_prefix() { return key_of(kReport, ""); }
std::string watch_report_key(std::string_view model_version) {
  return key_of(kReport, model_version);
}

}  // namespace tideline
