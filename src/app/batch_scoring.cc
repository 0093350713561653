#include "app/batch_scoring.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "app/customer_rows.h"
#include "app/pack_files.h"
#include "app/score_run.h"
#include "app/score_tables.h"
#include "base/file.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kRowsOfPart = 1'000'000;       // of tables
constexpr std::size_t kCustomersOfPart = 250'000;      // their states wait in memory
constexpr std::uint64_t kReadingBytes = 256ULL << 20;  // of a thread that reads a table

// What the threads of a run share: totals, the progress line, the first error.
class BatchRun {
 public:
  BatchRun(const OperationContext& context, std::shared_ptr<const Model> model,
           std::uint64_t rows_known)
      : context_(context),
        model_(std::move(model)),
        rules_(context.engine.rules().in_force().pack),
        now_(context.engine.now().now()),
        rows_known_(rows_known) {}

  [[nodiscard]] const Model& model() const { return *model_; }
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] unsigned threads() const {
    return std::max(1U, std::thread::hardware_concurrency());
  }

  [[nodiscard]] Result<std::unique_ptr<ScoreFile>> open(const std::string& path) const {
    std::vector<std::string> tasks;
    for (const TaskSpec& task : rules_->tasks()) tasks.push_back(task.name);
    return ScoreFile::open(path, std::move(tasks), true);
  }
  [[nodiscard]] ScoreRunOptions options() {
    return {rules_, model_, now_, [this](std::uint64_t rows) { return count(rows); }};
  }
  Status finish(ScoreFile& file) {
    TRY(file.end());
    scored_ += file.scored();
    ++parts_;
    return {};
  }
  // Counts as done what an earlier run did.
  void found_parts(std::uint64_t parts, std::uint64_t rows) {
    parts_found_ += parts;
    done_ += rows;
    found_rows_ += rows;
  }

  // The first is kept, and ends the run.
  void fail_with(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
    stopped_ = true;
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

  [[nodiscard]] Result<Json> answer(const std::string& path) const {
    if (error_) return fail(*error_);
    return boost::json::object{{"rows", done_.load() - found_rows_},
                               {"scored", scored_.load()},
                               {"parts", parts_.load()},
                               {"parts_found", parts_found_},
                               {"model_version", model_->version()},
                               {"path", path}};
  }

 private:
  bool count(std::uint64_t rows) {
    const std::uint64_t done = done_ += rows;
    if (stopped_) return false;
    if (!context_.progress) return true;
    const std::lock_guard lock(mutex_);
    const double share =
        rows_known_ > 0 ? static_cast<double>(done) / static_cast<double>(rows_known_) : -1;
    return context_.progress({"scoring", share, fmt::format("{} rows", done)});
  }

  const OperationContext& context_;
  const std::shared_ptr<const Model> model_;
  const std::shared_ptr<const Pack> rules_;
  const Time now_;
  const std::uint64_t rows_known_;  // 0: not known
  std::atomic<std::uint64_t> done_ = 0, scored_ = 0, parts_ = 0;
  std::uint64_t parts_found_ = 0, found_rows_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::optional<Error> error_;
};

// Runs `work` on each thread of the run until all return.
template <class Work>
void on_threads(unsigned count, const Work& work) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

// ---- The folder

Result<std::string> folder_for(const std::string& out, const Model& model) {
  const std::string folder = fmt::format("{}/model_version={}/feature_hash={}", out,
                                         model.version(), model.manifest().feature_hash.hex());
  PosixFileSystem files;
  TRY(files.make_folder(folder));
  return folder;
}

// So that a run never goes on with the parts of another input.
Status check_input(const std::string& folder, const boost::json::object& input) {
  const std::string path = folder + "/_input.json";
  const std::string text = boost::json::serialize(input) + "\n";
  if (const auto kept = read_file(path)) {
    if (*kept == text) return {};
    return fail(ErrorCode::refused,
                folder +
                    " holds scores of something else (its _input.json says of what); name "
                    "another folder",
                "other_input");
  }
  return replace_file(path, text);
}

// ---- Tables

struct TablePart {
  std::string table;  // as of table_of()
  std::string where;  // which of its rows; empty: all
  std::uint64_t rows = 0;
};

// Rows of a Parquet file, as it says itself.
Result<std::uint64_t> rows_of(DuckQuery& query, const std::string& file) {
  TRY_ASSIGN(const QueryRows told,
             query_rows(query, "SELECT num_rows FROM parquet_file_metadata(" +
                                   sql_list_of({file}) + ")"));
  return static_cast<std::uint64_t>(std::get<std::int64_t>(told.cells.at(0).at(0)));
}

