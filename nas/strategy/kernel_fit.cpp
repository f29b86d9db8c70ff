#include "nas/strategy/kernel_fit.h"

#include <nlopt.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <memory>

namespace dovetail {
namespace {

using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Of a logarithm: normal.
struct Prior {
  double mean, deviation;

  double log_density(double x) const {
    const double z = (x - mean) / deviation;
    return -0.5 * z * z;
  }
  double slope(double x) const { return (mean - x) / (deviation * deviation); }
  /// Of the number itself, as a logarithm.
  double mode() const { return mean - deviation * deviation; }
};

constexpr double kLeastLogNoise = -13.815510557964274;  // ln(1e-6)
constexpr double kMostLogNoise = 0;
constexpr Prior kNoisePrior{-4, 1};

Prior length_prior(std::size_t groups) {
  return {std::sqrt(2.0) + 0.5 * std::log(static_cast<double>(groups)), std::sqrt(3.0)};
}

/// The likelihood and what its gradient needs, at one setting.
class Likelihood {
 public:
  Likelihood(const Points& points, std::span<const double> target, const KernelFit& fit,
             std::span<const double> log_settings)
      : fit_(fit), noise_(std::exp(log_settings[fit.groups])) {
    VectorXd inverse(static_cast<Index>(points.width));
    for (std::size_t i = 0; i < points.width; ++i) {
      inverse[static_cast<Index>(i)] = std::exp(-log_settings[fit.group_of[i]]);
    }
    const Eigen::Map<const MatrixXd> columns(points.numbers.data(),
                                             static_cast<Index>(points.width),
                                             static_cast<Index>(points.count()));
    scaled_ = inverse.asDiagonal() * columns;
    MatrixXd squared = -2 * scaled_.transpose() * scaled_;
    squared.colwise() += scaled_.colwise().squaredNorm().transpose();
    squared.rowwise() += scaled_.colwise().squaredNorm();
    distances_ = std::sqrt(5.0) * squared.array().max(0).sqrt();
    decay_ = (-distances_).exp();
    MatrixXd covariance = (1 + distances_ + distances_.square() / 3) * decay_;
    covariance.diagonal().array() += noise_;
    cholesky_.compute(covariance);
    target_ = Eigen::Map<const VectorXd>(target.data(), static_cast<Index>(target.size()));
    weights_ = cholesky_.solve(target_);
  }

  bool positive_definite() const { return cholesky_.info() == Eigen::Success; }

  double log_density() const {
    return -0.5 * target_.dot(weights_) - cholesky_.matrixLLT().diagonal().array().log().sum();
  }

  /// By the logarithms of the lengths of the groups and of the noise: half the trace of
  /// (w w' - K^-1) dK, where dK of a length is (5/3) (1 + r) exp(-r) times the squared difference.
  std::vector<double> gradient() const {
    const Index n = target_.size();
    MatrixXd slopes =
        weights_ * weights_.transpose() - MatrixXd(cholesky_.solve(MatrixXd::Identity(n, n)));
    std::vector<double> gradient(fit_.groups + 1, 0);
    gradient.back() = 0.5 * noise_ * slopes.trace();
    slopes.array() *= (5.0 / 3) * (1 + distances_) * decay_;
    // Of each number, sum_ij S_ij (x_i - x_j)^2 = 2 sum_i x_i^2 s_i - 2 x' S x.
    const VectorXd sums = slopes.rowwise().sum();
    const VectorXd squares = scaled_.array().square().matrix() * sums;
    const VectorXd products = (scaled_ * slopes).cwiseProduct(scaled_).rowwise().sum();
    for (Index i = 0; i < squares.size(); ++i) {
      gradient[fit_.group_of[static_cast<std::size_t>(i)]] += squares[i] - products[i];
    }
    return gradient;
  }

