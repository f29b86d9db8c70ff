#pragma once

#include <memory>
#include <set>
#include <span>
#include <vector>

#include "nas/evaluation/evaluator.h"
#include "nas/strategy/strategy.h"
#include "nas/study/study_domain.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// A study whose candidates are asked for and told from outside, a few at a time.
///
/// The strategy is asked and told in the batches of the study, whatever the pieces from outside, so
/// that its trials are those of a search. Nothing is kept but them: a study that goes on asks the
/// strategy anew, as a search does (SearchRunner). With the strategy `external` any candidate may
/// be told.
class AskTellStudy {
 public:
  /// Goes on where the store stops. `setup` and `store` must outlive it. Throws InputError for a
  /// study that is more than one search on simulated costs.
  AskTellStudy(const StudySetup& setup, StudyStore& store, std::unique_ptr<Evaluator> evaluator);

  /// Throws InputError for the same, with nothing written yet.
  static void require_usable(const StudySetup& setup);

  const SearchSpace& space() const { return space_; }
  std::int64_t done() const { return done_; }
  /// All evaluations are told, or the strategy has nothing left to ask.
  bool over();
  /// The next candidates, which are to be told in this order, at most `count` and at most the rest
  /// of a batch; asked again, the same. Empty if the search is over. Throws InputError if they come
  /// from outside.
  std::vector<Choices> ask(std::size_t count);
  /// Throws InputError for what tell() does not take.
  void require_next(std::span<const Choices> candidates);
  /// Evaluates the candidates and stores them; the first few only if `keep_going` said no. Throws
  /// InputError for others than ask() gives, or more than the study has evaluations.
  std::vector<TrialRecord> tell(std::span<const Choices> candidates, const KeepGoing& keep_going);

 private:
  bool external() const { return strategy_ == nullptr; }
  void replay(std::span<const TrialRecord> known);
  /// Asks the strategy for its next batch, once the one before is told.
  void fill_batch();
  void learn(const TrialRecord& trial);

  const StudySetup& setup_;
  StudyStore& store_;
  const SearchSpace& space_;
  StudyDomain domain_;
  std::unique_ptr<Strategy> strategy_;
  CachedEvaluator evaluator_;
  std::vector<Choices> batch_;     // as the strategy asked for it
  std::vector<Outcome> outcomes_;  // of the first of the batch
  bool starting_ = false;          // the batch is what the study starts from
  bool exhausted_ = false;
  std::int64_t done_ = 0;
};

}  // namespace dovetail
