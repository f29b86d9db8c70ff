#include "cost/surrogate/training/proposal.h"

#include <fmt/core.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/numbers/random.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/hidden_units.h"

namespace dovetail {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kCandidates = 2 * kMostProposed;
constexpr std::size_t kDrawsACandidate = 20;  // of random pairs at most
constexpr int kMoves = 3;                     // after which the medoids hardly move

Eigen::Index index(std::size_t n) {
  return static_cast<Eigen::Index>(n);
}

/// Different random pairs that the model calls feasible, with the first choice where one has no
/// effect.
ProposedPairs random_pairs(const Surrogate& model, std::uint64_t seed) {
  const Surrogate::Impl& impl = model.impl();
  Rng rng(seed);
  ProposedPairs drawn;
  std::set<std::pair<Choices, Choices>> known;
  std::vector<float> inputs(impl.encoder.width());
  for (std::size_t i = 0; i < kDrawsACandidate * kCandidates && known.size() < kCandidates; ++i) {
    const Choices network = impl.network.decisions.sample(rng);
    impl.encoder.encode(network, impl.hardware.decisions.sample(rng), inputs.data());
    auto pair = impl.encoder.decode(inputs.data());
    const auto said = model.predict(std::span(&pair.first, 1), std::span(&pair.second, 1));
    if (!said[0].costs.feasible() || !known.insert(pair).second) continue;
    drawn.network.push_back(std::move(pair.first));
    drawn.hardware.push_back(std::move(pair.second));
  }
  return drawn;
}

/// Squared distances of pairs in the hidden units, where their mean square distance from the middle
/// is 1 in each network of an ensemble.
Matrix distances(const Surrogate& model, const ProposedPairs& pairs) {
  const Surrogate::Impl& impl = model.impl();
  const Eigen::Index count = index(pairs.network.size());
  Matrix sum = Matrix::Zero(count, count);
  for (const Mlp<float>& member : impl.members) {
    const HiddenUnits found = hidden_units(impl, member, pairs.network, pairs.hardware);
    Matrix units = Eigen::Map<const Matrix>(found.units.data(), count, index(found.count));
    units.rowwise() -= units.colwise().mean().eval();
    const double size = units.squaredNorm() / static_cast<double>(count);
    if (!(size > 0)) continue;
    units /= std::sqrt(size);
    const Eigen::VectorXd squares = units.rowwise().squaredNorm();
    Matrix apart = -2 * units * units.transpose();
    apart.colwise() += squares;
    apart.rowwise() += squares.transpose();
    sum += apart.cwiseMax(0.0);
  }
  return sum;
}

/// One after the other, each the pair with which the others come nearest to what is taken.
std::vector<Eigen::Index> greedy_medoids(const Matrix& apart, std::size_t count) {
  Eigen::VectorXd nearest = Eigen::VectorXd::Constant(apart.rows(), apart.maxCoeff() + 1);
  std::vector<bool> taken(static_cast<std::size_t>(apart.rows()));
  std::vector<Eigen::Index> medoids;
  while (medoids.size() < count) {
    Eigen::Index best = -1;
    double least = std::numeric_limits<double>::infinity();
    for (Eigen::Index i = 0; i < apart.rows(); ++i) {
      if (taken[static_cast<std::size_t>(i)]) continue;
      const double sum = apart.row(i).transpose().cwiseMin(nearest).sum();
      if (!(sum < least)) continue;
      least = sum;
      best = i;
    }
    taken[static_cast<std::size_t>(best)] = true;
    medoids.push_back(best);
    nearest = nearest.cwiseMin(apart.row(best).transpose());
  }
  return medoids;
}

/// Each moved to the one of the pairs nearest to it from which the others of them are least far.
void move_to_the_middle(const Matrix& apart, std::vector<Eigen::Index>& medoids) {
  std::vector<std::vector<Eigen::Index>> nearest_to(medoids.size());
  for (Eigen::Index i = 0; i < apart.rows(); ++i) {
    std::size_t nearest = 0;
    for (std::size_t m = 1; m < medoids.size(); ++m) {
      if (apart(i, medoids[m]) < apart(i, medoids[nearest])) nearest = m;
    }
    nearest_to[nearest].push_back(i);
  }
  for (std::size_t m = 0; m < medoids.size(); ++m) {
    double least = std::numeric_limits<double>::infinity();
    for (const Eigen::Index i : nearest_to[m]) {
      double sum = 0;
      for (const Eigen::Index other : nearest_to[m]) sum += apart(i, other);
      if (!(sum < least)) continue;
      least = sum;
      medoids[m] = i;
    }
  }
}

}  // namespace

ProposedPairs propose_measurements(const Surrogate& model, std::size_t count, std::uint64_t seed) {
  ProposedPairs drawn = random_pairs(model, seed);
  if (drawn.network.size() < count) {
    throw InputError(fmt::format(
        "found {} different feasible pairs among {} random ones, allowed at least the {} that are "
        "to be proposed",
        drawn.network.size(), kDrawsACandidate * kCandidates, count));
  }
  const Matrix apart = distances(model, drawn);
  std::vector<Eigen::Index> medoids = greedy_medoids(apart, count);
  for (int move = 0; move < kMoves; ++move) move_to_the_middle(apart, medoids);
  ProposedPairs proposed;
  for (const Eigen::Index medoid : medoids) {
    proposed.network.push_back(drawn.network[static_cast<std::size_t>(medoid)]);
    proposed.hardware.push_back(drawn.hardware[static_cast<std::size_t>(medoid)]);
  }
  return proposed;
}

std::string measurement_plan(const Surrogate& model, const ProposedPairs& pairs) {
  CsvWriter csv("dovetail.measurement_plan/1");
  std::vector<CsvColumn> columns;
  const DecisionSpace &network = model.network_space().decisions,
                      &hardware = model.hardware_space().decisions;
  for (const Decision& d : network.decisions()) columns.push_back({"network." + d.name, d.unit});
  for (const Decision& d : hardware.decisions()) columns.push_back({"hardware." + d.name, d.unit});
  for (const PredictedCost& cost : predicted_costs()) {
    columns.push_back({cost.figure->key, cost.figure->unit});
  }
  csv.header(columns);
  for (std::size_t i = 0; i < pairs.network.size(); ++i) {
    for (std::size_t d = 0; d < network.size(); ++d) {
      csv.cell(network[d].choices[pairs.network[i][d]]);
    }
    for (std::size_t d = 0; d < hardware.size(); ++d) {
      csv.cell(hardware[d].choices[pairs.hardware[i][d]]);
    }
    for (std::size_t c = 0; c < kPredictedCosts; ++c) csv.cell("");
    csv.end_row();
  }
  return csv.text();
}

}  // namespace dovetail
