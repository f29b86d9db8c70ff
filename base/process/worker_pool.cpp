#include "base/process/worker_pool.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <iostream>
#include <map>
#include <optional>
#include <vector>

#include "base/text/error.h"
#include "base/process/tasks.h"

namespace dovetail {
namespace {

using Work = std::function<std::string(std::uint64_t)>;
using TaskName = std::function<std::string(std::uint64_t)>;

constexpr std::uint64_t kNoTask = UINT64_MAX;
constexpr int kMaxLost = 3;          // workers that one task may cost
constexpr int kWindowPerWorker = 4;  // tasks under way or waiting to be delivered
constexpr int kPollMilliseconds = 200;

// What goes over the socket before `size` bytes.
struct AnswerHeader {
  AnswerKind kind;
  std::uint64_t size;
};

bool send_all(int fd, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(fd, at, size, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int fd, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::recv(fd, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

// The life of a worker: tasks in, answers out, until the socket closes.
[[noreturn]] void serve(int fd, const Work& work) {
  std::uint64_t task = 0;
  while (receive_all(fd, &task, sizeof task)) {
    const Answer answer = answer_of([&] { return work(task); });
    std::fflush(stdout);
    std::cout.flush();
    const AnswerHeader header{answer.kind, answer.bytes.size()};
    if (!send_all(fd, &header, sizeof header)) break;
    if (!send_all(fd, answer.bytes.data(), answer.bytes.size())) break;
  }
  ::_exit(0);  // not exit(): destructors and buffers here are copies of the parent's
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return fmt::format("was ended by signal {} ({})", signal, ::strsignal(signal));
  }
  return fmt::format("exited with status {}", WEXITSTATUS(status));
}

class Pool {
 public:
  Pool(std::uint64_t tasks, int workers, const Work& work, const TaskName& name_of)
      : end_(tasks),
        window_(static_cast<std::uint64_t>(workers) * kWindowPerWorker),
        work_(work),
        name_of_(name_of) {
    const auto count = std::min<std::uint64_t>(tasks, static_cast<std::uint64_t>(workers));
    workers_.resize(count);
    try {
      for (Worker& worker : workers_) start(worker);
    } catch (...) {
      stop_all();
      throw;
    }
  }
  ~Pool() { stop_all(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // The answer of task `next`, or nothing if none came for a moment.
  std::optional<Answer> wait_for(std::uint64_t next) {
    if (const auto found = waiting_.find(next); found != waiting_.end()) return take(found);
    for (Worker& worker : workers_) {
      if (worker.task == kNoTask) hand_out(worker, next);
    }
    std::vector<pollfd> polled;
    for (const Worker& worker : workers_) polled.push_back({worker.fd, POLLIN, 0});
    if (::poll(polled.data(), polled.size(), kPollMilliseconds) < 0) {
      if (errno == EINTR) return std::nullopt;
      throw RunError(fmt::format("waiting for workers: {}", std::strerror(errno)));
    }
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents != 0) receive(workers_[i]);
    }
    const auto found = waiting_.find(next);
    return found == waiting_.end() ? std::nullopt : std::optional(take(found));
  }

 private:
  struct Worker {
    pid_t pid = -1;
    int fd = -1;
    std::uint64_t task = kNoTask;
  };

  Answer take(std::map<std::uint64_t, Answer>::iterator at) {
    Answer answer = std::move(at->second);
    waiting_.erase(at);
    return answer;
  }

  void start(Worker& worker) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw RunError(fmt::format("cannot start a worker: {}", std::strerror(errno)));
    }
    // What is buffered now would be printed by both processes.
    std::fflush(nullptr);
    std::cout.flush();
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
      // Ctrl-C reaches the whole group: the parent decides what it means.
      ::signal(SIGINT, SIG_IGN);
      ::signal(SIGTERM, SIG_DFL);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);  // it died before the line above
      for (const Worker& other : workers_) {
        if (other.fd >= 0) ::close(other.fd);
      }
      ::close(ends[0]);
      serve(ends[1], work_);
    }
    const int error = errno;
    ::close(ends[1]);
    if (pid < 0) {
      ::close(ends[0]);
      throw RunError(fmt::format("cannot start a worker: {}", std::strerror(error)));
    }
    worker = {pid, ends[0], kNoTask};
  }

