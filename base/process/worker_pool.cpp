#include "base/process/worker_pool.h"

#include <fmt/core.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/process/worker_process.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::uint64_t kNoTask = UINT64_MAX;
constexpr int kMaxLost = 3;          // workers that one task may cost
constexpr int kWindowPerWorker = 4;  // tasks under way or waiting to be delivered
constexpr int kPollMilliseconds = 200;

}  // namespace

struct WorkerPool::Worker {
  WorkerProcess process;
  std::uint64_t task = kNoTask;
  std::uint64_t job = 0;  // which of the pool's jobs it was told last
};

/// One call of WorkerPool::run().
class WorkerPool::Run {
 public:
  Run(WorkerPool& pool, const Tasks& tasks)
      : pool_(pool),
        workers_(pool.workers_),
        tasks_(tasks),
        end_(tasks.count),
        window_(workers_.size() * kWindowPerWorker) {}
  /// Nobody waits for what is still under way.
  ~Run() {
    for (Worker& worker : workers_) {
      if (worker.task == kNoTask) continue;
      worker.process.stop();
      worker.task = kNoTask;
    }
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // The answer of task `next`, or nothing if none came for a moment.
  std::optional<Answer> wait_for(std::uint64_t next) {
    if (const auto found = waiting_.find(next); found != waiting_.end()) return take(found);
    for (Worker& worker : workers_) {
      if (worker.task == kNoTask) hand_out(worker, next);
    }
    std::vector<pollfd> polled;
    for (const Worker& worker : workers_)
      polled.push_back({worker.process.descriptor(), POLLIN, 0});
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
  Answer take(std::map<std::uint64_t, Answer>::iterator at) {
    Answer answer = std::move(at->second);
    waiting_.erase(at);
    return answer;
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
    if (!worker.process.running()) {
      worker.process.start(pool_.start_);
      worker.job = 0;
    }
    if (tell_job(worker) && worker.process.send(WorkMessage::Kind::kTask, task,
                                                tasks_.request(task), tasks_.keep_going)) {
      worker.task = task;
    } else {  // it ended while idle, which is not the task's fault, or nobody wants it any more
      retries_.push_front(task);
      lost(worker);
    }
  }

  bool tell_job(Worker& worker) {
    if (worker.job == pool_.jobs_) return true;
    worker.job = pool_.jobs_;
    return worker.process.send(WorkMessage::Kind::kJob, 0, tasks_.job, tasks_.keep_going);
  }

  void receive(Worker& worker) {
    auto message = worker.process.receive(tasks_.keep_going);
    if (!message) return lost(worker);
    if (message->kind != WorkMessage::Kind::kAnswer || message->task != worker.task) {
      throw RunError("a worker sent what is no answer: is its program dovetail?");
    }
    keep(worker.task, std::move(message->content));
    worker.task = kNoTask;
  }

  void keep(std::uint64_t task, Answer answer) {
    // Nothing behind a failure is delivered, so nothing behind it is started.
    if (answer.kind != AnswerKind::kBytes) end_ = std::min(end_, task + 1);
    waiting_.emplace(task, std::move(answer));
  }

  void lost(Worker& worker) {
    const std::uint64_t task = std::exchange(worker.task, kNoTask);
    const std::string status = worker.process.stop();
    if (task != kNoTask) {
      if (++losses_[task] < kMaxLost) {
        retries_.push_back(task);
      } else {
        const std::string name =
            tasks_.name_of ? tasks_.name_of(task) : fmt::format("task {}", task);
        keep(task,
             {AnswerKind::kRunError,
              fmt::format("{}: {} workers ended on it; the last one {}", name, kMaxLost, status)});
      }
    } else if (++idle_losses_ > kMaxLost * static_cast<int>(workers_.size())) {
      throw RunError("workers end before they get work; the last one " + status);
    }
  }

  WorkerPool& pool_;
  std::vector<Worker>& workers_;
  const Tasks& tasks_;
  std::uint64_t end_;        // no task from here on is handed out
  std::uint64_t fresh_ = 0;  // first task never handed out
  std::uint64_t window_;
  std::deque<std::uint64_t> retries_;
  std::map<std::uint64_t, int> losses_;
  std::map<std::uint64_t, Answer> waiting_;
  int idle_losses_ = 0;
};

WorkerPool::WorkerPool(int workers, StartWorker start) : start_(std::move(start)) {
  if (workers < 1) throw InputError(fmt::format("workers: found {}, allowed at least 1", workers));
  workers_.resize(static_cast<std::size_t>(workers));
}

WorkerPool::~WorkerPool() = default;

std::uint64_t WorkerPool::run(const Tasks& tasks) {
  if (jobs_ == 0 || tasks.job != job_) {
    job_ = tasks.job;
    ++jobs_;
  }
  Run run(*this, tasks);
  std::uint64_t delivered = 0;
  while (delivered < tasks.count && (!tasks.keep_going || tasks.keep_going())) {
    if (const auto answer = run.wait_for(delivered)) {
      tasks.deliver(delivered, bytes_of(*answer));
      ++delivered;
    }
  }
  return delivered;
}

std::uint64_t run_in_workers(std::uint64_t tasks, int workers,
                             const std::function<std::string(std::uint64_t)>& work,
                             const std::function<void(std::uint64_t, const std::string&)>& deliver,
                             const std::function<bool()>& keep_going,
                             const std::function<std::string(std::uint64_t)>& name_of) {
  Tasks numbered;
  numbered.count = tasks;
  numbered.request = [](std::uint64_t task) { return std::to_string(task); };
  numbered.work = [&](const std::string& task) { return work(std::stoull(task)); };
  numbered.deliver = deliver;
  numbered.keep_going = keep_going;
  numbered.name_of = name_of;
  WorkerPool pool(workers, fork_worker(numbered.work));
  return workers == 1 ? run_here(numbered) : pool.run(numbered);
}

int available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace dovetail
