#include "adapters/sql_worker/sql_worker.h"

#include <poll.h>
#include <unistd.h>

#include <thread>

#include "adapters/sql_worker/confine.h"
#include "adapters/sql_worker/worker_channel.h"
#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::uint64_t kProcessBytes = 512ULL << 20;  // beside what DuckDB counts
constexpr std::size_t kBlockBytes = 256 * 1024;

// Sends an answer block by block; stops after `rows_max` rows.
class ChannelSink final : public ResultSink {
 public:
  ChannelSink(WorkerChannel& channel, std::uint64_t rows_max)
      : channel_(channel), rows_max_(rows_max) {}

  Status begin(std::span<const ResultColumn> columns) override {
    return channel_.send(FrameKind::columns, encode(columns));
  }
  Result<bool> row(std::span<const Cell> cells) override {
    if (sent_ + held_ == rows_max_) {
      truncated_ = true;
      return false;
    }
    append_row(block_, cells);
    ++held_;
    if (block_.size() >= kBlockBytes) TRY(flush());
    return true;
  }
  Status end() override {
    TRY(flush());
    ByteWriter out;
    out.u8(truncated_ ? 1 : 0);
    return channel_.send(FrameKind::end, out.bytes());
  }

 private:
  Status flush() {
    if (held_ == 0) return {};
    ByteWriter out;
    out.varint(held_);
    TRY(channel_.send(FrameKind::rows, out.bytes() + block_));
    sent_ += held_;
    held_ = 0;
    block_.clear();
    return {};
  }

  WorkerChannel& channel_;
  std::uint64_t rows_max_;
  std::uint64_t sent_ = 0;
  std::uint64_t held_ = 0;
  std::string block_;
  bool truncated_ = false;
};

// The server is gone: nobody wants the answer.
void end_with_server(int socket) {
  std::thread([socket] {
    pollfd waiting{socket, POLLRDHUP, 0};
    for (;;) {
      if (::poll(&waiting, 1, -1) > 0) ::_exit(0);
    }
  }).detach();
}

std::vector<std::string> seen_from_here(std::vector<LakeView>& views, const std::string& folder) {
  std::vector<std::string> files;
  for (LakeView& view : views) {
    for (std::string& file : view.files) {
      file = folder + "/" + file;
      files.push_back(file);
    }
  }
  return files;
}

// None: it may be any. One without a name: it reads none.
std::vector<std::string> tables_read(DuckQuery& duck, const std::string& sql) {
  auto tables = duck.tables_of(sql);
  if (!tables) return {};  // what cannot be parsed says so when it is run
  const bool selects = sql.starts_with("select ") || sql.starts_with("SELECT ");
  if (tables->empty() && selects) tables->emplace_back();
  return *tables;
}

Status answer(const SqlWorkerOptions& options, const std::string& folder, DuckQuery& duck,
              WorkerChannel& channel) {
  TRY_ASSIGN(const Frame asked, channel.receive());
  TRY_ASSIGN(const WorkerQuery query, decode_worker_query(asked.payload));
  TRY(channel.send(FrameKind::tables, encode(tables_read(duck, query.sql))));
  TRY_ASSIGN(const Frame told, channel.receive());
  TRY_ASSIGN(std::vector<LakeView> views, decode_views(told.payload));
  end_with_server(channel.socket());
  const std::vector<std::string> files = seen_from_here(views, folder);
  TRY(duck.add_views(views));
  if (!options.switches_open) TRY(duck.close_reach(files));
  ChannelSink sink(channel, query.rows_max);
  QueryRunOptions run;
  run.parameters = query.parameters;
  run.select_only = !options.switches_open;
  return duck.run(query.sql, sink, run);
}

Status serve_one(const SqlWorkerOptions& options, WorkerChannel& channel) {
  ConfineOptions confining;
  confining.folder = options.folder;
  confining.memory_bytes = options.memory_bytes + kProcessBytes;
  confining.cpu_s = options.cpu_s;
  TRY_ASSIGN(const Confinement confined, confine(confining));
  QueryOptions query;
  query.threads = options.threads;
  query.memory_bytes = options.memory_bytes;
  TRY_ASSIGN(const auto duck, DuckQuery::open(std::move(query)));
  TRY(channel.send(FrameKind::ready, encode(std::vector{confined.words(), confined.missing})));
  return answer(options, confined.folder, *duck, channel);
}

}  // namespace

int run_sql_worker(const SqlWorkerOptions& options) {
  WorkerChannel channel(options.socket);
  const Status done = serve_one(options, channel);
  int code = 0;
  if (!done && !channel.send(FrameKind::error, encode(done.error()))) code = 1;
  // Threads of DuckDB may still be busy with what nobody waits for.
  ::_exit(code);
}

}  // namespace tideline
