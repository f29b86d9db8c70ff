#include "nas/experiments/gradient/formulations.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/text/error.h"
#include "nas/experiments/gradient/lambda_tuning.h"

namespace dovetail {
namespace {

constexpr std::size_t kTogether = 1000;  // random pairs that are predicted together

// What is drawn with a seed beside the search itself.
constexpr std::uint64_t kSampleStream = 1, kRandomStream = 2;

void require_going(const FormulationsOptions& options) {
  if (options.keep_going && !options.keep_going()) throw RunError("stopped");
}

/// The most accurate that holds the target when simulated.
std::optional<SimulatedPair> best_of(const std::vector<SimulatedPair>& pairs, double target_ms) {
  std::optional<SimulatedPair> best;
  for (const SimulatedPair& pair : pairs) {
    if (!pair.latency_ms || *pair.latency_ms > target_ms) continue;
    if (!best || pair.predicted.top1_percent > best->predicted.top1_percent) best = pair;
  }
  return best;
}

std::vector<SimulatedPair> simulated(const GradientProblem& problem,
                                     const std::vector<PredictedPair>& pairs) {
  std::vector<Choices> choices;
  for (const PredictedPair& pair : pairs) choices.push_back(pair.choices);
  const auto latencies = problem.simulate(choices);
  std::vector<SimulatedPair> result;
  for (std::size_t i = 0; i < pairs.size(); ++i) result.push_back({pairs[i], latencies[i]});
  return result;
}

/// The search whose lambda comes nearest to the aim, into `run`.
GradientAnswer tuned_search(const GradientProblem& problem, DifferentiableCosts& costs,
                            const FormulationsOptions& options, FormulationRun& run) {
  GradientSearchOptions search = options.search;
  search.relaxation = *run.relaxation;
  search.target_latency_ms = run.aim_ms;
  search.relaxed.seed = run.seed;
  const std::size_t steps = search.relaxed.steps;
  double seconds = 0;
  const LambdaTuning tuning{LambdaMethod::kBisection,
                            run.aim_ms,
                            options.smallest_lambda,
                            options.largest_lambda,
                            steps,
                            steps * options.tuning_searches,
                            run.seed};
  const auto trials = tune_lambda(tuning, [&](double lambda, std::size_t) {
    search.lambda = lambda;
    const GradientAnswer answer = search_by_gradient(problem, costs, search);
    seconds += answer.seconds;
    return LambdaTrial{lambda, steps, answer.pair.top1_percent, answer.pair.latency_ms};
  });
  run.lambda = search.lambda = best_full_trial(trials, steps, run.aim_ms).lambda;
  run.search_seconds = seconds / static_cast<double>(trials.size());
  return search_by_gradient(problem, costs, search);
}

/// The answer and what is drawn from its distribution, without repetition and within the area.
std::vector<PredictedPair> answer_and_samples(const GradientProblem& problem,
                                              DifferentiableCosts& costs,
                                              const GradientAnswer& answer, std::size_t samples,
                                              FormulationRun& run) {
  std::vector<PredictedPair> pairs{answer.pair};
  std::vector<double> top1, latency;
  Rng rng(run.seed, kSampleStream);
  for (std::size_t i = 0; i < samples; ++i) {
    const PredictedPair drawn = problem.predict(
        draw_choices(problem.space().decisions(), answer.probabilities, rng), costs);
    top1.push_back(drawn.top1_percent);
    if (std::isfinite(drawn.latency_ms)) latency.push_back(drawn.latency_ms);
    const bool known = std::ranges::any_of(
        pairs, [&](const PredictedPair& pair) { return pair.choices == drawn.choices; });
    if (drawn.area_mm2 <= problem.max_area_mm2() && !known) pairs.push_back(drawn);
  }
  run.samples_top1_percent = Spread::of(top1);
  run.samples_latency_ms = Spread::of(latency);
  return pairs;
}

void run_relaxation(const GradientProblem& problem, DifferentiableCosts& costs,
                    const FormulationsOptions& options, FormulationRun& run) {
  run.aim_ms = run.target_latency_ms;
  std::vector<SimulatedPair> found;
  for (std::size_t aim = 0; aim < options.aims; ++aim) {
    const GradientAnswer answer = tuned_search(problem, costs, options, run);
    const auto now =
        simulated(problem, answer_and_samples(problem, costs, answer, options.samples, run));
    run.answer = now.front();
    found.insert(found.end(), now.begin(), now.end());
    const double latency_ms = run.answer.latency_ms.value_or(2 * run.target_latency_ms);
    if (latency_ms <= run.target_latency_ms) break;
    run.aim_ms *= run.target_latency_ms / latency_ms;
  }
  run.best = best_of(found, run.target_latency_ms);
}

void run_random(const GradientProblem& problem, DifferentiableCosts& costs,
                const FormulationsOptions& options, FormulationRun& run) {
  const auto start = std::chrono::steady_clock::now();
  Rng rng(run.seed, kRandomStream);
  std::vector<PredictedPair> pairs;
  for (std::size_t drawn = 0; drawn < options.random_draws && pairs.size() < options.random_pairs;
       drawn += kTogether) {
    require_going(options);
    std::vector<Choices> together;
    while (together.size() < kTogether) together.push_back(problem.draw_uniform(rng));
    const std::vector<double> latencies = costs.latencies_ms(together);
    for (std::size_t i = 0; i < kTogether && pairs.size() < options.random_pairs; ++i) {
      if (latencies[i] <= run.target_latency_ms)
        pairs.push_back(problem.predict(together[i], costs));
    }
  }
  run.random_pairs = pairs.size();
  run.search_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::ranges::stable_sort(pairs, std::ranges::greater(), &PredictedPair::top1_percent);
  pairs.resize(std::min(pairs.size(), options.aims * (options.samples + 1)));
  const std::vector<SimulatedPair> found = simulated(problem, pairs);
  if (!found.empty()) run.answer = found.front();
  run.best = best_of(found, run.target_latency_ms);
}

}  // namespace

std::vector<FormulationRun> run_formulations(const GradientProblem& problem,
                                             DifferentiableCosts& costs,
                                             const FormulationsOptions& options) {
  std::vector<FormulationRun> runs;
  const std::uint64_t of =
      options.latency_targets_ms.size() * (options.relaxations.size() + 1) * options.seeds;
  const auto add = [&](double target, std::optional<Relaxation> relaxation, std::uint64_t seed) {
    require_going(options);
    FormulationRun run;
    run.target_latency_ms = target;
    run.relaxation = relaxation;
    run.seed = seed;
    (relaxation ? run_relaxation : run_random)(problem, costs, options, run);
    runs.push_back(std::move(run));
    if (options.progress) options.progress(runs.size(), of);
  };
  for (const double target : options.latency_targets_ms) {
    for (std::uint64_t seed = 0; seed < options.seeds; ++seed) add(target, std::nullopt, seed);
    for (const Relaxation relaxation : options.relaxations) {
      for (std::uint64_t seed = 0; seed < options.seeds; ++seed) add(target, relaxation, seed);
    }
  }
  return runs;
}

}  // namespace dovetail
