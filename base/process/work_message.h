#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/process/tasks.h"

namespace dovetail {

/// What a process that gives work and one that does it say to each other. The first sends jobs,
/// tasks and the end; the other sends answers, and the end back as its last message.
struct WorkMessage {
  enum class Kind { kJob, kTask, kEnd, kAnswer };
  Kind kind = Kind::kEnd;
  std::uint64_t task = 0;  // number of a task or of what it is answered with
  Answer content;          // an answer; the text of a job and the request of a task are its bytes
};

/// The one form in which messages travel, over a pipe, MPI or a network: a line "WORD NUMBER" and
/// the content. docs/protocol.md has the words.
std::string to_bytes(const WorkMessage& message);
/// Throws RunError if the bytes are no message.
WorkMessage work_message(const std::string& bytes);

/// The side that works, one message at a time.
class WorkServer {
 public:
  /// `name` stands before what is thrown ("rank 2 on node7"); if empty, nothing does. What
  /// `work_of_job` throws becomes the answer to each task of the job.
  WorkServer(std::string name, WorkOfJob work_of_job);
  /// What is to be sent back, if anything.
  std::optional<WorkMessage> handle(const WorkMessage& message);
  bool ended() const { return ended_; }

 private:
  std::string name_;
  WorkOfJob work_of_job_;
  Work work_;
  Answer job_error_;
  bool ended_ = false;
};

}  // namespace dovetail