 private:
  const KernelFit& fit_;
  double noise_;
  MatrixXd scaled_;
  ArrayXXd distances_, decay_;
  Eigen::LLT<MatrixXd> cholesky_;
  VectorXd target_, weights_;
};

std::vector<double> standardised(std::span<const double> target) {
  const Eigen::Map<const Eigen::ArrayXd> values(target.data(), static_cast<Index>(target.size()));
  const double mean = values.mean();
  const double deviation = std::sqrt((values - mean).square().mean());
  std::vector<double> result;
  for (const double value : target) {
    result.push_back((value - mean) / (deviation < 1e-12 ? 1 : deviation));
  }
  return result;
}

KernelPosterior posterior(const Points& points, std::span<const double> standard,
                          const KernelFit& fit, std::span<const double> log_settings) {
  const Likelihood likelihood(points, standard, fit, log_settings);
  if (!likelihood.positive_definite()) {
    return {-HUGE_VAL, std::vector<double>(fit.groups + 1, 0)};
  }
  KernelPosterior posterior{likelihood.log_density(), likelihood.gradient()};
  const Prior lengths = length_prior(fit.groups);
  for (std::size_t i = 0; i <= fit.groups; ++i) {
    const Prior& prior = i == fit.groups ? kNoisePrior : lengths;
    posterior.log_density += prior.log_density(log_settings[i]);
    posterior.gradient[i] += prior.slope(log_settings[i]);
  }
  return posterior;
}

/// What NLopt minimises.
struct Problem {
  const Points& points;
  std::vector<double> standard;
  const KernelFit& fit;
};

double negative_log_density(unsigned count, const double* log_settings, double* gradient,
                            void* data) {
  const auto& problem = *static_cast<const Problem*>(data);
  const KernelPosterior at =
      posterior(problem.points, problem.standard, problem.fit, {log_settings, count});
  if (gradient != nullptr) {
    std::transform(at.gradient.begin(), at.gradient.end(), gradient, [](double x) { return -x; });
  }
  return -at.log_density;
}

std::vector<double> start_of(const KernelFit& fit, const KernelSettings& start) {
  std::vector<double> log_settings(fit.groups + 1, length_prior(fit.groups).mode());
  log_settings.back() = kNoisePrior.mean;
  if (start.lengths.empty()) return log_settings;
  for (std::size_t i = 0; i < fit.group_of.size(); ++i) {
    log_settings[fit.group_of[i]] = std::log(start.lengths[i]);
  }
  log_settings.back() = std::log(start.noise);
  return log_settings;
}

}  // namespace

KernelPosterior kernel_posterior(const Points& points, std::span<const double> target,
                                 const KernelFit& fit, std::span<const double> log_settings) {
  return posterior(points, standardised(target), fit, log_settings);
}

KernelSettings fit_kernel(const Points& points, std::span<const double> target,
                          const KernelFit& fit, const KernelSettings& start) {
  Problem problem{points, standardised(target), fit};
  std::vector<double> log_settings = start_of(fit, start);
  const auto count = static_cast<unsigned>(log_settings.size());
  const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimiser(
      nlopt_create(NLOPT_LD_LBFGS, count), nlopt_destroy);
  std::vector<double> low(count, std::log(1e-2)), high(count, std::log(1e3));
  low.back() = kLeastLogNoise;
  high.back() = kMostLogNoise;
  nlopt_set_lower_bounds(optimiser.get(), low.data());
  nlopt_set_upper_bounds(optimiser.get(), high.data());
  nlopt_set_maxeval(optimiser.get(), fit.most_steps);
  nlopt_set_ftol_abs(optimiser.get(), 1e-2);  // of a log density: no difference between settings
  nlopt_set_min_objective(optimiser.get(), negative_log_density, &problem);
  double least = 0;
  // Whatever ended it, the best settings that it saw are in log_settings.
  nlopt_optimize(optimiser.get(), log_settings.data(), &least);

  KernelSettings settings{{}, std::exp(log_settings.back())};
  for (const std::size_t group : fit.group_of) {
    settings.lengths.push_back(std::exp(log_settings[group]));
  }
  return settings;
}

}  // namespace dovetail
