#include "app/terminal.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace tideline {
namespace {

volatile std::sig_atomic_t stop_signals = 0;
volatile std::sig_atomic_t hung_up = 0;

// Whoever asks twice does not want to wait: what is acknowledged is on disk, as after a crash.
void on_signal(int) {
  if (stop_signals > 0) ::_exit(static_cast<int>(ExitCode::interrupted));
  stop_signals = stop_signals + 1;
}

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kPlainLine = std::chrono::seconds(5);

}  // namespace

ExitCode exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable:
    case ErrorCode::overloaded:
    case ErrorCode::timeout: return ExitCode::unreachable;
    case ErrorCode::refused: return ExitCode::refused;
    case ErrorCode::cancelled: return ExitCode::interrupted;
    case ErrorCode::invalid:
      return error.reason == "usage" || error.reason == "bad_argument" ||
                     error.reason == "pack_missing"
                 ? ExitCode::usage
                 : ExitCode::failure;
    default: return ExitCode::failure;
  }
}

int report(const Error& error) {
  std::fprintf(stderr, "tideline: %s\n", error.message.c_str());
  return static_cast<int>(exit_code_of(error));
}

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  if (drawn_ && terminal_) std::fprintf(stderr, "\r\033[K");
}

bool ProgressLine::show(const OperationProgress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (progress.step != step_) {
    step_ = progress.step;
    step_begun_ = now;
  } else if (now - last_ < (terminal_ ? std::chrono::steady_clock::duration(kRedraw)
                                      : std::chrono::steady_clock::duration(kPlainLine))) {
    return !interrupted();
  }
  last_ = now;
  std::string line = progress.step;
  if (progress.share >= 0) {
    line += " " + std::to_string(static_cast<int>(progress.share * 100)) + " %";
    const double spent = std::chrono::duration<double>(now - step_begun_).count();
    if (progress.share > 0.02 && progress.share < 1 && spent > 1) {
      line += ", " +
              std::to_string(static_cast<int>(spent * (1 - progress.share) / progress.share + 1)) +
              " s left";
    }
  }
  if (!progress.detail.empty()) line += "  " + progress.detail;
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
  return !interrupted();
}

void watch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() { return stop_signals > 0; }

void forget_interrupts() { stop_signals = 0; }
void watch_hangups() {
  struct sigaction action = {};
  action.sa_handler = [](int) { hung_up = 1; };
  action.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &action, nullptr);
}

bool take_hangup() {
  if (hung_up == 0) return false;
  hung_up = 0;
  return true;
}

}  // namespace tideline
