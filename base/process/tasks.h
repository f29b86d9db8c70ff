#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace dovetail {

/// Pieces of work that do not depend on each other, numbered from 0.
struct Tasks {
  std::uint64_t count = 0;
  /// What a process that shares no memory with this one has to be told to do the work itself.
  std::string job;
  /// The bytes of answer i. Depends on i alone; may run in another process.
  std::function<std::string(std::uint64_t)> work;
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

/// How a task ended, in a form that can travel.
enum class AnswerKind : std::uint32_t { kBytes, kInputError, kRunError };
struct Answer {
  AnswerKind kind = AnswerKind::kBytes;
  std::string bytes;  // or the message of the exception
};

/// What `work` returns or throws.
Answer answer_of(const std::function<std::string()>& work);
/// The bytes, or the exception again (InputError or RunError).
const std::string& bytes_of(const Answer& answer);

}  // namespace dovetail
