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

/// How the settings of a kernel are chosen.
struct KernelFit {
  std::vector<std::size_t> group_of;  // of each number of a point; a group shares a length
  std::size_t groups = 1;
  int most_steps = 25;  // evaluations of the likelihood
};

/// The settings with the largest posterior density near `start` (or near the prior's mode if it has
/// no lengths), by L-BFGS on the logarithms with exact gradients. The prior of a length is
/// log-normal with mean sqrt(2) + ln(groups) / 2 and deviation sqrt(3) of its logarithm (Hvarfner,
/// Hellsten & Nardi, "Vanilla Bayesian optimization performs great in high dimensions", ICML 2024:
/// with many decisions, each is expected to matter less); that of the noise has -4 and 1 (as
/// BoTorch), and the noise is at least 1e-6.
KernelSettings fit_kernel(const Points& points, std::span<const double> target,
                          const KernelFit& fit, const KernelSettings& start);

/// The logarithm of the posterior density that fit_kernel() maximises, up to a constant, and its
/// gradient by the logarithms of the lengths of the groups and, last, of the noise.
struct KernelPosterior {
  double log_density = 0;
  std::vector<double> gradient;
};
KernelPosterior kernel_posterior(const Points& points, std::span<const double> target,
                                 const KernelFit& fit, std::span<const double> log_settings);

}  // namespace dovetail
