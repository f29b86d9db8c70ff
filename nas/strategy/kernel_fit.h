#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nas/strategy/gaussian_process.h"

namespace dovetail {

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
