#include "base/process/task_broker.h"

#include <fmt/core.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/process/worker_process.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxLost = 3;  // workers that one task may cost

Answer closing_answer() {
  return {AnswerKind::kRunError, "the service is closing"};
}

}  // namespace

/// A task of a client, in the stack of the thread that waits for it.
struct TaskBroker::Waiting {
  const std::string& job;
  const std::string& request;
  Answer answer = {};
  bool answered = false;
};

/// Where one worker is given its tasks, in a thread of its own.
class TaskBroker::Desk {
 public:
  explicit Desk(TaskBroker& broker) : broker_(broker) {}

  void serve() {
    while (Waiting* task = broker_.next()) broker_.finish(*task, answer_to(*task));
  }

 private:
  Answer answer_to(const Waiting& task) {
    std::string last;
    for (int lost = 0; lost < kMaxLost; ++lost) {
      try {
        if (auto answer = ask(task)) return std::move(*answer);
      } catch (const std::exception& e) {  // it could not be started, or sent what is no message
        last = e.what();
        worker_.stop();
        continue;
      }
      const bool late = Clock::now() >= end_;
      last = worker_.stop();
      if (broker_.closing_) return closing_answer();
      {
        const std::lock_guard lock(broker_.mutex_);
        ++broker_.counts_.workers_lost;
      }
      if (late) {
        return {AnswerKind::kRunError,
                fmt::format("took longer than {:g} s", broker_.options_.task_seconds)};
      }
    }
    return {AnswerKind::kRunError,
            fmt::format("{} workers ended on it; the last one {}", kMaxLost, last)};
  }

  /// Nothing if the worker ended, or if it takes too long: also to take the task.
  std::optional<Answer> ask(const Waiting& task) {
    end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(broker_.options_.task_seconds));
    const auto keep_going = [this] { return !broker_.closing_ && Clock::now() < end_; };
    if (!worker_.running()) {
      worker_.start(broker_.options_.start);
      told_.clear();
    }
    if (told_ != task.job) {
      told_ = task.job;
      if (!worker_.send(WorkMessage::Kind::kJob, 0, task.job, keep_going)) return std::nullopt;
    }
    if (!worker_.send(WorkMessage::Kind::kTask, ++tasks_, task.request, keep_going)) {
      return std::nullopt;
    }
    auto message = worker_.receive(keep_going);
    if (!message) return std::nullopt;
    if (message->kind != WorkMessage::Kind::kAnswer || message->task != tasks_) {
      throw RunError("sent what is no answer: is its program dovetail?");
    }
    return std::move(message->content);
  }

  TaskBroker& broker_;
  WorkerProcess worker_;
  std::string told_;  // the job that the worker knows
  std::uint64_t tasks_ = 0;
  Clock::time_point end_;
};

TaskBroker::TaskBroker(Options options) : options_(std::move(options)) {
  if (options_.workers < 1) {
    throw InputError(fmt::format("workers: found {}, allowed at least 1", options_.workers));
  }
  for (int i = 0; i < options_.workers; ++i) {
    desks_.emplace_back([this] { Desk(*this).serve(); });
  }
}

TaskBroker::~TaskBroker() {
  close();
}

void TaskBroker::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  asked_.notify_all();
  for (std::thread& desk : desks_) desk.join();
  desks_.clear();
}

Answer TaskBroker::answer(const std::string& client, const std::string& job,
                          const std::string& request) {
  Waiting task{job, request};
  std::unique_lock lock(mutex_);
  if (closing_) return closing_answer();
  std::deque<Waiting*>& of_client = waiting_[client];
  if (of_client.empty()) turns_.push_back(client);
  of_client.push_back(&task);
  ++counts_.waiting;
  asked_.notify_one();
  answered_.wait(lock, [&] { return task.answered; });
  return std::move(task.answer);
}

TaskBroker::Counts TaskBroker::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

/// The next task, or null at the end. At the end those that wait are answered at once.
TaskBroker::Waiting* TaskBroker::next() {
  std::unique_lock lock(mutex_);
  asked_.wait(lock, [this] { return closing_ || !turns_.empty(); });
  if (closing_) {
    for (auto& [client, tasks] : waiting_) {
      for (Waiting* task : tasks) {
        task->answer = closing_answer();
        task->answered = true;
      }
    }
    waiting_.clear();
    turns_.clear();
    answered_.notify_all();
    return nullptr;
  }
  const std::string client = std::move(turns_.front());
  turns_.pop_front();
  const auto at = waiting_.find(client);
  Waiting* const task = at->second.front();
  at->second.pop_front();
  --counts_.waiting;
  ++counts_.taken;
  if (at->second.empty()) {
    waiting_.erase(at);
  } else {
    turns_.push_back(client);
  }
  return task;
}

void TaskBroker::finish(Waiting& task, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    task.answer = std::move(answer);
    task.answered = true;
    ++counts_.answered;
  }
  answered_.notify_all();
}

}  // namespace dovetail
