#include "base/process/child_processes.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "base/files/descriptor.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 100;
constexpr auto kGrace = std::chrono::seconds(2);  // between SIGTERM and SIGKILL

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw RunError(fmt::format("cannot start a program: {}", std::strerror(errno)));
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// What a program writes to one of its outputs; only the end is kept.
class Output {
 public:
  explicit Output(Descriptor end) : end_(std::move(end)) {
    ::fcntl(end_.get(), F_SETFL, O_NONBLOCK);
  }
  int descriptor() const { return end_.get(); }
  bool open() const { return end_.open(); }

  /// Takes what is there now, though not for ever from a program that never pauses.
  void read() {
    char buffer[16384];
    for (int pieces = 0; end_.open() && pieces < 64; ++pieces) {
      const ssize_t got = ::read(end_.get(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (got <= 0) {
        end_.close();
        return;
      }
      text_.append(buffer, static_cast<std::size_t>(got));
      if (text_.size() > 2 * ChildEnd::kKeptBytes) trim();
    }
  }
  std::string take() {
    trim();
    return std::move(text_);
  }

 private:
  void trim() {
    if (text_.size() > ChildEnd::kKeptBytes) {
      text_.erase(0, text_.size() - ChildEnd::kKeptBytes);
    }
  }
  Descriptor end_;
  std::string text_;
};

/// In the child: becomes the program, or writes errno to `failure`. Only calls that are safe after
/// a fork.
[[noreturn]] void become(char* const* words, const char* folder, pid_t parent, int null, int out,
                         int err, int failure) {
  ::setpgid(0, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it died before the line above
  const bool ready = ::dup2(null, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 &&
                     ::dup2(err, STDERR_FILENO) >= 0 && (folder[0] == '\0' || ::chdir(folder) == 0);
  if (ready) ::execvp(words[0], words);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &error, sizeof error);
  ::_exit(127);
}

/// A running program.
class Child {
 public:
  Child(std::uint64_t task, const ChildCommand& command)
      : task_(task), timeout_s_(command.timeout_s), started_(Clock::now()) {
    Pipe out = make_pipe(), err = make_pipe(), failure = make_pipe();
    const Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    std::vector<std::string> words = command.words;
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const std::string folder = command.folder.string();
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
      become(pointers.data(), folder.c_str(), parent, null.get(), out.write.get(), err.write.get(),
             failure.write.get());
    }
    int error = pid_ < 0 ? errno : 0;
    failure.write.close();
    if (pid_ > 0) {
      ::setpgid(pid_, pid_);  // whichever of the two processes is first
      while (::read(failure.read.get(), &error, sizeof error) < 0 && errno == EINTR) {
      }
      if (error != 0) reap();
    }
    if (error != 0) {
      throw RunError(fmt::format("cannot run '{}' in {}: {}", command.words.front(),
                                 folder.empty() ? "." : folder, std::strerror(error)));
    }
    out_.emplace(std::move(out.read));
    err_.emplace(std::move(err.read));
  }
  ~Child() {
    if (pid_ <= 0) return;
    signal_group(SIGKILL);
    reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::uint64_t task() const { return task_; }

  void poll_for(std::vector<pollfd>& polled) const {
    for (const Output* output : {&*out_, &*err_}) {
      if (output->open()) polled.push_back({output->descriptor(), POLLIN, 0});
    }
  }

  /// Reads, ends it if it is late, and tells how it ended if it has.
  std::optional<ChildEnd> advance() {
    read();
    const auto now = Clock::now();
    if (timeout_s_ > 0 && now - started_ > std::chrono::duration<double>(timeout_s_)) {
      timed_out_ = true;
      end_group();
    }
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0) {
      return std::nullopt;
    }
    signal_group(SIGKILL);  // whatever it has left behind
    read();
    const int status = reap();
    ChildEnd end;
    end.kind = timed_out_            ? ChildEnd::Kind::kTimedOut
               : WIFSIGNALED(status) ? ChildEnd::Kind::kSignalled
                                     : ChildEnd::Kind::kExited;
    end.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    end.timeout_s = timeout_s_;
    end.out = out_->take();
    end.err = err_->take();
    return end;
  }

  /// SIGTERM the first time, SIGKILL when it has had its grace.
  void end_group() {
    const auto now = Clock::now();
    if (!ending_since_) {
      ending_since_ = now;
      signal_group(SIGTERM);
    } else if (now - *ending_since_ > kGrace) {
      signal_group(SIGKILL);
    }
  }

 private:
  void read() {
    out_->read();
    err_->read();
  }
  void signal_group(int signal) const { ::kill(-pid_, signal); }
  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  std::uint64_t task_;
  double timeout_s_;
  Clock::time_point started_;
  std::optional<Clock::time_point> ending_since_;
  bool timed_out_ = false;
  pid_t pid_ = -1;
  std::optional<Output> out_, err_;
};

/// The programs that run, each in its slot.
using Slots = std::vector<std::unique_ptr<Child>>;

bool all_free(const Slots& slots) {
  return std::none_of(slots.begin(), slots.end(),
                      [](const auto& child) { return child != nullptr; });
}

void wait_a_moment(const Slots& slots) {
  std::vector<pollfd> polled;
  for (const auto& child : slots) {
    if (child) child->poll_for(polled);
  }
  ::poll(polled.data(), polled.size(), kPollMilliseconds);  // a signal only makes it shorter
}

/// Ends what runs, and waits for the end.
void stop_all(Slots& slots) {
  while (!all_free(slots)) {
    for (auto& child : slots) {
      if (!child) continue;
      child->end_group();
      if (child->advance()) child.reset();
    }
    if (!all_free(slots)) wait_a_moment(slots);
  }
}

}  // namespace

std::string ChildEnd::describe() const {
  switch (kind) {
    case Kind::kExited:
      return fmt::format("exit status {}", code);
    case Kind::kSignalled:
      return fmt::format("ended by signal {} ({})", code, ::strsignal(code));
    case Kind::kTimedOut:
      return fmt::format("no end within {} s", format_number(timeout_s));
  }
  return "unknown";
}

void run_children(std::uint64_t tasks, int parallel,
                  const std::function<ChildCommand(std::uint64_t, int)>& start,
                  const std::function<bool(std::uint64_t, const ChildEnd&)>& ended,
                  const KeepGoing& keep_going) {
  if (parallel < 1) {
    throw InputError(fmt::format("programs at a time: found {}, allowed at least 1", parallel));
  }
  Slots slots(std::min<std::uint64_t>(tasks, static_cast<std::uint64_t>(parallel)));
  std::deque<std::uint64_t> again;
  std::uint64_t fresh = 0;
  for (bool more = true; more;) {
    if (keep_going && !keep_going()) return stop_all(slots);
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot] || (again.empty() && fresh == tasks)) continue;
      const std::uint64_t task = again.empty() ? fresh++ : again.front();
      if (!again.empty()) again.pop_front();
      slots[slot] = std::make_unique<Child>(task, start(task, static_cast<int>(slot)));
    }
    wait_a_moment(slots);
    for (auto& child : slots) {
      const auto end = child ? child->advance() : std::nullopt;
      if (!end) continue;
      const std::uint64_t task = child->task();
      child.reset();
      if (!ended(task, *end)) again.push_back(task);
    }
    more = !again.empty() || fresh < tasks || !all_free(slots);
  }
}

void require_program(const std::string& word, const std::filesystem::path& folder) {
  const auto runs = [](const std::filesystem::path& file) {
    std::error_code error;
    return std::filesystem::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
  };
  if (word.find('/') != std::string::npos) {
    if (runs(folder / word)) return;
    throw InputError(fmt::format("'{}' is no program that can be run (looked for {})", word,
                                 (folder / word).lexically_normal().string()));
  }
  const char* path = std::getenv("PATH");
  for (const std::string& place : split(path ? path : "/bin:/usr/bin", ':')) {
    if (!word.empty() && runs(std::filesystem::path(place.empty() ? "." : place) / word)) return;
  }
  throw InputError(fmt::format("'{}' is no program in PATH", word));
}

}  // namespace dovetail
