#include "nas/strategy/gaussian_process.h"

#include <nlopt.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace dovetail {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A point a column, times the inverse of the length scales.
MatrixXd scaled_columns(const Points& points, const VectorXd& inverse_lengths) {
  const Eigen::Map<const MatrixXd> columns(points.numbers.data(), static_cast<Index>(points.width),
                                           static_cast<Index>(points.count()));
  return inverse_lengths.asDiagonal() * columns;
}

/// sqrt(5) times the distance of each column of `a` from each of `b`.
Eigen::ArrayXXd scaled_distances(const MatrixXd& a, const MatrixXd& b) {
  MatrixXd squared = -2 * a.transpose() * b;
  squared.colwise() += a.colwise().squaredNorm().transpose();
  squared.rowwise() += b.colwise().squaredNorm();
  return std::sqrt(5.0) * squared.array().max(0).sqrt();
}

MatrixXd matern(const MatrixXd& a, const MatrixXd& b) {
  const Eigen::ArrayXXd r = scaled_distances(a, b);
  return (1 + r + r.square() / 3) * (-r).exp();
}

/// Values less their mean, over their deviation; a deviation of 0 counts as 1.
struct Standardised {
  explicit Standardised(std::span<const double> target)
      : values(Eigen::Map<const VectorXd>(target.data(), static_cast<Index>(target.size()))),
        mean(values.mean()) {
    values.array() -= mean;
    deviation = std::sqrt(values.squaredNorm() / static_cast<double>(values.size()));
    if (deviation < 1e-12) deviation = 1;
    values /= deviation;
  }
  VectorXd values;
  double mean, deviation;
};

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
  Likelihood(const Points& points, const VectorXd& target, const KernelFit& fit,
             std::span<const double> log_settings)
      : fit_(fit), noise_(std::exp(log_settings[fit.groups])), target_(target) {
    VectorXd inverse_lengths(static_cast<Index>(points.width));
    for (std::size_t i = 0; i < points.width; ++i) {
      inverse_lengths[static_cast<Index>(i)] = std::exp(-log_settings[fit.group_of[i]]);
    }
    scaled_ = scaled_columns(points, inverse_lengths);
    distances_ = scaled_distances(scaled_, scaled_);
    decay_ = (-distances_).exp();
    MatrixXd covariance = (1 + distances_ + distances_.square() / 3) * decay_;
    covariance.diagonal().array() += noise_;
    cholesky_.compute(covariance);
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
  const VectorXd& target_;
  MatrixXd scaled_;
  Eigen::ArrayXXd distances_, decay_;
  Eigen::LLT<MatrixXd> cholesky_;
  VectorXd weights_;
};

KernelPosterior posterior(const Points& points, const VectorXd& standard, const KernelFit& fit,
                          std::span<const double> log_settings) {
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
  VectorXd standard;
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

struct GaussianProcess::State {
  MatrixXd candidates;   // scaled, a column each
  MatrixXd projections;  // points x candidates: of the Cholesky factor
  VectorXd variances;    // 0 to 1: of the target's variance before any data
};

class GaussianProcess::Matrices {
 public:
  Matrices(const Points& points, std::span<const double> target, const KernelSettings& settings)
      : inverse_lengths_(Eigen::Map<const VectorXd>(settings.lengths.data(),
                                                    static_cast<Index>(settings.lengths.size()))
                             .cwiseInverse()),
        noise_(settings.noise),
        points_(scaled_columns(points, inverse_lengths_)),
        target_(target) {
    MatrixXd covariance = matern(points_, points_);
    covariance.diagonal().array() += noise_;
    cholesky_.compute(covariance);
    weights_ = cholesky_.solve(target_.values);
  }

  Prediction predict(const Points& points) const {
    const auto state = std::make_shared<State>();
    state->candidates = scaled_columns(points, inverse_lengths_);
    state->projections = matern(points_, state->candidates);
    const VectorXd means =
        (state->projections.transpose() * weights_ * target_.deviation).array() + target_.mean;
    cholesky_.matrixL().solveInPlace(state->projections);
    state->variances =
        (1 - state->projections.colwise().squaredNorm().transpose().array()).max(0).matrix();
    Prediction prediction{{means.begin(), means.end()}, {}, state};
    set_deviations(prediction);
    return prediction;
  }

  void believe(Prediction& prediction, Index i) const {
    State& state = *prediction.state;
    // One more row of the Cholesky factor and of its projections.
    const double diagonal = std::sqrt(state.variances[i] + noise_);
    MatrixXd& rows = state.projections;
    const Eigen::RowVectorXd row =
        (matern(state.candidates.col(i), state.candidates) - rows.col(i).transpose() * rows) /
        diagonal;
    rows.conservativeResize(rows.rows() + 1, Eigen::NoChange);
    rows.bottomRows(1) = row;
    state.variances = (state.variances.array() - row.transpose().array().square()).max(0).matrix();
    set_deviations(prediction);
  }

  double log_marginal_likelihood() const {
    return -0.5 * target_.values.dot(weights_) -
           MatrixXd(cholesky_.matrixL()).diagonal().array().log().sum() -
           0.5 * static_cast<double>(target_.values.size()) * std::log(2 * std::numbers::pi);
  }

 private:
  void set_deviations(Prediction& prediction) const {
    const VectorXd deviations = prediction.state->variances.cwiseSqrt() * target_.deviation;
    prediction.deviations.assign(deviations.begin(), deviations.end());
  }

  VectorXd inverse_lengths_;
  double noise_;
  MatrixXd points_;
  Standardised target_;
  VectorXd weights_;  // (K + noise I)^-1 target
  Eigen::LLT<MatrixXd> cholesky_;
};

GaussianProcess::GaussianProcess(const Points& points, std::span<const double> target,
                                 KernelSettings settings)
    : matrices_(std::make_unique<Matrices>(points, target, settings)) {}

GaussianProcess::GaussianProcess(GaussianProcess&&) noexcept = default;
GaussianProcess::~GaussianProcess() = default;

GaussianProcess::Prediction GaussianProcess::predict(const Points& candidates) const {
  return matrices_->predict(candidates);
}

void GaussianProcess::believe(Prediction& prediction, std::size_t i) const {
  matrices_->believe(prediction, static_cast<Index>(i));
}

double GaussianProcess::log_marginal_likelihood() const {
  return matrices_->log_marginal_likelihood();
}

KernelPosterior kernel_posterior(const Points& points, std::span<const double> target,
                                 const KernelFit& fit, std::span<const double> log_settings) {
  return posterior(points, Standardised(target).values, fit, log_settings);
}

KernelSettings fit_kernel(const Points& points, std::span<const double> target,
                          const KernelFit& fit, const KernelSettings& start) {
  Problem problem{points, Standardised(target).values, fit};
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
