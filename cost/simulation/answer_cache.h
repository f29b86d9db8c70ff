#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/process/tasks.h"

namespace dovetail {

/// What pairs of jobs cost (protocol.h), kept by their content: whoever asks for a pair that anyone
/// asked for before has the same answer. May be used by several threads.
class AnswerCache {
 public:
  struct Counts {
    std::uint64_t pairs = 0;  // asked for
    std::uint64_t found = 0;  // of them, without asking a worker
    std::size_t bytes = 0;    // kept now, about
  };

  /// All is forgotten when it holds more than so many bytes.
  explicit AnswerCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// The answer to a request of a job; `ask` is asked about the pairs that are not known. Pairs
  /// found here took no time. A request that is none goes to `ask` as it is.
  Answer answer(const std::string& job, const std::string& request,
                const std::function<Answer(const std::string& request)>& ask);
  Counts counts() const;

 private:
  /// Equal for equal texts of jobs, as long as nothing is forgotten.
  std::uint64_t number_of(const std::string& job);
  void keep(std::string key, std::string costs);
  void forget_if_full();

  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::uint64_t> jobs_;
  std::unordered_map<std::string, std::string> costs_;  // JSON of a pair's
  std::uint64_t numbers_ = 0;
  std::size_t bytes_ = 0;
  Counts counts_;
};

/// The answer of `ask`; where the whole request went wrong, each of its pairs is asked about alone,
/// so that one cannot spoil the others: it says itself what went wrong.
Answer answer_each(const std::string& request,
                   const std::function<Answer(const std::string&)>& ask);

}  // namespace dovetail
