#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "base/process/tasks.h"
#include "nas/service/requests.h"

namespace dovetail {

struct ServiceOptions {
  int workers = 1;     // processes that simulate; 1: this one
  TaskRunner run;      // who simulates instead, so many tasks at a time, if not empty
  bool trust = false;  // requests may name programs as accuracy sources
  /// Requests name nothing that is read from a file, but for configurations by name: accuracy and
  /// cost are the defaults.
  bool names_only = false;
  std::size_t kept_mib = 256;  // of what has been found; then all is forgotten
  RequestDefaults defaults;
};

/// Answers the requests of `dovetail evaluate`: lines of JSON, each with a line (docs/evaluate.md).
/// What is asked again is not found again.
class EvaluationService {
 public:
  explicit EvaluationService(ServiceOptions options);
  ~EvaluationService();
  EvaluationService(const EvaluationService&) = delete;
  EvaluationService& operator=(const EvaluationService&) = delete;

  /// One answer for each line, in their order; of the first few only if `keep_going` said no. A
  /// request that is wrong has an answer that says so, and hurts no other. `first_line` is the
  /// number of the first line in messages.
  std::vector<std::string> answer(std::span<const std::string> lines, std::uint64_t first_line,
                                  const KeepGoing& keep_going = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail
