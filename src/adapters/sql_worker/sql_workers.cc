#include "adapters/sql_worker/sql_workers.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "adapters/sql_worker/worker_channel.h"
#include "base/bytes.h"

namespace tideline {
namespace {

using Deadline = WorkerChannel::Deadline;

constexpr auto kStartPatience = std::chrono::seconds(20);
constexpr int kWorkerSocket = 3;
constexpr std::uint64_t kCpuSlack_s = 10;

Deadline in(std::chrono::milliseconds duration) {
  return std::chrono::steady_clock::now() + duration;
}

std::string system_words(const char* what, int error) {
  return std::string("a process for SQL cannot be started: ") + what + ": " + std::strerror(error);
}

// What a process gets: its end of the socket, nothing to read or write beside it, no environment.
class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    // First out of the way of the numbers that are written to next.
    ::posix_spawn_file_actions_adddup2(&actions_, socket, kWorkerSocket);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      ::posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", O_RDWR, 0);
    }
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kWorkerSocket + 1);
    // Keys pressed at the server's terminal are not for it.
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0 and the process, or an errno.
  int run(const std::string& program, const std::vector<std::string>& words, pid_t& process) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    char* nothing[] = {nullptr};
    return ::posix_spawn(&process, program.c_str(), &actions_, &attributes_, arguments.data(),
                         nothing);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

struct SqlWorkers::Worker {
  Worker(int socket, pid_t started) : channel(socket), process(started) {}
  ~Worker() { end(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Kills it where it still runs; how it ended, as of waitpid.
  int end() {
    if (process <= 0) return status;
    ::kill(process, SIGKILL);
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    process = -1;
    return status;
  }
  // Waits a moment for an end that has begun by itself, so that its cause can be told.
  int end_by_itself() {
    for (int look = 0; process > 0 && look < 100; ++look) {
      if (::waitpid(process, &status, WNOHANG) == process) {
        process = -1;
        return status;
      }
      ::poll(nullptr, 0, 10);
    }
    return end();
  }

  WorkerChannel channel;
  pid_t process;
  int status = 0;
  SqlWorkerState state;
  bool is_ready = false;
};

// A query under its id, for as long as it runs.
class SqlWorkers::Watched {
 public:
  Watched(SqlWorkers& workers, const std::string& id, pid_t process) : workers_(workers), id_(id) {
    const std::lock_guard lock(workers_.mutex_);
    if (!id_.empty()) workers_.running_[id_] = {process, false};
  }
  ~Watched() { static_cast<void>(over()); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  // From now on its process is not killed by id; whether it was.
  [[nodiscard]] bool over() {
    const std::lock_guard lock(workers_.mutex_);
    const auto found = workers_.running_.find(id_);
    if (found == workers_.running_.end()) return was_cancelled_;
    was_cancelled_ = found->second.cancelled;
    workers_.running_.erase(found);
    return was_cancelled_;
  }

 private:
  SqlWorkers& workers_;
  std::string id_;
  bool was_cancelled_ = false;
};

SqlWorkers::SqlWorkers(SqlWorkersOptions options) : options_(std::move(options)) {}
SqlWorkers::~SqlWorkers() = default;

Result<std::unique_ptr<SqlWorkers::Worker>> SqlWorkers::start() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(ErrorCode::unavailable, system_words("socketpair", errno), "sql_worker");
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  const auto cpu_s = static_cast<std::uint64_t>(
      std::chrono::ceil<std::chrono::seconds>(options_.time_max).count() * options_.threads);
  std::vector<std::string> words = {"tideline",       "sql-worker",
                                    "--folder",       options_.folder,
                                    "--threads",      std::to_string(options_.threads),
                                    "--memory-bytes", std::to_string(options_.memory_bytes),
                                    "--cpu-s",        std::to_string(cpu_s + kCpuSlack_s)};
  if (options_.switches_open) words.emplace_back("--switches-open");
  SpawnPlan plan(ends[1]);
  pid_t process = -1;
  const int error = plan.run(options_.program, words, process);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return fail(ErrorCode::unavailable, system_words(options_.program.c_str(), error),
                "sql_worker");
  }
  return std::make_unique<Worker>(ends[0], process);
}

// A process that is ready, and others in the making for the next queries.
Result<std::unique_ptr<SqlWorkers::Worker>> SqlWorkers::take() {
  std::unique_ptr<Worker> worker;
  {
    const std::lock_guard lock(mutex_);
    if (!warm_.empty()) {
      worker = std::move(warm_.front());
      warm_.pop_front();
    }
  }
  if (!worker) {
    TRY_ASSIGN(worker, start());
  }
  for (unsigned i = 0; i < options_.warm; ++i) {
    {
      const std::lock_guard lock(mutex_);
      if (warm_.size() >= options_.warm) break;
    }
    TRY_ASSIGN(auto next, start());
    const std::lock_guard lock(mutex_);
    warm_.push_back(std::move(next));
  }
  if (worker->is_ready) return worker;
  auto first = worker->channel.receive(in(kStartPatience));
  if (!first) {
    const int status = worker->end_by_itself();
    return fail(ErrorCode::unavailable,
                "a process for SQL did not start (status " + std::to_string(status) +
                    "): " + first.error().message,
                "sql_worker");
  }
  if (first->kind == FrameKind::error) return fail(decode_error(first->payload));
  TRY_ASSIGN(const auto words, decode_texts(first->payload));
  if (first->kind != FrameKind::ready || words.size() != 2)
    return fail(ErrorCode::unavailable, "a process for SQL speaks nonsense", "sql_worker");
  worker->state = {words[0], words[1]};
  worker->is_ready = true;
  return worker;
}

Result<SqlWorkerState> SqlWorkers::probe() {
  TRY_ASSIGN(auto worker, take());
  SqlWorkerState state = worker->state;
  const std::lock_guard lock(mutex_);
  warm_.push_front(std::move(worker));
  return state;
}

bool SqlWorkers::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(id);
  if (found == running_.end()) return false;
  found->second.cancelled = true;
  ::kill(found->second.process, SIGKILL);
  return true;
}

