#include "nas/experiments/gradient/fitted_costs.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "base/numbers/random.h"
#include "base/numbers/statistics.h"
#include "base/text/error.h"
#include "models/accuracy/ridge/pair_expectation.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

constexpr std::size_t kFewestPairs = 50;
constexpr std::size_t kFolds = 4;

/// Simulated pairs as examples, in the order in which they were drawn.
struct CostExamples {
  std::vector<RidgeExample> log_latency;  // of those that run
  std::vector<RidgeExample> runs;         // of all: 1 or 0
};

CostExamples simulated_examples(const SearchSpace& space, CostModel& costs, std::size_t count,
                                Rng& rng, const KeepGoing& keep_going) {
  const ChoiceFeatures features(space.decisions());
  std::vector<Pair> pairs;
  std::vector<std::vector<std::uint16_t>> active;
  for (std::size_t i = 0; i < count; ++i) {
    const Choices choices = space.decisions().sample(rng);
    const Candidate candidate = space.decode(choices);
    pairs.push_back({candidate.network, candidate.hardware});
    active.push_back(features.of(choices, space.active(choices)));
  }
  const std::vector<PairCosts> found = costs.costs(pairs, keep_going);
  if (found.size() < count) throw RunError("stopped while pairs for the fit were simulated");
  CostExamples examples;
  for (std::size_t i = 0; i < count; ++i) {
    const Costs& c = found[i].checked();
    examples.runs.push_back({active[i], c.feasible() ? 1.0 : 0.0});
    if (c.feasible()) examples.log_latency.push_back({active[i], std::log(c.latency_ms)});
  }
  return examples;
}

std::vector<RidgePenalty> penalties() {
  std::vector<RidgePenalty> penalties;
  for (const double lambda : {0.01, 0.1, 1.0}) {
    for (const double pair_weight : {0.1, 0.3, 1.0}) penalties.push_back({lambda, pair_weight});
  }
  return penalties;
}

PairRidge fit(std::span<const RidgeExample> examples, std::size_t features,
              std::size_t for_penalty) {
  const auto few = examples.first(std::min(for_penalty, examples.size()));
  return fit_pair_ridge(examples, features, best_penalty(few, penalties(), kFolds));
}

class FittedCosts : public DifferentiableCosts {
 public:
  FittedCosts(const SearchSpace& space, const CostExamples& examples, std::size_t for_penalty)
      : space_(space), features_(space.decisions()) {
    const auto guards = describe(*space.network().space).guards;
    ridge_ = fit(examples.log_latency, features_.count(), for_penalty);
    latency_.emplace(ridge_, space.decisions(), guards);
    if (examples.log_latency.size() == examples.runs.size()) return;
    runs_ridge_ = fit(examples.runs, features_.count(), for_penalty);
    runs_.emplace(runs_ridge_, space.decisions(), guards);
  }

  RelaxedCosts add_gradient(std::span<const double> probabilities, double latency_weight,
                            double infeasible_weight, std::span<double> gradient) override {
    RelaxedCosts costs;
    costs.log_latency = latency_->add_gradient(probabilities, latency_weight, gradient);
    if (!runs_) return costs;
    const double infeasible = 1 - runs_->value(probabilities);
    if (infeasible <= 0) return costs;
    costs.infeasible = infeasible;
    runs_->add_gradient(probabilities, -infeasible_weight, gradient);
    return costs;
  }

  double latency_ms(const Choices& pair) override {
    const auto active = features_.of(pair, space_.active(pair));
    if (runs_ && runs_ridge_.predict(active) < 0.5) {
      return std::numeric_limits<double>::infinity();
    }
    return std::exp(ridge_.predict(active));
  }

  /// On pairs that were not in the fit.
  void measure(const CostExamples& held_out, std::size_t pairs) {
    std::vector<double> truth, predicted;
    for (const RidgeExample& e : held_out.log_latency) {
      truth.push_back(std::exp(e.value));
      predicted.push_back(std::exp(ridge_.predict(e.features)));
    }
    const RegressionMetrics errors = regression_metrics(truth, predicted);
    std::size_t right = 0;
    for (const RidgeExample& e : held_out.runs) {
      right += (!runs_ || runs_ridge_.predict(e.features) >= 0.5) == (e.value == 1);
    }
    description_ = fmt::format(
        "pair-product fit of log latency on {} simulated pairs; on {} others: mean error {:.1f} %, "
        "95 % within {:.1f} %, Kendall tau {:.3f}, runs or not said right of {:.1f} %",
        pairs, held_out.runs.size(), errors.mape_percent, errors.p95_percent, errors.kendall_tau,
        100 * static_cast<double>(right) / static_cast<double>(held_out.runs.size()));
  }
  std::string description() const override { return description_; }

 private:
  const SearchSpace& space_;
  ChoiceFeatures features_;
  PairRidge ridge_, runs_ridge_;
  std::optional<PairExpectation> latency_, runs_;  // no runs_: all of the pairs did
  std::string description_;
};

}  // namespace

std::unique_ptr<DifferentiableCosts> fit_costs(const SearchSpace& space, CostModel& costs,
                                               const CostFitOptions& options,
                                               const KeepGoing& keep_going) {
  Rng rng(options.seed);
  const CostExamples examples = simulated_examples(space, costs, options.pairs, rng, keep_going);
  if (examples.log_latency.size() < kFewestPairs) {
    throw RunError(fmt::format("fit of latencies: {} of {} random pairs can run, at least {} must",
                               examples.log_latency.size(), options.pairs, kFewestPairs));
  }
  auto fitted = std::make_unique<FittedCosts>(space, examples, options.for_penalty);
  fitted->measure(simulated_examples(space, costs, options.held_out, rng, keep_going),
                  options.pairs);
  return fitted;
}

}  // namespace dovetail