Result<std::vector<TablePart>> parts_of(const std::vector<std::string>& files) {
  std::vector<TablePart> parts;
  TRY_ASSIGN(const auto query, DuckQuery::open({}));
  for (const std::string& file : files) {
    TRY_ASSIGN(const std::string table, table_of({file}));
    if (is_csv_table(table)) {
      parts.push_back({table, "", 0});
      continue;
    }
    TRY_ASSIGN(const std::uint64_t rows, rows_of(*query, file));
    for (std::uint64_t from = 0; from < rows || from == 0; from += kRowsOfPart) {
      const std::uint64_t here = std::min(kRowsOfPart, rows - from);
      const bool whole = here == rows;
      parts.push_back(
          {whole ? table : numbered_table_of(file),
           whole ? "" : fmt::format("file_row_number BETWEEN {} AND {}", from, from + here - 1),
           here});
    }
  }
  return parts;
}

boost::json::object input_of(const std::vector<std::string>& files) {
  boost::json::array list;
  for (const std::string& file : files) {
    std::error_code ignored;
    const auto written = fs::last_write_time(file, ignored);
    const auto time = std::chrono::file_clock::to_sys(written);
    list.push_back(boost::json::object{
        {"path", file},
        {"bytes", fs::file_size(file, ignored)},
        {"written", format_time(std::chrono::floor<std::chrono::milliseconds>(time))}});
  }
  return {{"files", std::move(list)}, {"rows_of_part", kRowsOfPart}};
}

Status score_part(BatchRun& run, const TablePart& part, const std::string& path) {
  QueryOptions options;
  options.threads = 1;
  options.memory_bytes = kReadingBytes;
  TRY_ASSIGN(const auto query, DuckQuery::open(options));
  TRY_ASSIGN(const auto file, run.open(path));
  ScoreRun rows(run.options(), *file);
  TRY(read_table(
      *query, part.table, part.where, run.model(),
      [&](ScoredRow row, std::span<const double> features, double days) -> Result<bool> {
        TRY(rows.add(std::move(row), features, days));
        return true;
      }));
  TRY(rows.flush());
  return run.finish(*file);
}

Result<Json> score_table_parts(const OperationContext& context, std::shared_ptr<const Model> model,
                               const BatchRequest& request) {
  TRY_ASSIGN(const std::string folder, folder_for(request.out, *model));
  TRY(check_input(folder, input_of(request.files)));
  TRY_ASSIGN(const std::vector<TablePart> parts, parts_of(request.files));
  struct Task {
    const TablePart* part;
    std::string path;
  };
  std::vector<Task> tasks;
  std::uint64_t rows = 0;
  for (std::size_t i = request.part.index; i < parts.size(); i += request.part.count) {
    rows += parts[i].rows;
    tasks.push_back(
        {&parts[i], fmt::format("{}/part-{:05}-of-{:05}.parquet", folder, i + 1, parts.size())});
  }
  BatchRun run(context, std::move(model), rows);
  std::erase_if(tasks, [&](const Task& task) {
    std::error_code ignored;
    if (!fs::exists(task.path, ignored)) return false;
    run.found_parts(1, task.part->rows);
    return true;
  });
  std::atomic<std::size_t> next = 0;
  on_threads(run.threads(), [&] {
    for (std::size_t i = next++; i < tasks.size() && !run.stopped(); i = next++) {
      if (const Status done = score_part(run, *tasks[i].part, tasks[i].path); !done)
        run.fail_with(done.error());
    }
  });
  return run.answer(folder);
}

// ---- Customers

struct CustomerPart {
  std::size_t number = 0;
  std::vector<std::pair<std::string, std::string>> states;  // id and its state, by id
};

// Parts on their way from the one who reads the states to those who score them: few, because each
// is large.
class PartQueue {
 public:
  explicit PartQueue(std::size_t places) : places_(places) {}

  void push(CustomerPart part) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return parts_.size() < places_; });
    parts_.push_back(std::move(part));
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  // nullopt: there will be no more.
  std::optional<CustomerPart> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !parts_.empty(); });
    if (parts_.empty()) return std::nullopt;
    CustomerPart part = std::move(parts_.front());
    parts_.pop_front();
    changed_.notify_all();
    return part;
  }

 private:
  const std::size_t places_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<CustomerPart> parts_;
  bool closed_ = false;
};

