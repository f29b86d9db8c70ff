#include "nas/experiments/gradient/lambda_bench.h"

#include <algorithm>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// Counts the searches, so that one can see how far they are and stop them.
class CountedSearches {
 public:
  CountedSearches(const GradientProblem& problem, DifferentiableCosts& costs,
                  const LambdaBenchOptions& options)
      : problem_(problem), costs_(costs), options_(options) {}

  LambdaTrial search(double lambda, std::size_t steps, double target_ms, std::uint64_t seed) {
    if (options_.keep_going && !options_.keep_going()) throw RunError("stopped");
    GradientSearchOptions search = options_.search;
    search.lambda = lambda;
    search.target_latency_ms = target_ms;
    search.relaxed.steps = steps;
    search.relaxed.seed = seed;
    const GradientAnswer answer = search_by_gradient(problem_, costs_, search);
    return {lambda, steps, answer.pair.top1_percent, answer.pair.latency_ms};
  }

 private:
  const GradientProblem& problem_;
  DifferentiableCosts& costs_;
  const LambdaBenchOptions& options_;
};

/// The grid at one length with one seed.
std::vector<LambdaTrial> grid_of(CountedSearches& searches, const LambdaBenchOptions& options,
                                 std::size_t steps, double target_ms, std::uint64_t seed) {
  std::vector<LambdaTrial> trials;
  for (std::size_t i = 0; i < options.grid; ++i) {
    const double lambda =
        lambda_at(options.smallest_lambda, options.largest_lambda, i, options.grid);
    trials.push_back(searches.search(lambda, steps, target_ms, seed));
  }
  return trials;
}

std::size_t best_position(const std::vector<LambdaTrial>& trials, double target_ms) {
  const auto best = std::ranges::max_element(
      trials, {}, [&](const LambdaTrial& trial) { return lambda_objective(trial, target_ms); });
  return static_cast<std::size_t>(best - trials.begin());
}

void add_losses(CountedSearches& searches, const LambdaBenchOptions& options, double target_ms,
                std::uint64_t seed, LambdaBench& bench) {
  const auto full = grid_of(searches, options, options.search.relaxed.steps, target_ms, seed);
  const LambdaTrial& best = full[best_position(full, target_ms)];
  for (const std::size_t steps : options.short_steps) {
    const auto shorter = grid_of(searches, options, steps, target_ms, seed);
    const std::size_t at = best_position(shorter, target_ms);
    bench.losses.push_back({target_ms, steps, seed, shorter[at], full[at], best});
  }
}

}  // namespace

LambdaBench run_lambda_bench(const GradientProblem& problem, DifferentiableCosts& costs,
                             const LambdaBenchOptions& options) {
  CountedSearches searches(problem, costs, options);
  LambdaBench bench;
  std::uint64_t done = 0;
  const std::uint64_t of =
      options.latency_targets_ms.size() * options.seeds * (options.methods.size() + 1);
  const auto report = [&] {
    ++done;
    if (options.progress) options.progress(done, of);
  };
  const std::size_t steps = options.search.relaxed.steps;
  for (const double target : options.latency_targets_ms) {
    for (const LambdaMethod method : options.methods) {
      for (std::uint64_t seed = 0; seed < options.seeds; ++seed) {
        const LambdaTuning tuning{method,
                                  target,
                                  options.smallest_lambda,
                                  options.largest_lambda,
                                  steps,
                                  steps * options.budget_searches,
                                  seed};
        bench.tunings.push_back(
            {target, method, seed, tune_lambda(tuning, [&](double lambda, std::size_t length) {
               return searches.search(lambda, length, target, seed);
             })});
        report();
      }
    }
    for (std::uint64_t seed = 0; seed < options.seeds; ++seed) {
      add_losses(searches, options, target, seed, bench);
      report();
    }
  }
  std::ranges::stable_sort(bench.losses, {}, [](const ShortSearchLoss& loss) {
    return std::pair(loss.target_latency_ms, loss.steps);
  });
  return bench;
}

}  // namespace dovetail
