#include "adapters/sql_worker/worker_channel.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::size_t kHeadBytes = 5;
constexpr std::size_t kViewsMax = 1'000;
constexpr std::size_t kColumnsMax = 20'000;
constexpr std::size_t kFilesMax = 10'000'000;

enum class CellKind : std::uint8_t { null, text, number, integer, time, boolean };

Error damaged(const char* what) {
  return Error{ErrorCode::corrupt, std::string("the worker sent damaged ") + what, "sql_worker"};
}

void append_cell(ByteWriter& to, const Cell& cell) {
  to.u8(static_cast<std::uint8_t>(cell.index()));
  if (const auto* text = std::get_if<std::string>(&cell)) to.text(*text);
  if (const auto* number = std::get_if<double>(&cell)) to.real(*number);
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) to.zigzag(*integer);
  if (const auto* time = std::get_if<Time>(&cell)) to.time(*time);
  if (const auto* yes = std::get_if<bool>(&cell)) to.u8(*yes ? 1 : 0);
}

Cell read_cell(ByteReader& from) {
  switch (static_cast<CellKind>(from.u8())) {
    case CellKind::null: return Cell();
    case CellKind::text: return Cell(as_utf8(from.view()));
    case CellKind::number: {
      const double value = from.real();
      return std::isfinite(value) ? Cell(value) : Cell();
    }
    case CellKind::integer: return Cell(from.zigzag());
    case CellKind::time: return Cell(from.time());
    case CellKind::boolean: return Cell(from.u8() != 0);
  }
  while (from.ok()) static_cast<void>(from.fixed64());  // no such kind: the rest is unreadable
  return Cell();
}

// What a decimal number is written as: it goes into JSON as it is.
bool is_decimal(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t first = at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  if (at == first || (text[first] == '0' && at > first + 1)) return false;
  if (at == text.size()) return true;
  if (text[at++] != '.' || at == text.size()) return false;
  return text.find_first_not_of("0123456789", at) == text.npos;
}

bool fits(const Cell& cell, ResultKind kind) {
  if (std::holds_alternative<std::monostate>(cell)) return true;
  const auto* text = std::get_if<std::string>(&cell);
  switch (kind) {
    case ResultKind::text: return text != nullptr;
    case ResultKind::number: return std::holds_alternative<double>(cell);
    case ResultKind::integer: return std::holds_alternative<std::int64_t>(cell);
    case ResultKind::exact: return text != nullptr && is_decimal(*text);
    case ResultKind::time: return text != nullptr || std::holds_alternative<Time>(cell);
    case ResultKind::boolean: return std::holds_alternative<bool>(cell);
  }
  return false;
}

}  // namespace

WorkerChannel::~WorkerChannel() {
  if (socket_ >= 0) ::close(socket_);
}

