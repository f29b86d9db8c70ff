#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nas/experiments/gradient/gradient_search.h"
#include "nas/experiments/gradient/lambda_tuning.h"

namespace dovetail {

struct LambdaBenchOptions {
  std::vector<double> latency_targets_ms;
  std::vector<LambdaMethod> methods;
  std::uint64_t seeds = 5;       // 0, 1, ...
  GradientSearchOptions search;  // but for lambda, target and seed; its steps are full length
  double smallest_lambda = 0.1, largest_lambda = 100;
  std::size_t budget_searches = 20;  // a tuning may take as many steps as so many full searches
  std::vector<std::size_t> short_steps{10, 20, 40, 80, 160};
  std::size_t grid = 31;  // lambdas that are searched with at each length
  KeepGoing keep_going;
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

/// All searches of one tuning, in their order.
struct LambdaTuningRun {
  double target_latency_ms = 0;
  LambdaMethod method = LambdaMethod::kBayesian;
  std::uint64_t seed = 0;
  std::vector<LambdaTrial> trials;
};

/// What a lambda chosen by short searches is worth at full length, at one target.
struct ShortSearchLoss {
  double target_latency_ms = 0;
  std::size_t steps = 0;
  std::uint64_t seed = 0;
  LambdaTrial shorter;  // the best of the grid, at these steps
  LambdaTrial full;     // its lambda again, at full length
  LambdaTrial best;     // the best of the grid at full length
};

struct LambdaBench {
  std::vector<LambdaTuningRun> tunings;
  std::vector<ShortSearchLoss> losses;
};

/// Tunes lambda by each method at each target with each seed (the thesis' figure 6.2), and searches
/// a grid of lambdas at every length (figure 6.3). All figures are as predicted. Throws RunError if
/// it was stopped.
LambdaBench run_lambda_bench(const GradientProblem& problem, DifferentiableCosts& costs,
                             const LambdaBenchOptions& options);

}  // namespace dovetail
