#include "cost/surrogate/net/mlp.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dovetail {
namespace {

std::vector<double> random_values(std::size_t n, Rng& rng) {
  std::vector<double> values(n);
  for (double& v : values) v = rng.normal();
  return values;
}

/// Half the squared distance of the outputs to targets.
double loss(std::span<const double> outputs, const std::vector<double>& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    sum += (outputs[i] - targets[i]) * (outputs[i] - targets[i]) / 2;
  }
  return sum;
}

/// Compares backward() with central differences of forward() in every parameter. The dropout masks
/// are the same in every pass because each starts from the same seed.
void check_gradient(const MlpShape& shape, std::size_t batch, double dropout) {
  Rng rng(3);
  Mlp<double> mlp(shape);
  mlp.initialize(rng);
  for (double& p : mlp.parameters()) p += 0.1 * rng.normal();
  const auto inputs = random_values(batch * shape.inputs, rng);
  const auto targets = random_values(batch * shape.outputs, rng);
  const auto loss_here = [&] {
    Rng masks(9);
    return loss(mlp.forward(inputs, batch, dropout, masks), targets);
  };
  Rng masks(9);
  const auto outputs = mlp.forward(inputs, batch, dropout, masks);
  std::vector<double> output_gradient(outputs.begin(), outputs.end());
  for (std::size_t i = 0; i < targets.size(); ++i) output_gradient[i] -= targets[i];
  const auto gradient_view = mlp.backward(output_gradient);
  const std::vector<double> gradient(gradient_view.begin(), gradient_view.end());
  ASSERT_EQ(gradient.size(), shape.parameter_count());
  double largest = 0;
  for (std::size_t p = 0; p < gradient.size(); ++p) {
    constexpr double kStep = 1e-6;
    const double before = mlp.parameters()[p];
    mlp.parameters()[p] = before + kStep;
    const double above = loss_here();
    mlp.parameters()[p] = before - kStep;
    const double below = loss_here();
    mlp.parameters()[p] = before;
    EXPECT_NEAR(gradient[p], (above - below) / (2 * kStep), 1e-6) << "parameter " << p;
    largest = std::max(largest, std::abs(gradient[p]));
  }
  EXPECT_GT(largest, 0.1);
}

TEST(Mlp, GradientEqualsFiniteDifferences) {
  check_gradient({5, {7, 6}, 2}, 4, 0);
  check_gradient({3, {4, 5, 4}, 1}, 1, 0);
  check_gradient({4, {}, 3}, 5, 0);
}

TEST(Mlp, GradientEqualsFiniteDifferencesWithDropout) {
  check_gradient({5, {8, 8}, 2}, 6, 0.3);
}

TEST(Mlp, ForwardByHand) {
  Mlp<double> mlp({2, {2}, 1});
  // weights 2 x 2 row-major, biases, then weights 2 x 1, bias
  const std::vector<double> parameters = {1, -1, 2, 1, 0.5, -3, 4, 5, 0.25};
  std::copy(parameters.begin(), parameters.end(), mlp.parameters().begin());
  // hidden = relu(1*3 + 2*1 + 0.5, -1*3 + 1*1 - 3) = (5.5, 0)
  const std::vector<double> inputs = {3, 1};
  Rng rng(0);
  EXPECT_DOUBLE_EQ(mlp.forward(inputs, 1, 0, rng)[0], 5.5 * 4 + 0.25);
  EXPECT_THROW(mlp.forward(inputs, 2, 0, rng), std::invalid_argument);
}

TEST(Mlp, InitialWeightsHaveTheVarianceOfHe) {
  Rng rng(4);
  Mlp<float> mlp({200, {300}, 1});
  mlp.initialize(rng);
  double squares = 0;
  for (std::size_t i = 0; i < 200 * 300; ++i) {
    squares += static_cast<double>(mlp.parameters()[i]) * static_cast<double>(mlp.parameters()[i]);
  }
  EXPECT_NEAR(squares / (200 * 300), 2.0 / 200, 2e-4);
}

TEST(Mlp, DropoutKeepsTheMeanAndDropsTheShare) {
  Rng rng(4);
  Mlp<double> mlp({1, {20000}, 1});
  for (double& p : mlp.parameters()) p = 1;  // hidden = x + 1, output = sum + 1
  const std::vector<double> input = {1};
  const double output = mlp.forward(input, 1, 0.25, rng)[0] - 1;
  EXPECT_NEAR(output, 40000, 1000);
  const double kept = output / (2 / 0.75);
  EXPECT_NEAR(kept, 15000, 300);
}

TEST(AdamW, FirstStepIsTheLearningRate) {
  AdamW adam(2);
  std::vector<float> parameters = {1, 1};
  adam.step(parameters, std::vector<float>{0.001F, -50}, 0.1);
  EXPECT_NEAR(parameters[0], 0.9, 1e-4);
  EXPECT_NEAR(parameters[1], 1.1, 1e-4);
}

TEST(AdamW, FindsTheMinimumOfAQuadratic) {
  AdamW adam(2);
  std::vector<float> x = {5, -3};
  for (int i = 0; i < 2000; ++i) {
    adam.step(x, std::vector<float>{2 * (x[0] - 1), 200 * (x[1] - 2)}, 0.02);
  }
  EXPECT_NEAR(x[0], 1, 1e-2);
  EXPECT_NEAR(x[1], 2, 1e-2);
}

TEST(AdamW, WeightDecayShrinksWithoutGradient) {
  AdamW adam(1, 0.5);
  std::vector<float> x = {1};
  adam.step(x, std::vector<float>{0}, 0.1);
  EXPECT_NEAR(x[0], 0.95, 1e-6);
}

}  // namespace
}  // namespace dovetail
