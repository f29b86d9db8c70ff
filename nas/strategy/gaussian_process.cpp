#include "nas/strategy/gaussian_process.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <numbers>
#include <utility>

namespace dovetail {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A point a column, divided by the length scales.
MatrixXd scaled_columns(const Points& points, const VectorXd& lengths) {
  const Eigen::Map<const MatrixXd> columns(points.numbers.data(), static_cast<Index>(points.width),
                                           static_cast<Index>(points.count()));
  return lengths.cwiseInverse().asDiagonal() * columns;
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

}  // namespace

struct GaussianProcess::State {
  MatrixXd candidates;   // scaled, a column each
  MatrixXd projections;  // points x candidates: of the Cholesky factor
  VectorXd variances;    // 0 to 1: of the target's variance before any data
};

class GaussianProcess::Matrices {
 public:
  Matrices(const Points& points, std::span<const double> target, const KernelSettings& settings)
      : lengths_(Eigen::Map<const VectorXd>(settings.lengths.data(),
                                            static_cast<Index>(settings.lengths.size()))),
        noise_(settings.noise),
        points_(scaled_columns(points, lengths_)),
        target_(target) {
    MatrixXd covariance = matern(points_, points_);
    covariance.diagonal().array() += noise_;
    cholesky_.compute(covariance);
    weights_ = cholesky_.solve(target_.values);
  }

  Prediction predict(const Points& points) const {
    const auto state = std::make_shared<State>();
    state->candidates = scaled_columns(points, lengths_);
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

  VectorXd lengths_;
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

}  // namespace dovetail
