#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/process/progress.h"
#include "base/process/work_message.h"
#include "base/process/worker_program.h"

namespace dovetail {

/// A process that answers messages at its end of a socket, or none that is running.
class WorkerProcess {
 public:
  WorkerProcess() = default;
  ~WorkerProcess() { stop(); }
  WorkerProcess(WorkerProcess&& other) noexcept { swap(other); }
  WorkerProcess& operator=(WorkerProcess&& other) noexcept {
    swap(other);
    return *this;
  }

  bool running() const { return pid_ > 0; }
  /// Throws RunError if it cannot be started. It must not be running.
  void start(const StartWorker& start);
  /// False if it has ended, or if it does not take it while `keep_going` says yes.
  bool send(WorkMessage::Kind kind, std::uint64_t task, std::string bytes,
            const KeepGoing& keep_going) const;
  /// Waits for a message; nothing if it has ended, or if none came while `keep_going` said yes.
  std::optional<WorkMessage> receive(const KeepGoing& keep_going) const;
  /// Ends it and says how it ended; one that is ending by itself keeps its own status.
  std::string stop();

  /// To wait for what it sends.
  int descriptor() const { return fd_; }

 private:
  void swap(WorkerProcess& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(fd_, other.fd_);
  }

  int pid_ = -1;  // -1: not started
  int fd_ = -1;
};

}  // namespace dovetail
