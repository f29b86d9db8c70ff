#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace dovetail {

/// What a search with some lambda found, in so many steps.
struct LambdaTrial {
  double lambda = 0;
  std::size_t steps = 0;
  double top1_percent = 0, latency_ms = 0;
};

/// top-1 x (T / target)^w with w = 0 within the target and -1 beyond (thesis, equation 6.2).
double lambda_objective(const LambdaTrial& trial, double target_latency_ms);

/// How the lambda is found whose search ends at a latency target (thesis, section 6.3, but for
/// bisection).
enum class LambdaMethod {
  /// Gaussian process on log lambda, expected improvement, four drawn lambdas first.
  kBayesian,
  /// The process is on log lambda and the share of the steps, from a quarter on by eighths. The
  /// lambda is that of the largest expected improvement at all steps; the share the lowest at which
  /// the process is still unsure, by a threshold that falls as the share does: a reading of BOCA
  /// (Kandasamy et al., ICML 2017), which the thesis' tool implements.
  kMultiFidelity,
  /// Log-uniform.
  kRandom,
  /// Halves the interval of log lambda by whether the target is held.
  kBisection,
};
std::span<const LambdaMethod> lambda_methods();
std::string to_string(LambdaMethod method);
/// Throws InputError naming the known ones.
LambdaMethod lambda_method_of_name(const std::string& name);

struct LambdaTuning {
  LambdaMethod method = LambdaMethod::kBayesian;
  double target_latency_ms = 1;
  double smallest = 0.1, largest = 20;  // lambda
  std::size_t full_steps = 400;         // of a search
  std::size_t budget_steps = 8000;      // of all searches together
  std::uint64_t seed = 0;
};

/// Runs searches until the next would exceed the budget; all of them, in their order.
std::vector<LambdaTrial> tune_lambda(
    const LambdaTuning& tuning,
    const std::function<LambdaTrial(double lambda, std::size_t steps)>& search);

/// The full-length trial with the best objective. At least one must be there.
const LambdaTrial& best_full_trial(std::span<const LambdaTrial> trials, std::size_t full_steps,
                                   double target_latency_ms);

/// The number `i` of `count` lambdas, evenly spaced by logarithm from smallest to largest.
double lambda_at(double smallest, double largest, std::size_t i, std::size_t count);

}  // namespace dovetail
