#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/numbers/samples.h"
#include "nas/experiments/gradient/gradient_search.h"

namespace dovetail {

struct FormulationsOptions {
  std::vector<double> latency_targets_ms;
  std::vector<Relaxation> relaxations;
  std::uint64_t seeds = 5;       // 0, 1, ...
  GradientSearchOptions search;  // but for relaxation, lambda, target and seed
  double smallest_lambda = 0.1, largest_lambda = 100;
  std::size_t tuning_searches = 12;    // by bisection, for each target
  std::size_t aims = 3;                // tunings at most for a target
  std::size_t samples = 50;            // of the distribution found, simulated
  std::size_t random_draws = 400'000;  // at most, of which those within the limits count
  std::size_t random_pairs = 10'000;   // within the limits, as far as is predicted
  KeepGoing keep_going;
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

/// A pair that was simulated.
struct SimulatedPair {
  PredictedPair predicted;
  std::optional<double> latency_ms;  // simulated; nothing if it cannot run
};

/// One relaxation, or random search, with one seed at one target.
struct FormulationRun {
  double target_latency_ms = 0;
  std::optional<Relaxation> relaxation;  // nothing: random search
  std::uint64_t seed = 0;
  double lambda = 0;
  std::size_t random_pairs = 0;  // of random search: how many were within the limits
  double aim_ms = 0;             // predicted latency that the last tuning aimed at
  /// Its most likely pair; of random search the best predicted, or no choices if none was within
  /// the limits.
  SimulatedPair answer;
  std::optional<SimulatedPair> best;  // the most accurate that holds the limits when simulated
  /// Of pairs drawn from the distribution found, as predicted: the thesis' spread within a run.
  Spread samples_top1_percent, samples_latency_ms;
  double search_seconds = 0;  // mean of the searches; of random search of the whole

  bool answered() const { return !answer.predicted.choices.empty(); }
};

/// For each target, relaxation and seed: the lambda by bisection, that search's answer, and samples
/// of its distribution, simulated. While the answer, simulated, exceeds the target, the next tuning
/// aims lower by as much; the best is of all of them. For each target and seed the best of many
/// random pairs, uniform over those within the area and, as predicted, within the target; as many
/// are simulated, the most accurate first. Throws RunError if it was stopped.
std::vector<FormulationRun> run_formulations(const GradientProblem& problem,
                                             DifferentiableCosts& costs,
                                             const FormulationsOptions& options);

}  // namespace dovetail
