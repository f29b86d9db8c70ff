#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "nas/strategy/point_encoding.h"

namespace dovetail {

/// What a Gaussian process assumes of a function before it has seen any of it.
struct KernelSettings {
  std::vector<double> lengths;  // of each number of a point: how far a change of it is felt
  double noise = 1e-2;          // variance; that of the function is 1
};

/// Gaussian-process regression (Rasmussen & Williams, "Gaussian processes for machine learning",
/// 2006, algorithm 2.1) with a Matern-5/2 kernel of variance 1, a length scale for each number of a
/// point, and white noise. The target is standardised.
class GaussianProcess {
 public:
  /// At least one point, and a value of the target for each.
  GaussianProcess(const Points& points, std::span<const double> target, KernelSettings settings);
  GaussianProcess(GaussianProcess&&) noexcept;
  ~GaussianProcess();

  struct State;  // what believe() works on
  struct Prediction {
    std::vector<double> means, deviations;  // of each candidate, in the target's unit
    std::shared_ptr<State> state;
  };
  Prediction predict(const Points& candidates) const;
  /// Makes the deviations what they are once the value at candidate `i` is known. The means stay,
  /// as if the value were the mean.
  void believe(Prediction& prediction, std::size_t i) const;

  /// Logarithm of the probability density of the targets, standardised, under the settings.
  double log_marginal_likelihood() const;

 private:
  class Matrices;
  std::unique_ptr<Matrices> matrices_;
};

}  // namespace dovetail
