#include "app/sql_shell.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>

#include "app/box_format.h"
#include "app/interrupt_watch.h"
#include "app/line_editor.h"

namespace tideline {
namespace {

constexpr auto kFreshFor = std::chrono::seconds(10);
constexpr const char* kKeywords[] = {
    "SELECT",   "FROM",      "WHERE",    "GROUP BY", "ORDER BY", "HAVING", "LIMIT", "JOIN",
    "LEFT",     "USING",     "DISTINCT", "COUNT",    "SUM",      "AVG",    "MIN",   "MAX",
    "DESCRIBE", "SUMMARIZE", "EXPLAIN",  "INTERVAL", "BETWEEN",  "CASE",   "WHEN",  "THEN",
    "ELSE",     "END",       "CAST",     "WITH",     "UNION ALL"};
constexpr const char* kHelp =
    "  SELECT ...;            run a statement; it may take several lines\n"
    "  .tables                the views of the lake\n"
    "  .schema [VIEW]         their columns and types\n"
    "  .mode table|csv|json|line\n"
    "  .timer on|off          say how long statements take\n"
    "  .refresh               bring the lake up to date now (else every 10 s)\n"
    "  .help                  this\n"
    "  .quit                  or Ctrl-D\n"
    "Tab completes names, Ctrl-R searches the history, Ctrl-C ends a query.\n";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::size_t terminal_width() {
  winsize size = {};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::string history_file() {
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.tideline_sql_history" : "";
}

Status print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
  return fail(ErrorCode::io_failed, "cannot write the result");
}

class Shell {
 public:
  Shell(const FolderFlags& folder, const ShellOptions& options)
      : folder_(folder), stale_(options.stale), mode_(options.mode) {}

  // The views as they are now; false: it said why not.
  bool refresh() {
    auto refreshed = [&]() -> Status {
      TRY_ASSIGN(const auto session, Session::open(folder_));
      TRY_ASSIGN(const Json files, session->run("files", {{"stale", stale_}}));
      views_ = views_in(files);
      refreshed_ = std::chrono::steady_clock::now();
      if (query_) return query_->add_views(views_);
      QueryOptions options;
      options.views = views_;
      options.temp_folder = std::string(files.as_object().at("scratch").as_string());
      std::error_code ignored;
      std::filesystem::create_directories(options.temp_folder, ignored);
      TRY_ASSIGN(query_, DuckQuery::open(std::move(options)));
      return {};
    }();
    if (!refreshed) code_ = report(refreshed.error());
    return refreshed.has_value();
  }

  // A whole statement or a line with a dot; false: leave.
  bool take(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n;");
    if (first == text.npos) return true;
    if (text[first] == '.') return take_dot(text.substr(first));
    run(text.substr(first));
    return true;
  }

  [[nodiscard]] std::vector<std::string> complete(const std::string& begun) const {
    std::set<std::string> words;
    const auto add = [&](const std::string& word) {
      if (lower(word).starts_with(lower(begun))) words.insert(word);
    };
    for (const LakeView& view : views_) {
      add(view.name);
      for (const TableColumn& column : view.columns) add(column.name);
    }
    for (const char* word : kKeywords) add(word);
    for (const char* word : {".tables", ".schema", ".mode", ".timer", ".refresh", ".help"})
      add(word);
    return {words.begin(), words.end()};
  }

  [[nodiscard]] int code() const { return code_; }

