#include "base/process/progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/text/digits.h"

namespace dovetail {
namespace {

constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::milliseconds kLogInterval{5000};

std::string format_duration(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

bool stderr_is_terminal() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

volatile std::sig_atomic_t stop_flag = 0, stop_is_asked_for = 0;
std::string stop_reason;  // empty: a signal

extern "C" void on_stop_signal(int signal) {
  if (stop_flag != 0 || stop_is_asked_for == 0) _exit(128 + signal);
  stop_flag = 1;
}

}  // namespace

Progress::Progress(std::string what, std::uint64_t total, ProgressMode mode,
                   std::function<Clock::time_point()> now)
    : now_(std::move(now)),
      what_(std::move(what)),
      total_(total),
      enabled_(mode != ProgressMode::kQuiet),
      terminal_(stderr_is_terminal()),
      start_(now_()),
      last_print_(start_) {}

Progress::~Progress() {
  finish();
}

void Progress::go_on_from(std::uint64_t done) {
  done_ = done_before_ = done;
}

void Progress::update(std::uint64_t done, const std::string& note, bool at_once) {
  done_ = done;
  if (!enabled_ || finished_) return;
  note_ = note;
  const auto now = now_();
  if (!at_once && now - last_print_ < (terminal_ ? kTerminalInterval : kLogInterval)) return;
  last_print_ = now;
  print(false);
}

void Progress::finish() {
  if (!enabled_ || finished_) return;
  finished_ = true;
  print(true);
}

void Progress::print(bool last) {
  const double seconds = std::chrono::duration<double>(now_() - start_).count();
  const std::uint64_t done_now = done_ > done_before_ ? done_ - done_before_ : 0;
  const double rate = seconds > 0 ? static_cast<double>(done_now) / seconds : 0;
  std::string line = fmt::format("{}  {}", what_, done_);
  if (total_ > 0) {
    const double share = 100.0 * static_cast<double>(done_) / static_cast<double>(total_);
    line += fmt::format("/{} ({:.1f} %)", total_, share);
  }
  line += fmt::format("  {}/s", digits_text(rate, rate < 100 ? 1 : 0));
  if (last) {
    line += fmt::format("  in {}", format_duration(seconds));
  } else if (rate > 0 && total_ > done_) {
    const double left = static_cast<double>(total_ - done_) / rate;
    line += fmt::format("  {} left", format_duration(left));
  }
  if (!note_.empty()) line += "  " + note_;
  if (terminal_) {
    const std::size_t columns = terminal_columns() - 1;
    // Never cut a UTF-8 character in two.
    std::size_t end = line.size() > columns ? columns : line.size();
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    line.resize(end);
    line = "\r" + line + "\x1b[K";
  }
  if (last || !terminal_) line += "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

void install_stop_handler() {
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  ::sigemptyset(&action.sa_mask);
  // No SA_RESTART: waiting for something must end so that stop_requested() is looked at.
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() {
  stop_is_asked_for = 1;
  return stop_flag != 0;
}

void request_stop(const std::string& reason) {
  stop_reason = reason;
  stop_flag = 1;
}

std::string stopped_text() {
  return stop_reason.empty() ? "stopped" : "stopped: " + stop_reason;
}

}  // namespace dovetail
