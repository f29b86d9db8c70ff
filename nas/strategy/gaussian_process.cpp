#include "nas/strategy/gaussian_process.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace dovetail {

std::vector<Point> encode_points(const SearchDomain& domain, const std::vector<Choices>& points) {
  const DecisionSpace& space = domain.decisions();
  const double scale = 1 / std::sqrt(static_cast<double>(space.size()));
  std::vector<Point> encoded;
  for (const Choices& point : points) {
    const Choices choices = domain.canonical(point);
    Point numbers;
    for (std::size_t d = 0; d < space.size(); ++d) {
      const std::size_t count = space[d].choices.size();
      if (space[d].ordered()) {
        const double last = count > 1 ? static_cast<double>(count - 1) : 1;
        numbers.push_back(scale * choices[d] / last);
        continue;
      }
      for (std::size_t c = 0; c < count; ++c) {
        numbers.push_back(c == choices[d] ? scale * std::numbers::sqrt2 / 2 : 0);
      }
    }
    encoded.push_back(std::move(numbers));
  }
  return encoded;
}

namespace {

Eigen::MatrixXd columns_of(const std::vector<std::vector<double>>& columns) {
  Eigen::MatrixXd matrix(static_cast<Eigen::Index>(columns.front().size()),
                         static_cast<Eigen::Index>(columns.size()));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    matrix.col(static_cast<Eigen::Index>(c)) = Eigen::Map<const Eigen::VectorXd>(
        columns[c].data(), static_cast<Eigen::Index>(columns[c].size()));
  }
  return matrix;
}

}  // namespace

struct GaussianProcess::State {
  Eigen::MatrixXd candidates;
  Eigen::MatrixXd means;  // candidates x targets
  Eigen::VectorXd variances;
  Eigen::MatrixXd projections;  // points x candidates: of the Cholesky factor
};

/// All of it, in matrices with a point a column.
class GaussianProcess::Matrices {
 public:
  /// `points` is numbers x points, `targets` points x targets; at least one point.
  Matrices(Eigen::MatrixXd points, const Eigen::MatrixXd& targets, Settings settings);

  /// Of the first target.
  double log_marginal_likelihood() const;

  using Prediction = State;
  Prediction predict(const Eigen::MatrixXd& candidates) const;
  /// What the variances become once the value at candidate `i` is known. The means stay if the
  /// value is the mean.
  void believe(Prediction& prediction, Eigen::Index i) const;

  double deviation_of(Eigen::Index target) const { return deviations_[target]; }

 private:
  Eigen::MatrixXd kernel(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) const;

  Eigen::MatrixXd points_;
  Settings settings_;
  Eigen::RowVectorXd means_, deviations_;
  Eigen::MatrixXd targets_, weights_;  // standardised; (K + noise I)^-1 targets
  Eigen::LLT<Eigen::MatrixXd> cholesky_;
};

GaussianProcess::Matrices::Matrices(Eigen::MatrixXd points, const Eigen::MatrixXd& targets,
                                    Settings settings)
    : points_(std::move(points)), settings_(settings), means_(targets.colwise().mean()) {
  targets_ = targets.rowwise() - means_;
  deviations_ =
      (targets_.colwise().squaredNorm() / static_cast<double>(targets_.rows())).cwiseSqrt();
  for (Eigen::Index t = 0; t < targets_.cols(); ++t) {
    if (deviations_[t] < 1e-12) deviations_[t] = 1;  // all targets the same
    targets_.col(t) /= deviations_[t];
  }
  Eigen::MatrixXd covariance = kernel(points_, points_);
  covariance.diagonal().array() += settings_.noise;
  cholesky_.compute(covariance);
  weights_ = cholesky_.solve(targets_);
}

