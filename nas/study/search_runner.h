#pragma once

#include <functional>
#include <memory>

#include "base/progress.h"
#include "nas/evaluator.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// How a study evaluates candidates of a search space.
struct StudyEvaluators {
  using Make = std::function<std::unique_ptr<Evaluator>(const SearchSpace&)>;
  Make search;      // while searching: simulation or prediction; null if stopped on the way to it
  Make simulation;  // of what a search on predictions proposes
};

/// Carries out the searches of a study one after the other and stores every trial.
///
/// Trials that are in the store already are not evaluated again: the strategy is created anew,
/// asked the same questions and told the stored answers, and goes on from there. So a study that
/// was stopped anywhere ends like one that was not.
class SearchRunner {
 public:
  SearchRunner(const StudySetup& setup, StudyEvaluators evaluators, StudyStore& store,
               KeepGoing keep_going, ProgressMode progress);

  /// False if `keep_going` said no before all was done; what has been evaluated is stored.
  bool run();

 private:
  bool search(std::size_t run);
  bool resimulate(std::size_t run);
  /// Stored trials for the first of `candidates`, then new ones, which are stored; fewer if
  /// stopped. `known` are the trials of this run and stage that were in the store at the start.
  std::vector<TrialRecord> evaluate(std::size_t run, Stage stage, std::int64_t first_number,
                                    std::span<const Choices> candidates,
                                    std::span<const TrialRecord> known, Evaluator& evaluator);
  std::string title(std::size_t run, const std::string& what) const;

  const StudySetup& setup_;
  StudyEvaluators evaluators_;
  StudyStore& store_;
  KeepGoing keep_going_;
  ProgressMode progress_;
};

/// What a search on predictions proposes: the `count` best distinct candidates with figures, by
/// non-dominated rank and crowding distance, so the predicted front and the ranks behind it.
std::vector<Choices> proposed_candidates(const Objective& objective,
                                         std::span<const TrialRecord> trials, std::size_t count);

}  // namespace dovetail
