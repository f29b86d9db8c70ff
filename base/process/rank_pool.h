#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/process/tasks.h"

namespace dovetail {

/// What the ranks say to each other. Rank 0 sends a job, its tasks and the end; the others send
/// answers, and the end back as their last message.
struct RankMessage {
  enum class Kind : std::uint32_t { kJob, kTask, kEnd, kAnswer };
  Kind kind = Kind::kEnd;
  int rank = 0;            // received: who sent it
  std::uint64_t task = 0;  // of a task or an answer
  Answer content;          // of an answer; a job is its bytes
};

/// The wire between the ranks: processes 0 to size() - 1, on any machines. Messages from one rank
/// to another arrive whole and in order.
class RankLink {
 public:
  virtual ~RankLink() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// "rank 2 on node7".
  virtual std::string name() const = 0;
  virtual void send(int to, const RankMessage& message) = 0;
  /// A message that has arrived; does not wait for one.
  virtual std::optional<RankMessage> poll() = 0;
};

/// Rank 0's side. It deals tasks out to the other ranks, a few ahead so that none waits for it, and
/// does tasks itself whenever there is nothing to receive. Answers are delivered in the order of
/// the tasks, so the output does not depend on the number of ranks or on their speed.
class RankPool {
 public:
  /// `link` must be that of rank 0 and outlive this object.
  explicit RankPool(RankLink& link);
  /// Ends the other ranks, each of them after the task that it is at.
  ~RankPool();
  RankPool(const RankPool&) = delete;
  RankPool& operator=(const RankPool&) = delete;

  /// A TaskRunner; not to be called again once it was stopped or failed. An exception on another
  /// rank arrives here as one of the same kind that names the rank, after the answers before it
  /// were delivered. A rank that dies is the launcher's business: mpirun and srun then end the
  /// whole job.
  std::uint64_t run(const Tasks& tasks);

 private:
  class Run;

  RankLink& link_;
  bool left_over_ = false;  // tasks of the last run may still be answered
};

/// Makes the work of a job. What it throws becomes the answer to each task of the job.
using WorkOfJob = std::function<std::function<std::string(std::uint64_t)>(const std::string& job)>;

/// The other ranks' side, one message at a time.
class RankServer {
 public:
  RankServer(std::string name, WorkOfJob work_of_job);
  /// What is to be sent back, if anything.
  std::optional<RankMessage> handle(const RankMessage& message);
  bool ended() const { return ended_; }

 private:
  std::string name_;
  WorkOfJob work_of_job_;
  std::function<std::string(std::uint64_t)> work_;
  Answer job_error_;
  bool ended_ = false;
};

/// Serves rank 0 until it says that all is done. Signals that ask to stop are rank 0's to obey.
void serve_ranks(RankLink& link, const WorkOfJob& work_of_job);

}  // namespace dovetail
