#include "models/accuracy/ridge/pair_expectation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/files/paths.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "models/network/space/network_space.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

/// Coefficients of every feature and pair, drawn.
PairRidge drawn_ridge(std::size_t features, Rng& rng) {
  PairRidge ridge = PairRidge::zero(features);
  ridge.intercept = rng.normal();
  for (double& c : ridge.single) c = rng.normal();
  for (double& c : ridge.pair) c = rng.normal();
  return ridge;
}

std::vector<double> drawn_probabilities(const DecisionSpace& decisions, Rng& rng) {
  std::vector<double> probabilities;
  for (const Decision& d : decisions.decisions()) {
    const std::size_t first = probabilities.size();
    double sum = 0;
    for (std::size_t c = 0; c < d.choices.size(); ++c) {
      probabilities.push_back(rng.uniform());
      sum += probabilities.back();
    }
    for (std::size_t c = first; c < probabilities.size(); ++c) probabilities[c] /= sum;
  }
  return probabilities;
}

std::vector<double> uniform_probabilities(const DecisionSpace& decisions) {
  std::vector<double> probabilities;
  for (const Decision& d : decisions.decisions()) {
    probabilities.insert(probabilities.end(), d.choices.size(),
                         1 / static_cast<double>(d.choices.size()));
  }
  return probabilities;
}

// The space has decisions that a depth guards: alone, in pairs, and with the depth itself.
TEST(PairExpectation, IsTheSumOverAllPointsOfASpaceWithGuards) {
  const NetworkSpace space = small_space();
  const SpaceDescription description = describe(space);
  ASSERT_EQ(description.guards.size(), 3U);
  const ChoiceFeatures features(space.decisions());
  Rng rng(5);
  const PairRidge ridge = drawn_ridge(features.count(), rng);
  const PairExpectation expectation(ridge, space.decisions(), description.guards);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const auto probabilities = drawn_probabilities(space.decisions(), rng);
    double sum = 0;
    for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
      const Choices point = space.decisions().from_index(i);
      double chance = 1;
      for (std::size_t d = 0; d < point.size(); ++d) {
        chance *= probabilities[features.index(d, point[d])];
      }
      sum += chance * ridge.predict(features.of(point, space.active(point)));
    }
    EXPECT_NEAR(expectation.value(probabilities), sum, 1e-10);
  }
}

TEST(PairExpectation, GradientIsThatOfFiniteDifferences) {
  for (const std::string name : {"small", "ofa_mbv3"}) {
    const NetworkSpace space =
        name == "small" ? small_space() : NetworkSpace::load(resolve_config("spaces", name));
    const SpaceDescription description = describe(space);
    Rng rng(7);
    const std::size_t features = ChoiceFeatures(space.decisions()).count();
    const PairExpectation expectation(drawn_ridge(features, rng), space.decisions(),
                                      description.guards);
    auto probabilities = drawn_probabilities(space.decisions(), rng);
    std::vector<double> gradient(features, 0);
    EXPECT_NEAR(expectation.add_gradient(probabilities, 2, gradient),
                expectation.value(probabilities), 1e-10);
    constexpr double kStep = 1e-4;
    for (std::size_t f = 0; f < features; ++f) {
      const double at = probabilities[f];
      probabilities[f] = at + kStep;
      const double above = expectation.value(probabilities);
      probabilities[f] = at - kStep;
      const double below = expectation.value(probabilities);
      probabilities[f] = at;
      EXPECT_NEAR(gradient[f], 2 * (above - below) / (2 * kStep), 1e-6) << name << " " << f;
    }
  }
}

/// The mean and its standard error of what the predictor says of networks drawn uniformly.
std::pair<double, double> monte_carlo(const RidgeModel& model, const NetworkSpace& space,
                                      int draws) {
  const ChoiceFeatures features(space.decisions());
  Rng rng(1);
  double sum = 0, squares = 0;
  for (int i = 0; i < draws; ++i) {
    const Choices point = space.decisions().sample(rng);
    const double top1 = model.ridge.predict(features.of(point, space.active(point)));
    sum += top1;
    squares += top1 * top1;
  }
  const double mean = sum / draws;
  return {mean, std::sqrt((squares / draws - mean * mean) / draws)};
}

TEST(PairExpectation, OfFittedPredictorsIsTheMeanOfManyDraws) {
  for (const std::string name : {"anb_effnet", "ofa_mbv3"}) {
    const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", name));
    const RidgeModel model = RidgeModel::load(configs_folder() / "accuracy" / (name + ".json"));
    const PairExpectation expectation(model.ridge, space.decisions(), describe(space).guards);
    const double exact = expectation.value(uniform_probabilities(space.decisions()));
    const auto [mean, error] = monte_carlo(model, space, 20'000);
    EXPECT_NEAR(mean, exact, 3 * error) << name;
    RecordProperty(
        name, std::to_string(exact) + " " + std::to_string(mean) + " +- " + std::to_string(error));
  }
}

// The fit in configs/accuracy has no unknowns left: its mean over all networks of the space.
TEST(PairExpectation, OfUniformNetworksOfAccelNasBenchIsKnown) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "anb_effnet"));
  const RidgeModel model = RidgeModel::load(configs_folder() / "accuracy" / "anb_effnet.json");
  const PairExpectation expectation(model.ridge, space.decisions(), describe(space).guards);
  EXPECT_NEAR(expectation.value(uniform_probabilities(space.decisions())), 60.6815, 0.0005);
}

}  // namespace
}  // namespace dovetail
