#include "cost/surrogate/training/fine_tuning.h"

#include <Eigen/Dense>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text/error.h"
#include "base/text/version.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/hidden_units.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kFewestMeasurements = 3;
/// Size of the constant feature; the others have a mean square length of 1. So a common factor of
/// all costs, the likeliest difference, is hardly held back.
constexpr double kConstant = 10;

Eigen::Index index(std::size_t n) {
  return static_cast<Eigen::Index>(n);
}

/// Penalties to choose from: 1e-6 to 1e4, two a decade.
std::vector<double> penalties() {
  std::vector<double> values;
  for (int half = -12; half <= 8; ++half) values.push_back(std::pow(10.0, half / 2.0));
  return values;
}

/// What is added to an output: weights of the hidden units and a constant.
struct Correction {
  Eigen::VectorXd weights;
  double constant = 0;
};

/// Whether errors after are clearly smaller than before: halved (root mean squares), or by more
/// than three standard errors of the mean gain. A few measurements of what the model knows already
/// must not make it worse.
bool is_clear(const Eigen::VectorXd& before, const Eigen::VectorXd& after) {
  if (2 * after.norm() < before.norm()) return true;
  const Eigen::VectorXd gains = before.cwiseAbs() - after.cwiseAbs();
  const auto n = static_cast<double>(gains.size());
  const double mean = gains.mean();
  const double variance = (gains.array() - mean).square().sum() / (n - 1);
  return mean > 3 * std::sqrt(variance / n);
}

/// Ridge regression of `residuals` on the units, with the penalty of the smallest leave-one-out
/// error; nothing unless that is clearly below the error without a correction.
std::optional<Correction> fit(const Matrix& units, const Eigen::VectorXd& residuals,
                              CostCorrection& report, double percent) {
  const auto n = static_cast<double>(units.rows());
  const double size = std::sqrt(units.squaredNorm() / n);
  const double scale = size > 0 ? 1 / size : 0;
  const Matrix kernel = (units * units.transpose()) * (scale * scale) +
                        Matrix::Constant(units.rows(), units.rows(), kConstant * kConstant);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(kernel);
  const Eigen::VectorXd along = eigen.eigenvectors().transpose() * residuals;
  double least = residuals.squaredNorm();
  report.before_percent = percent * std::sqrt(least / n);
  std::optional<Eigen::VectorXd> best, best_errors;
  for (const double penalty : penalties()) {
    const Eigen::VectorXd inverse = (eigen.eigenvalues().array().max(0.0) + penalty).inverse();
    const Eigen::VectorXd dual = eigen.eigenvectors() * inverse.cwiseProduct(along);
    // (K + penalty)^-1 in its diagonal gives each left-out error in closed form.
    const Eigen::VectorXd diagonal = eigen.eigenvectors().cwiseAbs2() * inverse;
    const Eigen::VectorXd errors = dual.cwiseQuotient(diagonal);
    if (!(errors.squaredNorm() < least)) continue;
    least = errors.squaredNorm();
    best = dual;
    best_errors = errors;
    report.penalty = penalty;
  }
  report.leave_one_out_percent = percent * std::sqrt(least / n);
  report.corrected = best && is_clear(residuals, *best_errors);
  if (!report.corrected) return std::nullopt;
  return Correction{units.transpose() * *best * (scale * scale),
                    kConstant * kConstant * best->sum()};
}

/// Puts a correction of output `c` into the last layer of a member and its skips.
void apply(const Correction& correction, std::size_t c, Mlp<float>& member,
           std::vector<float>& skips) {
  const MlpShape& shape = member.shape();
  const std::size_t outputs = shape.outputs;
  const std::size_t last = shape.hidden.empty() ? 0 : shape.hidden.back();
  const std::size_t earlier = static_cast<std::size_t>(correction.weights.size()) - last;
  for (std::size_t u = 0; u < earlier; ++u) {
    skips[u * outputs + c] = static_cast<float>(correction.weights[index(u)]);
  }
  const std::span<float> parameters = member.parameters();
  float* weights = parameters.data() + parameters.size() - outputs - last * outputs;
  for (std::size_t u = 0; u < last; ++u) {
    weights[u * outputs + c] += static_cast<float>(correction.weights[index(earlier + u)]);
  }
  member.output_biases()[c] += static_cast<float>(correction.constant);
}