Eigen::MatrixXd GaussianProcess::Matrices::kernel(const Eigen::MatrixXd& a,
                                                  const Eigen::MatrixXd& b) const {
  Eigen::MatrixXd squared = -2 * a.transpose() * b;
  squared.colwise() += a.colwise().squaredNorm().transpose();
  squared.rowwise() += b.colwise().squaredNorm();
  const double scale = std::sqrt(5.0) / settings_.length;
  const Eigen::ArrayXXd r = scale * squared.array().max(0).sqrt();
  return (1 + r + r.square() / 3) * (-r).exp();
}

double GaussianProcess::Matrices::log_marginal_likelihood() const {
  const double n = static_cast<double>(targets_.rows());
  return -0.5 * targets_.col(0).dot(weights_.col(0)) -
         Eigen::MatrixXd(cholesky_.matrixL()).diagonal().array().log().sum() -
         0.5 * n * std::log(2 * std::numbers::pi);
}

GaussianProcess::State GaussianProcess::Matrices::predict(const Eigen::MatrixXd& candidates) const {
  State prediction;
  prediction.candidates = candidates;
  prediction.projections = kernel(points_, candidates);
  prediction.means = prediction.projections.transpose() * weights_;
  for (Eigen::Index t = 0; t < prediction.means.cols(); ++t) {
    prediction.means.col(t) =
        (prediction.means.col(t).array() * deviations_[t] + means_[t]).matrix();
  }
  cholesky_.matrixL().solveInPlace(prediction.projections);
  prediction.variances =
      (1 - prediction.projections.colwise().squaredNorm().transpose().array()).max(0).matrix();
  return prediction;
}

void GaussianProcess::Matrices::believe(State& prediction, Eigen::Index i) const {
  const Eigen::MatrixXd& candidates = prediction.candidates;
  // One more row of the Cholesky factor and of its projections.
  const double diagonal = std::sqrt(prediction.variances[i] + settings_.noise);
  Eigen::MatrixXd& rows = prediction.projections;
  const Eigen::RowVectorXd row =
      (kernel(candidates.col(i), candidates) - rows.col(i).transpose() * rows) / diagonal;
  rows.conservativeResize(rows.rows() + 1, Eigen::NoChange);
  rows.bottomRows(1) = row;
  prediction.variances =
      (prediction.variances.array() - row.transpose().array().square()).max(0).matrix();
}

GaussianProcess::GaussianProcess(const std::vector<Point>& points,
                                 const std::vector<std::vector<double>>& targets, Settings settings)
    : matrices_(std::make_unique<Matrices>(columns_of(points), columns_of(targets), settings)) {}

GaussianProcess::~GaussianProcess() = default;

GaussianProcess::Settings GaussianProcess::fit(const std::vector<Point>& points,
                                               const std::vector<double>& target) {
  const Eigen::MatrixXd columns = columns_of(points), targets = columns_of({target});
  Settings best;
  double highest = -std::numeric_limits<double>::infinity();
  for (const double length : {0.1, 0.2, 0.4, 0.8, 1.6}) {
    for (const double noise : {1e-4, 1e-2, 1e-1}) {
      const double likelihood =
          Matrices(columns, targets, {length, noise}).log_marginal_likelihood();
      if (likelihood > highest) {
        highest = likelihood;
        best = {length, noise};
      }
    }
  }
  return best;
}

GaussianProcess::Prediction GaussianProcess::predict(const std::vector<Point>& candidates) const {
  const auto state = std::make_shared<State>(matrices_->predict(columns_of(candidates)));
  Prediction prediction{{}, {state->variances.begin(), state->variances.end()}, state};
  for (const auto& mean : state->means.colwise()) {
    prediction.means.emplace_back(mean.begin(), mean.end());
  }
  return prediction;
}

void GaussianProcess::believe(Prediction& prediction, std::size_t i) const {
  matrices_->believe(*prediction.state, static_cast<Eigen::Index>(i));
  const Eigen::VectorXd& variances = prediction.state->variances;
  prediction.variances.assign(variances.begin(), variances.end());
}

double GaussianProcess::deviation_of(std::size_t target) const {
  return matrices_->deviation_of(static_cast<Eigen::Index>(target));
}

}  // namespace dovetail
