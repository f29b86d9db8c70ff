#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "cost/model/cost_model.h"
#include "models/accuracy/source/accuracy_cache.h"
#include "nas/objective/evaluation.h"
#include "nas/objective/objective.h"
#include "nas/space/search_space.h"

namespace dovetail {

/// Finds the figures of candidates.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// One evaluation for each candidate (points of the search space), in their order; of the first
  /// few only if `keep_going` said no. A candidate that goes wrong has a status and a reason; an
  /// exception means that no candidate can be evaluated.
  virtual std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                           const KeepGoing& keep_going) = 0;
};

/// Accuracy and costs of candidates: a network that a quick source refuses is not asked the costs
/// of; a slow source is asked only about networks that run on their accelerator, within `limits`.
class PairEvaluator : public Evaluator {
 public:
  /// `costs` speaks about pairs of the space's network and hardware sides.
  /// What breaks one of `limits` on a cost is not worth asking a slow source: it is kSkipped,
  /// whatever is known of its network.
  PairEvaluator(const SearchSpace& space, std::shared_ptr<AccuracyCache> accuracy,
                std::shared_ptr<CostModel> costs, std::vector<Constraint> limits = {});
  std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) override;

 private:
  std::vector<Evaluation> costs(std::span<const Choices> candidates, const KeepGoing& keep_going);

  const SearchSpace& space_;
  std::shared_ptr<AccuracyCache> accuracy_;
  std::shared_ptr<CostModel> costs_;
  std::vector<Constraint> limits_;
};

/// Throws InputError unless every candidate of `space` is a point of a network space and of a
/// design space, which is all that a surrogate or a correction (`what`) can speak about.
void require_points_of_spaces(const SearchSpace& space, const std::string& what = "surrogate");

/// Remembers what another evaluator found: equal candidates are evaluated once.
class CachedEvaluator : public Evaluator {
 public:
  CachedEvaluator(const SearchSpace& space, std::unique_ptr<Evaluator> evaluator)
      : space_(space), evaluator_(std::move(evaluator)) {}
  std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) override;
  /// Takes over a result found earlier.
  void remember(const Choices& candidate, const Evaluation& evaluation);

 private:
  const SearchSpace& space_;
  std::unique_ptr<Evaluator> evaluator_;
  std::map<Choices, Evaluation> known_;  // by canonical choices
};

}  // namespace dovetail
