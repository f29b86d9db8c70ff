#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/process/tasks.h"
#include "base/process/worker_program.h"

namespace dovetail {

/// A few worker processes for many clients, who ask from threads of their own and wait for each
/// answer. Of the clients that wait the one comes next whose turn was longest ago, however much
/// others have asked before it.
class TaskBroker {
 public:
  struct Options {
    int workers = 1;
    /// A task that takes longer is ended, with its worker, and its answer says so.
    double task_seconds = 600;
    StartWorker start = start_worker_program;
  };
  struct Counts {
    std::uint64_t answered = 0;      // tasks
    std::uint64_t waiting = 0;       // tasks that no worker has taken yet
    std::uint64_t taken = 0;         // tasks that workers were given, done or not
    std::uint64_t workers_lost = 0;  // that ended by themselves or took too long
  };

  /// Throws InputError for fewer than one worker.
  explicit TaskBroker(Options options);
  /// Nobody may be waiting: see close().
  ~TaskBroker();
  TaskBroker(const TaskBroker&) = delete;
  TaskBroker& operator=(const TaskBroker&) = delete;

  /// What a worker answers to a request of a job. A worker that dies is replaced and asked again;
  /// three that die at it are an answer, too.
  Answer answer(const std::string& client, const std::string& job, const std::string& request);
  Counts counts() const;
  /// Ends the workers. Tasks that are not done, and all that follow, are answered with a RunError's
  /// message.
  void close();

 private:
  struct Waiting;
  class Desk;

  Waiting* next();
  void finish(Waiting& task, Answer answer);

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable asked_, answered_;
  std::map<std::string, std::deque<Waiting*>> waiting_;  // by client; none is empty
  std::deque<std::string> turns_;                        // the clients that wait
  Counts counts_;
  std::atomic<bool> closing_ = false;
  std::vector<std::thread> desks_;  // one a worker
};

}  // namespace dovetail
