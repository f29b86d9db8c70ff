#include "cost/surrogate/net/relaxed_surrogate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

/// Of two members with drawn weights, and of a space with guards.
std::shared_ptr<const Surrogate> drawn_surrogate() {
  auto impl = std::make_unique<Surrogate::Impl>(
      describe(NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"))),
      describe(DesignSpace::load(resolve_config("spaces", "nahas_edge"))),
      std::vector<std::size_t>{32, 16}, 2);
  Rng rng(1);
  for (Mlp<float>& member : impl->members) member.initialize(rng);
  impl->scaling[0] = {-1, 0.5};
  impl->knows_feasibility = true;
  return std::make_shared<const Surrogate>(std::move(impl));
}

std::vector<double> one_hot(const Surrogate& model, const Choices& network,
                            const Choices& hardware) {
  std::vector<double> probabilities;
  const auto add = [&](const DecisionSpace& decisions, const Choices& choices) {
    for (std::size_t d = 0; d < choices.size(); ++d) {
      for (std::size_t c = 0; c < decisions[d].choices.size(); ++c) {
        probabilities.push_back(c == choices[d] ? 1 : 0);
      }
    }
  };
  add(model.network_space().decisions, network);
  add(model.hardware_space().decisions, hardware);
  return probabilities;
}

TEST(RelaxedSurrogate, IsTheSurrogateAtWholeChoices) {
  const auto model = drawn_surrogate();
  ASSERT_FALSE(model->network_space().guards.empty());
  RelaxedSurrogate relaxed(model);
  Rng rng(2);
  for (int repeat = 0; repeat < 50; ++repeat) {
    const Choices network = model->network_space().decisions.sample(rng);
    const Choices hardware = model->hardware_space().decisions.sample(rng);
    const std::vector<double> point = one_hot(*model, network, hardware);
    std::vector<double> gradient(point.size(), 0);
    const double latency_ms =
        model->predict(std::span(&network, 1), std::span(&hardware, 1))[0].costs.latency_ms;
    EXPECT_NEAR(relaxed.add_gradient(point, 1, 1, gradient).log_latency, std::log(latency_ms),
                1e-4);
  }
}

// ReLU has corners and the network computes in single precision: most derivatives must agree.
TEST(RelaxedSurrogate, GradientIsThatOfFiniteDifferences) {
  const auto model = drawn_surrogate();
  RelaxedSurrogate relaxed(model);
  Rng rng(3);
  std::vector<double> point = one_hot(*model, Choices(model->network_space().decisions.size(), 0),
                                      Choices(model->hardware_space().decisions.size(), 0));
  for (double& p : point) p = 0.2 + 0.3 * rng.uniform();
  std::vector<double> gradient(point.size(), 0), unused(point.size(), 0);
  relaxed.add_gradient(point, 2, 3, gradient);
  const auto loss = [&] {
    const auto value = relaxed.add_gradient(point, 0, 0, unused);
    return 2 * value.log_latency + 3 * value.infeasible;
  };
  constexpr double kStep = 2e-3;
  std::size_t right = 0;
  for (std::size_t i = 0; i < point.size(); ++i) {
    const double at = point[i];
    point[i] = at + kStep;
    const double above = loss();
    point[i] = at - kStep;
    const double below = loss();
    point[i] = at;
    const double expected = (above - below) / (2 * kStep);
    right += std::abs(gradient[i] - expected) < 0.02 * std::max(0.1, std::abs(expected));
  }
  EXPECT_GE(right, point.size() * 9 / 10);
}

}  // namespace
}  // namespace dovetail
