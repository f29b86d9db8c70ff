#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/process/work_message.h"

namespace dovetail {

/// The wire between the ranks: processes 0 to size() - 1, on any machines. Bytes (a message, as
/// to_bytes() writes it) from one rank to another arrive whole and in order.
class RankLink {
 public:
  struct Received {
    int from = 0;  // rank
    std::string bytes;
  };

  virtual ~RankLink() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// "rank 2 on node7".
  virtual std::string name() const = 0;
  /// Does not wait until they are received.
  virtual void send(int to, const std::string& bytes) = 0;
  /// What has arrived; does not wait for it.
  virtual std::optional<Received> poll() = 0;
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

/// Serves rank 0 until it says that all is done. Signals that ask to stop are rank 0's to obey.
void serve_ranks(RankLink& link, const WorkOfJob& work_of_job);

}  // namespace dovetail
