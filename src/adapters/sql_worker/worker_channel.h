// WorkerChannel: what the server and a worker of untrusted SQL say to each other, as frames over a
// socket; and the bytes of what they say. Neither side believes the other: every frame is bounded
// and read with checks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/duckdb/duck_query.h"

namespace tideline {

enum class FrameKind : std::uint8_t {
  ready = 1,  // worker: confined, waiting; holds what was possible
  query,      // server: the query
  tables,     // worker: the views that the query reads; empty: it may be any
  views,      // server: those views with their files
  columns,    // worker: the answer's columns
  rows,       // worker: a block of rows
  end,        // worker: the answer is whole
  error,      // worker: and it has ended
};

struct Frame {
  FrameKind kind = FrameKind::error;
  std::string payload;
};

inline constexpr std::size_t kFrameBytesMax = 64 << 20;

// One end; owns the descriptor. Not thread-safe.
class WorkerChannel {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  explicit WorkerChannel(int socket) : socket_(socket) {}
  ~WorkerChannel();
  WorkerChannel(const WorkerChannel&) = delete;
  WorkerChannel& operator=(const WorkerChannel&) = delete;

  // unavailable: the other end is gone. timeout: not by then.
  Status send(FrameKind kind, std::string_view payload,
              std::optional<Deadline> deadline = std::nullopt);
  // corrupt: what came is no frame.
  [[nodiscard]] Result<Frame> receive(std::optional<Deadline> deadline = std::nullopt);

  [[nodiscard]] int socket() const { return socket_; }

 private:
  Status wait(short events, std::optional<Deadline> deadline) const;
  Status read_all(char* into, std::size_t bytes, std::optional<Deadline> deadline);

  int socket_;
};

// The query as the worker gets it.
struct WorkerQuery {
  std::string sql;
  std::vector<Cell> parameters;
  std::uint64_t rows_max = 0;
};

[[nodiscard]] std::string encode(const WorkerQuery& query);
[[nodiscard]] Result<WorkerQuery> decode_worker_query(std::string_view bytes);
[[nodiscard]] std::string encode(const std::vector<LakeView>& views);
[[nodiscard]] Result<std::vector<LakeView>> decode_views(std::string_view bytes);
[[nodiscard]] std::string encode(const std::vector<std::string>& texts);
[[nodiscard]] Result<std::vector<std::string>> decode_texts(std::string_view bytes);
[[nodiscard]] std::string encode(std::span<const ResultColumn> columns);
[[nodiscard]] Result<std::vector<ResultColumn>> decode_columns(std::string_view bytes);
[[nodiscard]] std::string encode(const Error& error);
[[nodiscard]] Error decode_error(std::string_view bytes);

// Rows of one block, behind their number as a varint; how many cells a row has is told by the
// columns.
void append_row(std::string& block, std::span<const Cell> cells);
// Hands out the rows one by one; corrupt where a cell is of no known or of another kind than its
// column. Texts become valid UTF-8, numbers finite.
using RowVisitor = std::function<Result<bool>(std::span<const Cell>)>;
[[nodiscard]] Result<bool> visit_rows(std::string_view block,
                                      std::span<const ResultColumn> columns,
                                      const RowVisitor& visit);

}  // namespace tideline
