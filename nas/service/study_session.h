#pragma once

#include <string>
#include <vector>

#include "base/process/progress.h"
#include "nas/service/requests.h"
#include "nas/study/ask_tell.h"
#include "nas/study/study.h"

namespace dovetail {

/// A study that is asked and told in lines of JSON (docs/ask_tell.md).
class StudySession {
 public:
  /// Begins the study in the folder or, with `resume`, goes on with it; `setup` must outlive it.
  /// Throws InputError as run_study() does.
  StudySession(const StudySetup& setup, const StudyOptions& options);

  /// The answer to a line; what is wrong with it is in the answer.
  std::string answer(const std::string& line);
  /// Lines of JSON. Both throw InputError as AskTellStudy does.
  std::vector<std::string> ask(std::size_t count);
  std::vector<std::string> tell(std::span<const OutsideCandidate> candidates);
  /// The same, with the trials as they are stored.
  std::vector<TrialRecord> evaluate(std::span<const OutsideCandidate> candidates);
  /// Stores what others say of candidates, and evaluates nothing: the trials are marked as claimed,
  /// count as no evaluations, and are no part of what the study finds.
  std::vector<TrialRecord> claim(std::span<const OutsideCandidate> candidates,
                                 std::span<const Evaluation> claims);
  /// Removes the study again if this session has begun it and nothing is stored in it.
  void forget_if_empty() { open_.forget_if_empty(); }
  const SearchSpace& space() const { return study_.space(); }
  /// Whether accuracies are told with the candidates.
  bool tells_accuracy() const;

  /// All evaluations are told, or there is nothing left to ask.
  bool over() { return study_.over(); }
  std::int64_t done() const { return study_.done(); }

 private:
  std::vector<Choices> choices_of_all(std::span<const OutsideCandidate> candidates) const;
  std::string trial_json(const TrialRecord& trial) const;
  std::string study_json() const;

  const StudySetup& setup_;
  KeepGoing keep_going_;
  OpenStudy open_;
  AskTellStudy study_;
};

}  // namespace dovetail