 private:
  [[nodiscard]] std::unique_ptr<ResultSink> sink() const {
    switch (mode_) {
      case ShellMode::csv: return csv_format(print);
      case ShellMode::json: return json_format(print);
      case ShellMode::line: return line_format(print);
      case ShellMode::table: break;
    }
    return box_format(print, {terminal_width(), 1'000});
  }

  void run(const std::string& sql) {
    const bool is_old = std::chrono::steady_clock::now() - refreshed_ > kFreshFor;
    if (!stale_ && is_old && OwnedFolder::is_owned(folder_.data) && !refresh()) return;
    const auto begun = std::chrono::steady_clock::now();
    auto done = run_once(sql);
    // The server merged or replaced files since they were looked up.
    if (!done && done.error().code == ErrorCode::io_failed && refresh()) done = run_once(sql);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::fflush(stdout);
    if (!done) code_ = report(done.error());
    if (timer_) std::fprintf(stderr, "%.3f s\n", took.count());
  }

  Status run_once(const std::string& sql) {
    const InterruptWatch watch([&] { query_->interrupt(); });
    return query_->run(sql, *sink());
  }

  bool take_dot(const std::string& line) {
    const auto space = line.find_first_of(" \t");
    const std::string word = line.substr(0, space);
    std::string rest = space == line.npos ? "" : line.substr(line.find_first_not_of(" \t", space));
    while (!rest.empty() && (std::isspace(static_cast<unsigned char>(rest.back())) != 0))
      rest.pop_back();
    if (word == ".quit" || word == ".exit") return false;
    if (word == ".help") {
      std::fputs(kHelp, stdout);
    } else if (word == ".tables") {
      for (const LakeView& view : views_) std::printf("%s\n", view.name.c_str());
    } else if (word == ".schema") {
      print_schema(rest);
    } else if (word == ".mode") {
      set_mode(rest);
    } else if (word == ".timer" && (rest == "on" || rest == "off")) {
      timer_ = rest == "on";
    } else if (word == ".refresh") {
      static_cast<void>(refresh());
    } else {
      complain("no such command: " + line + "; .help lists them");
    }
    return true;
  }

  void print_schema(const std::string& name) {
    bool found = false;
    for (const LakeView& view : views_) {
      if (!name.empty() && view.name != lower(name)) continue;
      found = true;
      std::printf("%s (%zu files)\n", view.name.c_str(), view.files.size());
      for (const TableColumn& column : view.columns)
        std::printf("  %-28s %s\n", column.name.c_str(), column.type.c_str());
    }
    if (!found) complain("there is no view " + name);
  }

  void set_mode(const std::string& name) {
    constexpr std::pair<const char*, ShellMode> kModes[] = {{"table", ShellMode::table},
                                                            {"csv", ShellMode::csv},
                                                            {"json", ShellMode::json},
                                                            {"line", ShellMode::line}};
    for (const auto& [known, mode] : kModes) {
      if (name != known) continue;
      mode_ = mode;
      return;
    }
    complain(".mode takes table, csv, json or line");
  }

  void complain(const std::string& what) {
    std::fprintf(stderr, "tideline: %s\n", what.c_str());
    code_ = static_cast<int>(ExitCode::usage);
  }

  FolderFlags folder_;
  bool stale_;
  ShellMode mode_;
  bool timer_ = false;
  std::vector<LakeView> views_;
  std::unique_ptr<DuckQuery> query_;
  std::chrono::steady_clock::time_point refreshed_;
  int code_ = 0;
};

bool is_dot_line(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  return first != text.npos && text[first] == '.';
}

// Everything that is whole in `text`; false: leave.
bool take_whole(Shell& shell, std::string& text, bool stop_at_failure,
                const std::function<void(const std::string&)>& note) {
  for (;;) {
    const auto end = is_dot_line(text) ? std::optional(text.size()) : statement_end(text);
    if (!end) return true;
    const std::string statement = text.substr(0, *end);
    text.erase(0, *end);
    note(statement);
    if (!shell.take(statement)) return false;
    if (stop_at_failure && shell.code() != 0) return false;
    if (text.find_first_not_of(" \t\r\n") == text.npos) text.clear();
    if (text.empty()) return true;
  }
}

int run_piped(Shell& shell) {
  std::string text;
  const auto quiet = [](const std::string&) {};
  for (std::string line; std::getline(std::cin, line) && !interrupted();) {
    text += (text.empty() ? "" : "\n") + line;
    if (!take_whole(shell, text, true, quiet)) return shell.code();
  }
  if (interrupted()) return static_cast<int>(ExitCode::interrupted);
  static_cast<void>(shell.take(text));  // the last one may lack its semicolon
  return shell.code();
}

int run_at_terminal(Shell& shell) {
  std::printf("Statements end with a semicolon; .help lists what else there is.\n");
  LineEditor editor(history_file(),
                    [&](const std::string& begun) { return shell.complete(begun); });
  const auto note = [&](const std::string& statement) { editor.remember(statement); };
  std::string text;
  for (;;) {
    const auto line = editor.read(text.empty() ? "tideline> " : "     ...> ");
    if (!line) break;
    if (line->cancelled) {
      text.clear();
      std::printf("^C\n");
      continue;
    }
    text += (text.empty() ? "" : "\n") + line->text;
    if (!take_whole(shell, text, false, note)) break;
    forget_interrupts();
  }
  std::printf("\n");
  return 0;
}

// Past a text in `quote`s that begins at `at`, a doubled one being part of it; npos: it goes on.
std::size_t past_quoted(std::string_view text, std::size_t at, char quote) {
  for (++at; at < text.size(); ++at) {
    if (text[at] != quote) continue;
    if (at + 1 == text.size() || text[at + 1] != quote) return at + 1;
    ++at;
  }
  return text.npos;
}

// Past $tag$ ... $tag$; `at` itself where none begins there.
std::size_t past_dollars(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
    ++end;
  }
  if (end == text.size() || text[end] != '$') return at;
  if (end > at + 1 && std::isdigit(static_cast<unsigned char>(text[at + 1])) != 0) return at;
  const std::string_view tag = text.substr(at, end - at + 1);
  const std::size_t close = text.find(tag, end + 1);
  return close == text.npos ? close : close + tag.size();
}

// Past /* ... */, which may hold others.
std::size_t past_comment(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at + 1 < text.size(); ++at) {
    if (text.substr(at, 2) == "/*") {
      ++depth;
      ++at;
    } else if (text.substr(at, 2) == "*/") {
      ++at;
      if (--depth == 0) return at + 1;
    }
  }
  return text.npos;
}

}  // namespace

std::optional<std::size_t> statement_end(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    std::size_t next = at + 1;
    if (c == ';') return next;
    if (c == '\'' || c == '"') next = past_quoted(text, at, c);
    if (c == '$') next = std::max(past_dollars(text, at), at + 1);
    if (text.substr(at, 2) == "--") next = text.find('\n', at);
    if (text.substr(at, 2) == "/*") next = past_comment(text, at);
    if (next == text.npos) return std::nullopt;
    at = next;
  }
  return std::nullopt;
}

std::vector<LakeView> views_in(const Json& result) {
  std::vector<LakeView> views;
  for (const Json& entry : result.as_object().at("views").as_array()) {
    LakeView view;
    view.name = std::string(entry.as_object().at("name").as_string());
    for (const Json& column : entry.as_object().at("columns").as_array()) {
      view.columns.push_back({std::string(column.as_object().at("name").as_string()),
                              std::string(column.as_object().at("type").as_string())});
    }
    for (const Json& file : entry.as_object().at("files").as_array())
      view.files.emplace_back(file.as_string());
    views.push_back(std::move(view));
  }
  return views;
}

int run_sql_shell(const FolderFlags& folder, const ShellOptions& options) {
  Shell shell(folder, options);
  if (!shell.refresh()) return shell.code();
  return ::isatty(STDIN_FILENO) != 0 ? run_at_terminal(shell) : run_piped(shell);
}

}  // namespace tideline
