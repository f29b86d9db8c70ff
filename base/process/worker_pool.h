#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/process/tasks.h"
#include "base/process/worker_program.h"

namespace dovetail {

/// Processes of this machine that answer requests (the SystemC kernel is global, so parallelism is
/// processes). Each is started when there is first something for it to do and then stays, from one
/// run to the next, until the pool is destroyed.
class WorkerPool {
 public:
  /// Throws InputError unless `workers` is at least 1.
  explicit WorkerPool(int workers, StartWorker start = start_worker_program);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// A TaskRunner. Answers are delivered in the order of the tasks whatever worker was faster, so
  /// the output does not depend on the number of workers. A worker that dies is replaced and its
  /// request asked again; a task on which three workers died throws RunError, which calls it
  /// name_of(i). An exception in a worker arrives here as one of the same kind (InputError or
  /// RunError), after the answers before it were delivered.
  /// Whenever it ends early, the workers that are still at a task are ended; the next run replaces
  /// them.
  std::uint64_t run(const Tasks& tasks);

 private:
  class Run;
  struct Worker;

  StartWorker start_;
  std::vector<Worker> workers_;
  std::string job_;         // of the last run
  std::uint64_t jobs_ = 0;  // how many there were
};

/// Does `tasks` pieces of work in `workers` forked processes that end with them, for work that
/// needs what is in this process's memory. `work(i)` runs in a worker and returns the bytes of
/// answer i; it must depend on i alone. All else is as of WorkerPool::run(). With workers = 1
/// nothing is forked. Must be called from a single-threaded process.
std::uint64_t run_in_workers(std::uint64_t tasks, int workers,
                             const std::function<std::string(std::uint64_t)>& work,
                             const std::function<void(std::uint64_t, const std::string&)>& deliver,
                             const std::function<bool()>& keep_going = {},
                             const std::function<std::string(std::uint64_t)>& name_of = {});

/// Processors this process may use.
int available_processors();

}  // namespace dovetail