  // Ends a worker and returns its status; one that is ending by itself keeps its own.
  static int stop(Worker& worker) {
    int status = 0;
    if (worker.pid > 0) {
      ::kill(worker.pid, SIGKILL);
      while (::waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
      }
    }
    if (worker.fd >= 0) ::close(worker.fd);
    worker = {};
    return status;
  }

  void stop_all() {
    for (Worker& worker : workers_) stop(worker);
  }

  void hand_out(Worker& worker, std::uint64_t next) {
    std::uint64_t task = kNoTask;
    if (!retries_.empty()) {
      task = retries_.front();
      retries_.pop_front();
    } else if (fresh_ < end_ && fresh_ < next + window_) {
      task = fresh_++;
    } else {
      return;
    }
    if (send_all(worker.fd, &task, sizeof task)) {
      worker.task = task;
    } else {  // it ended while idle, which is not the task's fault
      retries_.push_front(task);
      lost(worker);
    }
  }

  void receive(Worker& worker) {
    AnswerHeader header{};
    Answer answer;
    bool alive = receive_all(worker.fd, &header, sizeof header);
    if (alive) {
      answer.kind = header.kind;
      answer.bytes.resize(header.size);
      alive = receive_all(worker.fd, answer.bytes.data(), header.size);
    }
    if (!alive) return lost(worker);
    keep(worker.task, std::move(answer));
    worker.task = kNoTask;
  }

  void keep(std::uint64_t task, Answer answer) {
    // Nothing behind a failure is delivered, so nothing behind it is started.
    if (answer.kind != AnswerKind::kBytes) end_ = std::min(end_, task + 1);
    waiting_.emplace(task, std::move(answer));
  }

  void lost(Worker& worker) {
    const std::uint64_t task = worker.task;
    const std::string status = describe_status(stop(worker));
    if (task != kNoTask) {
      if (++losses_[task] < kMaxLost) {
        retries_.push_back(task);
      } else {
        const std::string name = name_of_ ? name_of_(task) : fmt::format("task {}", task);
        keep(task,
             {AnswerKind::kRunError,
              fmt::format("{}: {} workers ended on it; the last one {}", name, kMaxLost, status)});
      }
    } else if (++idle_losses_ > kMaxLost * static_cast<int>(workers_.size())) {
      throw RunError("workers end before they get work; the last one " + status);
    }
    start(worker);
  }

  std::uint64_t end_;        // no task from here on is handed out
  std::uint64_t fresh_ = 0;  // first task never handed out
  std::uint64_t window_;
  const Work& work_;
  const TaskName& name_of_;
  std::vector<Worker> workers_;
  std::deque<std::uint64_t> retries_;
  std::map<std::uint64_t, int> losses_;
  std::map<std::uint64_t, Answer> waiting_;
  int idle_losses_ = 0;
};

}  // namespace

std::uint64_t run_in_workers(std::uint64_t tasks, int workers, const Work& work,
                             const std::function<void(std::uint64_t, const std::string&)>& deliver,
                             const std::function<bool()>& keep_going, const TaskName& name_of) {
  if (workers < 1) throw InputError(fmt::format("workers: found {}, allowed at least 1", workers));
  std::optional<Pool> pool;
  if (workers > 1) pool.emplace(tasks, workers, work, name_of);
  std::uint64_t delivered = 0;
  while (delivered < tasks && (!keep_going || keep_going())) {
    if (!pool) {
      deliver(delivered, work(delivered));
    } else if (const auto answer = pool->wait_for(delivered)) {
      deliver(delivered, bytes_of(*answer));
    } else {
      continue;
    }
    ++delivered;
  }
  return delivered;
}

std::uint64_t run_in_workers(const Tasks& tasks, int workers) {
  return run_in_workers(tasks.count, workers, tasks.work, tasks.deliver, tasks.keep_going,
                        tasks.name_of);
}

int available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace dovetail
