#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "cost/surrogate/net/surrogate.h"
#include "models/accuracy/source/accuracy_cache.h"
#include "nas/objective/evaluation.h"
#include "nas/space/search_space.h"
#include "sim/simulator.h"

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

/// Runs the simulator on every candidate, in `workers` processes (forked, each with its copy of
/// `simulator`); the answers do not depend on their number.
class SimulationEvaluator : public Evaluator {
 public:
  SimulationEvaluator(const SearchSpace& space, std::shared_ptr<AccuracyCache> accuracy,
                      std::shared_ptr<Simulator> simulator, int workers);
  std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) override;

 private:
  std::vector<Evaluation> simulate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going);

  const SearchSpace& space_;
  std::shared_ptr<AccuracyCache> accuracy_;
  std::shared_ptr<Simulator> simulator_;
  int workers_;
};

/// Throws InputError unless every candidate of `space` is a point of a network space and of a
/// design space, which is all that a surrogate can speak about.
void require_points_of_spaces(const SearchSpace& space);

/// Predicts latency, energy and feasibility with a trained surrogate, and their spread if it is an
/// ensemble; the area is exact.
class SurrogateEvaluator : public Evaluator {
 public:
  /// Throws InputError as require_points_of_spaces() and Surrogate::require_spaces() do.
  SurrogateEvaluator(const SearchSpace& space, std::shared_ptr<AccuracyCache> accuracy,
                     std::shared_ptr<const Surrogate> surrogate,
                     std::shared_ptr<const Simulator> simulator);
  std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) override;

 private:
  std::vector<Evaluation> predict(std::span<const Choices> candidates,
                                  const KeepGoing& keep_going) const;

  const SearchSpace& space_;
  std::shared_ptr<AccuracyCache> accuracy_;
  std::shared_ptr<const Surrogate> surrogate_;
  std::shared_ptr<const Simulator> simulator_;  // for areas only
};

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