void SqlWorkers::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (auto& [id, running] : running_) {
    running.cancelled = true;
    ::kill(running.process, SIGKILL);
  }
}

Result<SqlOutcome> SqlWorkers::run(const SqlQuestion& question, const Views& views,
                                   ResultSink& sink) {
  // A process that waited long may have been ended from outside; then another one is asked.
  for (int attempt = 0;; ++attempt) {
    auto taken = take();
    if (!taken && taken.error().reason == "sql_worker" && attempt < 2) continue;
    if (!taken) return fail(taken.error());
    const std::unique_ptr<Worker> worker = std::move(*taken);
    Watched watched(*this, question.id, worker->process);
    const Status sent = worker->channel.send(
        FrameKind::query,
        encode(WorkerQuery{question.sql, question.parameters, question.rows_max}),
        in(kStartPatience));
    if (!sent && attempt < 2) continue;
    if (!sent) return fail(told(sent.error(), *worker, question));
    auto outcome = converse(*worker, question, views, sink);
    if (watched.over())
      return fail(ErrorCode::conflict, "the query was cancelled", "sql_cancelled");
    if (!outcome) return fail(told(outcome.error(), *worker, question));
    return outcome;
  }
}

Result<SqlOutcome> SqlWorkers::converse(Worker& worker, const SqlQuestion& question,
                                        const Views& views, ResultSink& sink) {
  TRY_ASSIGN(const Frame named, worker.channel.receive(in(kStartPatience)));
  if (named.kind == FrameKind::error) return fail(decode_error(named.payload));
  TRY_ASSIGN(std::vector<std::string> tables, decode_texts(named.payload));
  for (std::string& table : tables) {
    std::transform(table.begin(), table.end(), table.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  TRY_ASSIGN(const std::vector<LakeView> read, views(tables));
  const Deadline end = in(question.time_max);
  TRY(worker.channel.send(FrameKind::views, encode(read), end));
  SqlOutcome outcome;
  std::vector<ResultColumn> columns;
  const auto hand_on = [&](std::span<const Cell> cells) -> Result<bool> {
    TRY_ASSIGN(const bool more, sink.row(cells));
    if (more) ++outcome.rows;
    return more;
  };
  for (;;) {
    TRY_ASSIGN(const Frame frame, worker.channel.receive(end));
    switch (frame.kind) {
      case FrameKind::columns: {
        if (!columns.empty()) return fail(ErrorCode::corrupt, "columns twice", "sql_worker");
        TRY_ASSIGN(columns, decode_columns(frame.payload));
        TRY(sink.begin(columns));
        break;
      }
      case FrameKind::rows: {
        if (columns.empty()) return fail(ErrorCode::corrupt, "rows first", "sql_worker");
        TRY_ASSIGN(const bool more, visit_rows(frame.payload, columns, hand_on));
        outcome.truncated = !more || outcome.rows > question.rows_max;
        if (outcome.truncated) {
          TRY(sink.end());
          return outcome;
        }
        break;
      }
      case FrameKind::end: {
        if (columns.empty()) return fail(ErrorCode::corrupt, "no columns", "sql_worker");
        outcome.truncated = frame.payload == std::string_view("\1", 1);
        TRY(sink.end());
        return outcome;
      }
      case FrameKind::error: return fail(decode_error(frame.payload));
      default: return fail(ErrorCode::corrupt, "the worker speaks nonsense", "sql_worker");
    }
  }
}

// An error of the conversation in words for who asked.
Error SqlWorkers::told(const Error& error, Worker& worker, const SqlQuestion& question) {
  const std::string limit_s =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(question.time_max).count());
  const Error too_long{ErrorCode::timeout,
                       "the query ran longer than " + limit_s + " s and was stopped",
                       "sql_timeout"};
  const Error too_large{ErrorCode::invalid,
                        "the query needs more memory than it may use (sql.memory_bytes)",
                        "sql_memory_limit"};
  switch (error.code) {
    case ErrorCode::timeout: return too_long;
    case ErrorCode::unavailable: {
      if (!error.reason.empty()) return error;
      const int status = worker.end_by_itself();
      const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      if (signal == SIGXCPU) return too_long;
      if (signal == SIGABRT || signal == SIGSEGV || signal == SIGBUS) {
        return Error{ErrorCode::invalid,
                     "the query's process broke off, most likely at its limit of memory "
                     "(sql.memory_bytes)",
                     "sql_memory_limit"};
      }
      return Error{
          ErrorCode::unavailable,
          "the query's process ended before it answered (signal " + std::to_string(signal) + ")",
          "sql_worker"};
    }
    case ErrorCode::overloaded: return too_large;
    case ErrorCode::io_failed:
      if (error.message.find("No files found") != error.message.npos ||
          error.message.find("No such file") != error.message.npos) {
        return Error{ErrorCode::conflict, error.message, "sql_file_gone"};
      }
      return Error{ErrorCode::invalid, error.message, "sql_error"};
    case ErrorCode::invalid:
    case ErrorCode::internal:
      if (error.message.find("bad_alloc") != error.message.npos ||
          error.message.find("Out of Memory") != error.message.npos) {
        return too_large;
      }
      return Error{ErrorCode::invalid, error.message,
                   error.reason.empty() ? "sql_error" : error.reason};
    case ErrorCode::refused:
      return Error{ErrorCode::refused, error.message,
                   error.reason.empty() ? "sql_not_allowed" : error.reason};
    default: return error;
  }
}

}  // namespace tideline
