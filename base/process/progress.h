#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace dovetail {

/// Asked now and then in long work; false means: stop as soon as possible.
using KeepGoing = std::function<bool()>;

enum class ProgressMode { kAuto, kQuiet };

/// Shows how far long work is, on stderr: a line that rewrites itself on a terminal (at most ten
/// times a second), a plain line every few seconds in a log, nothing when quiet.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// `now` tells the time; tests pass a clock of their own.
  Progress(std::string what, std::uint64_t total, ProgressMode mode = ProgressMode::kAuto,
           std::function<Clock::time_point()> now = Clock::now);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// So much was done before, by a process that was stopped: the pace is that of the rest.
  void go_on_from(std::uint64_t done);
  /// `note` is appended ("best 75.3 %, 0.61 ms"). `at_once`: shown now, however soon after the
  /// last.
  void update(std::uint64_t done, const std::string& note = "", bool at_once = false);
  /// Last line with the totals; called by the destructor if not before.
  void finish();

 private:
  void print(bool last);
  std::function<Clock::time_point()> now_;
  std::string what_;
  std::string note_;
  std::uint64_t total_ = 0, done_ = 0, done_before_ = 0;
  bool enabled_ = true, terminal_ = false, finished_ = false;
  Clock::time_point start_, last_print_;
};

/// Installs a handler that turns the first SIGINT or SIGTERM into stop_requested(), if that has
/// been asked before: work that never asks could not stop. Else, and at a second one, the process
/// ends at once.
void install_stop_handler();
bool stop_requested();
/// Lets stop_requested() say yes for another reason than a signal, which stopped_text() says.
void request_stop(const std::string& reason);
/// How messages begin of what was stopped: "stopped", or "stopped: " and the reason.
std::string stopped_text();

}  // namespace dovetail