Status WorkerChannel::wait(short events, std::optional<Deadline> deadline) const {
  if (!deadline) return {};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        *deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail(ErrorCode::timeout, "the worker took too long");
    pollfd waiting{socket_, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long>(left.count(), 60'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR)
      return fail(ErrorCode::unavailable, std::string("poll: ") + std::strerror(errno));
  }
}

Status WorkerChannel::send(FrameKind kind, std::string_view payload,
                           std::optional<Deadline> deadline) {
  if (payload.size() > kFrameBytesMax) {
    return fail(ErrorCode::too_large, "a block of rows is larger than 64 MiB", "too_large");
  }
  std::string bytes(kHeadBytes, '\0');
  const auto size = static_cast<std::uint32_t>(payload.size());
  std::memcpy(bytes.data(), &size, 4);
  bytes[4] = static_cast<char>(kind);
  bytes.append(payload);
  for (std::size_t at = 0; at < bytes.size();) {
    TRY(wait(POLLOUT, deadline));
    const ssize_t sent = ::write(socket_, bytes.data() + at, bytes.size() - at);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return fail(ErrorCode::unavailable, "the other end is gone");
    at += static_cast<std::size_t>(sent);
  }
  return {};
}

Status WorkerChannel::read_all(char* into, std::size_t bytes, std::optional<Deadline> deadline) {
  while (bytes > 0) {
    TRY(wait(POLLIN, deadline));
    const ssize_t got = ::read(socket_, into, bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return fail(ErrorCode::unavailable, "the other end is gone");
    into += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return {};
}

Result<Frame> WorkerChannel::receive(std::optional<Deadline> deadline) {
  char head[kHeadBytes];
  TRY(read_all(head, kHeadBytes, deadline));
  std::uint32_t size = 0;
  std::memcpy(&size, head, 4);
  const auto kind = static_cast<FrameKind>(head[4]);
  if (size > kFrameBytesMax || kind < FrameKind::ready || kind > FrameKind::error)
    return fail(damaged("frame"));
  Frame frame{kind, std::string(size, '\0')};
  TRY(read_all(frame.payload.data(), size, deadline));
  return frame;
}

std::string encode(const WorkerQuery& query) {
  ByteWriter out;
  out.text(query.sql);
  out.varint(query.rows_max);
  out.varint(query.parameters.size());
  for (const Cell& cell : query.parameters) append_cell(out, cell);
  return out.take();
}

Result<WorkerQuery> decode_worker_query(std::string_view bytes) {
  ByteReader in(bytes);
  WorkerQuery query{in.text(), {}, in.varint()};
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n)
    query.parameters.push_back(read_cell(in));
  if (!in.done()) return fail(damaged("query"));
  return query;
}

std::string encode(const std::vector<LakeView>& views) {
  ByteWriter out;
  out.varint(views.size());
  for (const LakeView& view : views) {
    out.text(view.name);
    out.varint(view.columns.size());
    for (const TableColumn& column : view.columns) {
      out.text(column.name);
      out.text(column.type);
    }
    out.varint(view.files.size());
    for (const std::string& file : view.files) out.text(file);
  }
  return out.take();
}

Result<std::vector<LakeView>> decode_views(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<LakeView> views;
  for (std::uint64_t n = std::min<std::uint64_t>(in.varint(), kViewsMax); n > 0 && in.ok(); --n) {
    LakeView& view = views.emplace_back();
    view.name = in.text();
    for (std::uint64_t c = in.varint(); c > 0 && c <= kColumnsMax && in.ok(); --c) {
      std::string name = in.text();
      view.columns.push_back({std::move(name), in.text()});
    }
    for (std::uint64_t f = in.varint(); f > 0 && f <= kFilesMax && in.ok(); --f)
      view.files.push_back(in.text());
  }
  if (!in.done()) return fail(damaged("views"));
  return views;
}

std::string encode(const std::vector<std::string>& texts) {
  ByteWriter out;
  out.varint(texts.size());
  for (const std::string& text : texts) out.text(text);
  return out.take();
}

Result<std::vector<std::string>> decode_texts(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<std::string> texts;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) texts.push_back(in.text());
  if (!in.done()) return fail(damaged("names"));
  return texts;
}

std::string encode(std::span<const ResultColumn> columns) {
  ByteWriter out;
  out.varint(columns.size());
  for (const ResultColumn& column : columns) {
    out.text(column.name);
    out.u8(static_cast<std::uint8_t>(column.kind));
    out.text(column.type);
  }
  return out.take();
}

Result<std::vector<ResultColumn>> decode_columns(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint64_t count = in.varint();
  std::vector<ResultColumn> columns;
  for (std::uint64_t i = 0; i < count && i < kColumnsMax && in.ok(); ++i) {
    ResultColumn column;
    column.name = as_utf8(in.view());
    const std::uint8_t kind = in.u8();
    if (kind > static_cast<std::uint8_t>(ResultKind::boolean)) return fail(damaged("columns"));
    column.kind = static_cast<ResultKind>(kind);
    column.type = as_utf8(in.view());
    columns.push_back(std::move(column));
  }
  if (!in.done() || columns.empty()) return fail(damaged("columns"));
  return columns;
}

std::string encode(const Error& error) {
  ByteWriter out;
  out.text(name_of(error.code));
  out.text(error.message);
  out.text(error.reason);
  return out.take();
}

Error decode_error(std::string_view bytes) {
  ByteReader in(bytes);
  const ErrorCode code = error_code_of(in.view());
  const std::string message = as_utf8(in.view());
  const std::string reason = as_utf8(in.view());
  if (!in.done()) return damaged("error");
  return Error{code, message, reason};
}

void append_row(std::string& block, std::span<const Cell> cells) {
  ByteWriter out(std::move(block));
  for (const Cell& cell : cells) append_cell(out, cell);
  block = out.take();
}

Result<bool> visit_rows(std::string_view block, std::span<const ResultColumn> columns,
                        const RowVisitor& visit) {
  ByteReader in(block);
  std::vector<Cell> cells(columns.size());
  for (std::uint64_t n = in.varint(); n > 0; --n) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      cells[i] = read_cell(in);
      if (!in.ok() || !fits(cells[i], columns[i].kind)) return fail(damaged("rows"));
    }
    TRY_ASSIGN(const bool more, visit(cells));
    if (!more) return false;
  }
  if (!in.done()) return fail(damaged("rows"));
  return true;
}

}  // namespace tideline