/// Corrects one output of one member.
CostCorrection correct(const HiddenUnits& found, const Measurements& measurements,
                       std::span<const CostBaseline> baselines, std::size_t c,
                       const LogScaling& scaling, Mlp<float>& member, std::vector<float>& skips) {
  const double CostBaseline::*const baseline = predicted_costs()[c].baseline;
  std::vector<Eigen::Index> rows;
  for (std::size_t i = 0; i < measurements.size(); ++i) {
    if (std::isfinite(measurements.costs[i][c] / baselines[i].*baseline)) rows.push_back(index(i));
  }
  CostCorrection report;
  report.measurements = rows.size();
  if (rows.size() < kFewestMeasurements) return report;
  const Eigen::Index pairs = index(measurements.size());
  const Eigen::Map<const Matrix> every(found.units.data(), pairs, index(found.count));
  const Eigen::Map<const Matrix> outputs(found.outputs.data(), pairs,
                                         index(member.shape().outputs));
  Eigen::VectorXd residuals(index(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    const double measured = measurements.costs[row][c] / baselines[row].*baseline;
    residuals[index(i)] = scaling.target(measured) - outputs(rows[i], index(c));
  }
  const Matrix units = every(rows, Eigen::all);
  if (const auto correction = fit(units, residuals, report, 100 * scaling.scale)) {
    apply(*correction, c, member, skips);
  }
  return report;
}

json to_json(const CostCorrection& c) {
  return {{"measurements", c.measurements},
          {"corrected", c.corrected},
          {"penalty", c.corrected ? json(c.penalty) : json(nullptr)},
          {"before_percent", c.before_percent},
          {"leave_one_out_percent", c.leave_one_out_percent}};
}

}  // namespace

FineTuned fine_tune(const Surrogate& model, const Measurements& measurements) {
  if (!model.impl().skips.empty()) {
    throw InputError(Location{model.impl().file},
                     "was tuned before; tune the model it was made from, with all measurements");
  }
  auto impl = std::make_unique<Surrogate::Impl>(model.impl());
  std::vector<std::array<CostCorrection, kPredictedCosts>> corrections(impl->members.size());
  const std::vector<CostBaseline> baselines =
      impl->baselines(measurements.network, measurements.hardware);
  for (std::size_t m = 0; m < impl->members.size(); ++m) {
    Mlp<float>& member = impl->members[m];
    const HiddenUnits found =
        hidden_units(*impl, member, measurements.network, measurements.hardware);
    const std::vector<std::size_t>& hidden = member.shape().hidden;
    std::size_t earlier = 0;
    for (std::size_t l = 0; l + 1 < hidden.size(); ++l) earlier += hidden[l];
    std::vector<float>& skips = impl->skips.emplace_back(earlier * member.shape().outputs);
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      corrections[m][c] =
          correct(found, measurements, baselines, c, impl->scaling[c], member, skips);
    }
  }
  Surrogate tuned(std::move(impl));
  return {std::move(tuned), std::move(corrections)};
}

std::string fine_tuning_report(const Surrogate& base, const FineTuned& tuned,
                               const std::string& schema) {
  json node = {{"schema", schema}, {"build", build_description()}};
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    json& members = node["corrections"][predicted_costs()[c].figure->name] = json::array();
    for (const auto& member : tuned.corrections) members.push_back(to_json(member[c]));
  }
  node["base"] = json::parse(base.report());
  return node.dump(1) + "\n";
}

}  // namespace dovetail