// Of one runner: where its parts are, and after which customer it goes on.
struct CustomerParts {
  std::string prefix;
  std::size_t found = 0;
  std::uint64_t found_rows = 0;
  std::string after;  // the last customer of the parts that are there; empty: none

  [[nodiscard]] std::string path(std::size_t number) const {
    return fmt::format("{}-{:05}.parquet", prefix, number);
  }
};

// The parts that are there without a gap: those behind one were made beside it, and come anew.
Result<CustomerParts> find_parts(const std::string& folder, const ScorePart& part) {
  CustomerParts parts;
  parts.prefix = fmt::format("{}/part-{}-of-{}", folder, part.index + 1, part.count);
  std::error_code ignored;
  while (fs::exists(parts.path(parts.found + 1), ignored)) ++parts.found;
  if (parts.found == 0) return parts;
  TRY_ASSIGN(const auto query, DuckQuery::open({}));
  for (std::size_t i = 1; i <= parts.found; ++i) {
    TRY_ASSIGN(const QueryRows told,
               query_rows(*query, "SELECT count(*), max(customer_id) FROM read_parquet(" +
                                      sql_list_of({parts.path(i)}) + ")"));
    parts.found_rows += static_cast<std::uint64_t>(std::get<std::int64_t>(told.cells[0][0]));
    if (const auto* last = std::get_if<std::string>(&told.cells[0][1])) parts.after = *last;
  }
  return parts;
}

Status score_part(BatchRun& run, const Pack& pack, const CustomerPart& part,
                  const std::string& path) {
  TRY_ASSIGN(const auto file, run.open(path));
  ScoreRun rows(run.options(), *file);
  for (const auto& [id, bytes] : part.states) {
    TRY_ASSIGN(const CustomerState state, CustomerState::decode(pack, bytes));
    TRY(add_customer(pack, CustomerId(id), state, run.now(), rows));
  }
  TRY(rows.flush());
  return run.finish(*file);
}

// Reads the states of the runner's customers into the queue.
Status read_states(Engine& engine, const BatchRun& run, const ScorePart& wanted,
                   const CustomerParts& parts, PartQueue& queue) {
  CustomerPart part;
  part.number = parts.found + 1;
  TRY(engine.served_state().scan(Family::customers, parts.after, "",
                                 [&](std::string_view id, std::string_view state) {
                                   if (id == parts.after || !wanted.holds(std::string(id), 0))
                                     return !run.stopped();
                                   part.states.emplace_back(id, state);
                                   if (part.states.size() < kCustomersOfPart) return true;
                                   const std::size_t number = part.number;
                                   queue.push(std::exchange(part, {}));
                                   part.number = number + 1;
                                   return !run.stopped();
                                 }));
  if (!part.states.empty()) queue.push(std::move(part));
  return {};
}

Result<Json> score_customer_parts(const OperationContext& context,
                                  std::shared_ptr<const Model> model,
                                  const BatchRequest& request) {
  Engine& engine = context.engine;
  if (!engine.as_of()) TRY(engine.processor().wait_idle(std::chrono::minutes(10)));
  TRY_ASSIGN(const std::string folder, folder_for(request.out, *model));
  TRY(check_input(folder, {{"customers_of", engine.folder().path()},
                           {"runners", request.part.count},
                           {"customers_of_part", kCustomersOfPart}}));
  TRY_ASSIGN(const CustomerParts parts, find_parts(folder, request.part));
  BatchRun run(context, std::move(model), 0);
  run.found_parts(parts.found, parts.found_rows);
  PartQueue queue(1);
  std::thread reader([&] {
    if (const Status read = read_states(engine, run, request.part, parts, queue); !read)
      run.fail_with(read.error());
    queue.close();
  });
  on_threads(run.threads(), [&] {
    // Goes on taking after an error, so that the reader does not wait for ever.
    while (const auto part = queue.pop()) {
      if (run.stopped()) continue;
      if (const Status done = score_part(run, engine.pack(), *part, parts.path(part->number));
          !done)
        run.fail_with(done.error());
    }
  });
  reader.join();
  return run.answer(folder);
}

}  // namespace

bool is_score_folder(const std::string& out) { return fs::path(out).extension().empty(); }

Result<Json> score_in_parts(const OperationContext& context, std::shared_ptr<const Model> model,
                            const BatchRequest& request) {
  return request.files.empty() ? score_customer_parts(context, std::move(model), request)
                               : score_table_parts(context, std::move(model), request);
}

}  // namespace tideline
