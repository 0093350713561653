#include "app/line_editor.h"

#include <histedit.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace tideline {
namespace {

constexpr int kHistoryMax = 2'000;

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

}  // namespace

struct LineEditor::Impl {
  static Impl& of(EditLine* line) {
    void* impl = nullptr;
    ::el_get(line, EL_CLIENTDATA, &impl);
    return *static_cast<Impl*>(impl);
  }
  static char* prompt_of(EditLine* line) { return of(line).prompt.data(); }
  static unsigned char cancel(EditLine* line, int) {
    of(line).cancelled = true;
    return CC_NEWLINE;
  }
  static unsigned char complete_word(EditLine* line, int) { return of(line).complete_here(); }

  // Inserts what all candidates have in common; lists them where that is nothing.
  unsigned char complete_here() {
    const LineInfo* typed = ::el_line(editor);
    const char* begin = typed->cursor;
    while (begin > typed->buffer && in_word(begin[-1])) --begin;
    const std::string begun(begin, typed->cursor);
    const std::vector<std::string> words = complete ? complete(begun) : std::vector<std::string>();
    if (begun.empty() || words.empty()) return CC_ERROR;
    std::string common = words.front();
    for (const std::string& word : words) {
      common.resize(std::min(common.size(), word.size()));
      while (word.compare(0, common.size(), common) != 0) common.pop_back();
    }
    if (common.size() > begun.size()) {
      ::el_deletestr(editor, static_cast<int>(begun.size()));
      ::el_insertstr(editor, (common + (words.size() == 1 ? " " : "")).c_str());
      return CC_REFRESH;
    }
    if (words.size() == 1) return CC_NORM;
    std::string list = "\n";
    for (const std::string& word : words) list += word + "  ";
    std::fprintf(stdout, "%s\n", list.c_str());
    return CC_REDISPLAY;
  }

  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string file;
  std::string prompt;
  Complete complete;
  bool cancelled = false;
};

LineEditor::LineEditor(const std::string& history_file, Complete complete)
    : impl_(std::make_unique<Impl>()) {
  impl_->file = history_file;
  impl_->complete = std::move(complete);
  impl_->editor = ::el_init("tideline", stdin, stdout, stderr);
  impl_->history = ::history_init();
  EditLine* editor = impl_->editor;
  HistEvent event;
  ::history(impl_->history, &event, H_SETSIZE, kHistoryMax);
  ::history(impl_->history, &event, H_SETUNIQUE, 1);
  if (!history_file.empty()) ::history(impl_->history, &event, H_LOAD, history_file.c_str());
  ::el_set(editor, EL_CLIENTDATA, impl_.get());
  ::el_set(editor, EL_PROMPT, &Impl::prompt_of);
  ::el_set(editor, EL_EDITOR, "emacs");
  ::el_set(editor, EL_HIST, ::history, impl_->history);
  ::el_set(editor, EL_ADDFN, "tideline-cancel", "Give the statement up", &Impl::cancel);
  ::el_set(editor, EL_ADDFN, "tideline-complete", "Complete the word", &Impl::complete_word);
  // While a line is typed Ctrl-C is a key; a query that runs gets it as a signal.
  ::el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
  ::el_set(editor, EL_BIND, "^C", "tideline-cancel", nullptr);
  ::el_set(editor, EL_BIND, "^I", "tideline-complete", nullptr);
  ::el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  ::el_source(editor, nullptr);
}

LineEditor::~LineEditor() {
  ::history_end(impl_->history);
  ::el_end(impl_->editor);
}

std::optional<LineEditor::Line> LineEditor::read(const std::string& prompt) {
  impl_->prompt = prompt;
  impl_->cancelled = false;
  int length = 0;
  const char* typed = ::el_gets(impl_->editor, &length);
  if (typed == nullptr || length <= 0) return std::nullopt;
  Line line{std::string(typed, static_cast<std::size_t>(length)), impl_->cancelled};
  while (!line.text.empty() && (line.text.back() == '\n' || line.text.back() == '\r'))
    line.text.pop_back();
  return line;
}

void LineEditor::remember(const std::string& statement) {
  std::string one_line = statement;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  if (one_line.find_first_not_of(' ') == std::string::npos) return;
  HistEvent event;
  ::history(impl_->history, &event, H_ENTER, one_line.c_str());
  if (impl_->file.empty()) return;
  ::history(impl_->history, &event, H_SAVE, impl_->file.c_str());
  ::chmod(impl_->file.c_str(), 0600);  // queries may hold people's names
}

}  // namespace tideline
