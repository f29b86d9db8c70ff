#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/text/error.h"

namespace dovetail {

/// Answers a request of a job. Depends on the request alone.
using Work = std::function<std::string(const std::string& request)>;
/// Makes the work of a job in the process that is to do it.
using WorkOfJob = std::function<Work(const std::string& job)>;

/// Requests that do not depend on each other, numbered from 0. Whoever answers them, in this
/// process, in others of this machine or on other machines: the answers come in the same order and
/// have the same bytes.
struct Tasks {
  std::uint64_t count = 0;
  /// What a process that shares no memory with this one is told once, before its first request.
  std::string job;
  /// The bytes of request i: depends on i alone, and may be asked for again.
  std::function<std::string(std::uint64_t)> request;
  /// What this process answers when it works itself.
  Work work;
  /// Takes answer i, for i = 0, 1, 2, ... in this order and in this process.
  std::function<void(std::uint64_t, const std::string&)> deliver;
  /// Asked between answers and several times a second while waiting; on false the work ends. May be
  /// empty.
  std::function<bool()> keep_going;
  /// What messages call task i ("rows 250 to 499"); if empty, "task i".
  std::function<std::string(std::uint64_t)> name_of;
};

/// Who does them: returns the number of tasks delivered.
using TaskRunner = std::function<std::uint64_t(const Tasks&)>;

/// A TaskRunner without any other process.
std::uint64_t run_here(const Tasks& tasks);

/// Who does the tasks cannot be reached: nothing is wrong with them, and another time they may be
/// done.
class GoneError : public RunError {
 public:
  using RunError::RunError;
};

/// How a task ended, in a form that can travel.
enum class AnswerKind { kBytes, kInputError, kRunError, kGone };
struct Answer {
  AnswerKind kind = AnswerKind::kBytes;
  std::string bytes;  // or the message of the exception
};

/// What `work` returns or throws.
Answer answer_of(const std::function<std::string()>& work);
/// The bytes, or the exception again (InputError, RunError or GoneError).
const std::string& bytes_of(const Answer& answer);

}  // namespace dovetail
