#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/process/tasks.h"

namespace dovetail {

/// What pairs of jobs cost (protocol.h), kept by their content (job_content.h): whoever asks for a
/// pair that anyone asked for before has the same answer, and who asks for one that is under way
/// waits for it. May be used by several threads.
class AnswerCache {
 public:
  struct Counts {
    std::uint64_t pairs = 0;    // asked for
    std::uint64_t found = 0;    // of them, without asking a worker: known, or under way
    std::uint64_t shared = 0;   // of these, those that were under way
    std::uint64_t waiting = 0;  // requests that wait now for pairs that are under way for others
    std::size_t bytes = 0;      // kept now, about
  };

  /// All is forgotten when it holds more than so many bytes.
  explicit AnswerCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// The answer to a request of a job; `ask` is asked about the pairs that are neither known nor
  /// under way. Pairs found here took no time. A request that is none goes to `ask` as it is.
  /// What `ask` says of a pair whose finding failed is told to those who wait for it, too; who asks
  /// later has it found anew. What is wrong with a pair is found anew for everyone, since it may
  /// name a file of the one who asked.
  Answer answer(const std::string& job, const std::string& request,
                const std::function<Answer(const std::string& request)>& ask);
  Counts counts() const;

 private:
  struct Question;
  struct UnderWay;
  class Claim;
  using Others = std::vector<std::pair<std::size_t, std::shared_ptr<UnderWay>>>;

  /// A job whose content was seen: numbers are equal for equal contents, as long as nothing is
  /// forgotten.
  struct KnownJob {
    std::uint64_t common = 0;
    std::vector<std::uint64_t> networks;
  };

  const KnownJob& known_job(const std::string& job);
  std::uint64_t number_of(const std::string& content);
  std::optional<Answer> wait_for(const Others& others, Question& question);
  void keep(std::string key, std::string costs);
  void forget_if_full();

  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable over_;  // something that was under way
  std::unordered_map<std::string, KnownJob> jobs_;
  std::unordered_map<std::string, std::uint64_t> contents_;
  std::unordered_map<std::string, std::string> costs_;  // JSON of a pair's
  std::unordered_map<std::string, std::shared_ptr<UnderWay>> under_way_;
  std::uint64_t numbers_ = 0;
  std::size_t bytes_ = 0;
  Counts counts_;
};

/// The answer of `ask`; where the whole request went wrong, each of its pairs is asked about alone,
/// so that one cannot spoil the others: it says itself what went wrong.
Answer answer_each(const std::string& request,
                   const std::function<Answer(const std::string&)>& ask);

}  // namespace dovetail
