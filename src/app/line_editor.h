// LineEditor: a line typed at the terminal, with history, editing keys and completion (libedit).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tideline {

class LineEditor {
 public:
  // Words that begin with a text, for the Tab key.
  using Complete = std::function<std::vector<std::string>(const std::string& begun)>;

  // History is read from `history_file` and written there line by line; empty: it is kept for now
  // only.
  LineEditor(const std::string& history_file, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  struct Line {
    std::string text;
    bool cancelled = false;  // Ctrl-C was pressed: the text is not meant
  };
  // nullopt at the end of input (Ctrl-D on an empty line).
  [[nodiscard]] std::optional<Line> read(const std::string& prompt);
  // Keeps a statement, several lines as one.
  void remember(const std::string& statement);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline
