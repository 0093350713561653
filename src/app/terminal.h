// What people see on stderr: progress that redraws itself on a terminal, plain lines elsewhere,
// and errors.
#pragma once

#include <chrono>
#include <string>

#include "app/operations.h"
#include "base/result.h"

namespace tideline {

// Exit codes of contract 2.
enum class ExitCode : int {
  ok = 0,
  failure = 1,
  usage = 2,
  partly_done = 3,  // any dead letter
  unreachable = 4,  // not reachable or not ready
  refused = 5,
  interrupted = 130,
};
// The one place that maps an error to an exit code.
[[nodiscard]] ExitCode exit_code_of(const Error& error);

// Prints "tideline: message" (and what the code asks for) and answers its exit code.
[[nodiscard]] int report(const Error& error);

// Progress with share, rate of change and time left; at most 10 redraws a second.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // ends the line
  // False after SIGINT.
  bool show(const OperationProgress& progress);

 private:
  bool terminal_;
  bool drawn_ = false;
  std::string step_;
  std::chrono::steady_clock::time_point step_begun_;
  std::chrono::steady_clock::time_point last_;
};

// Set by the first SIGINT or SIGTERM; commands look at it between pieces of work. A second one
// ends the process at once.
void watch_interrupts();
[[nodiscard]] bool interrupted();
// What was pressed so far has been dealt with: for a shell, which goes on.
void forget_interrupts();

// From then on SIGHUP does not end the process; take_hangup() says once that one came.
void watch_hangups();
[[nodiscard]] bool take_hangup();

}  // namespace tideline
