#include "cost/surrogate/correction/correction_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text/error.h"
#include "cost/simulation/pair_simulator.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/hidden_units.h"
#include "cost/surrogate/training/trainer.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// What a device takes over what the simulator says, of latency and of energy.
using Device = std::function<std::array<double, kPredictedCosts>(const Choices&, const Choices&)>;

class CorrectionFitTest : public testing::Test {
 protected:
  /// So little training that it predicts badly: what it says must not matter.
  static std::unique_ptr<Surrogate> trained(std::size_t members) {
    TrainingOptions options;
    options.hidden = {24, 16, 8};
    options.epochs = 1;
    options.ensemble = members;
    return std::make_unique<Surrogate>(train_surrogate(synthetic_data(1500, 1), options).model);
  }
  static void SetUpTestSuite() {
    one_ = trained(1);
    two_ = trained(2);
  }
  static void TearDownTestSuite() {
    one_.reset();
    two_.reset();
  }

  static SimulatedMeasurements measured(std::size_t count, std::uint64_t seed,
                                        const Device& device) {
    const Dataset data = synthetic_data(count, seed, true);
    SimulatedMeasurements m;
    for (std::size_t i = 0; i < count; ++i) {
      const std::array<double, kPredictedCosts> ratio = device(data.network(i), data.hardware(i));
      m.measured.network.push_back(data.network(i));
      m.measured.hardware.push_back(data.hardware(i));
      m.measured.costs.push_back(
          {ratio[0] * data.label(i).latency_ms, ratio[1] * data.label(i).energy_mj});
      m.simulated.push_back(data.label(i));
    }
    return m;
  }
  /// Of other pairs than those measured: how far the correction is from the device, in percent.
  static std::array<double, kPredictedCosts> worst_percent(const SimulatorCorrection& correction,
                                                           const Device& device) {
    const SimulatedMeasurements others = measured(200, 99, device);
    const auto found = correction.ratios(others.measured.network, others.measured.hardware);
    std::array<double, kPredictedCosts> worst{};
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Costs costs = corrected(others.simulated[i], found[i]);
      const std::array<double, kPredictedCosts> said{costs.latency_ms, costs.energy_mj};
      for (std::size_t c = 0; c < kPredictedCosts; ++c) {
        worst[c] = std::max(worst[c], 100 * std::abs(said[c] / others.measured.costs[i][c] - 1));
      }
    }
    return worst;
  }

  static std::unique_ptr<Surrogate> one_, two_;
  TemporaryFolder folder_;
};

std::unique_ptr<Surrogate> CorrectionFitTest::one_;
std::unique_ptr<Surrogate> CorrectionFitTest::two_;

const Device kTwice = [](const Choices&, const Choices&) -> std::array<double, kPredictedCosts> {
  return {1.7, 0.6};
};
const Device kTheSame = [](const Choices&, const Choices&) -> std::array<double, kPredictedCosts> {
  return {1, 1};
};

TEST_F(CorrectionFitTest, AConstantFactorIsFoundWhateverTheSurrogateSays) {
  for (const Surrogate* base : {one_.get(), two_.get()}) {
    const FittedCorrection found = fit_correction(*base, measured(5, 5, kTwice), "probe");
    const auto worst = worst_percent(found.correction, kTwice);
    // The ridge holds a constant back by a little, as it does everything.
    EXPECT_LT(worst[0], 0.5);
    EXPECT_LT(worst[1], 0.5);
    ASSERT_EQ(found.corrections.size(), base->members());
    for (const auto& member : found.corrections) {
      EXPECT_TRUE(member[0].corrected && member[1].corrected);
      EXPECT_NEAR(member[0].before_percent, 100 * std::log(1.7), 1e-9);
    }
    // The surrogate itself is far from what was measured.
    const SimulatedMeasurements others = measured(200, 99, kTwice);
    EXPECT_GT(measure_errors(*base, others.measured)[0].mape_percent, 10);
  }
}

TEST_F(CorrectionFitTest, AFunctionLinearInTheHiddenUnitsIsFound) {
  const Surrogate::Impl& impl = one_->impl();
  const auto units_of = [&](const Choices& network, const Choices& hardware) {
    return hidden_units(impl, impl.members[0], {&network, 1}, {&hardware, 1}).units;
  };
  Rng rng(3);
  std::vector<double> weights, energy_weights;
  for (std::size_t u = 0; u < 48; ++u) {
    weights.push_back(0.2 * (rng.uniform() - 0.5));
    energy_weights.push_back(0.1 * (rng.uniform() - 0.5));
  }
  const Device device = [&](const Choices& network,
                            const Choices& hardware) -> std::array<double, kPredictedCosts> {
    const std::vector<double> units = units_of(network, hardware);
    double latency = 0.4, energy = -0.2;
    for (std::size_t u = 0; u < units.size(); ++u) {
      latency += weights[u] * units[u];
      energy += energy_weights[u] * units[u];
    }
    return {std::exp(latency), std::exp(energy)};
  };
  const FittedCorrection none = fit_correction(*one_, measured(3, 5, kTheSame), "probe");
  const FittedCorrection found = fit_correction(*one_, measured(400, 5, device), "probe");
  const auto before = worst_percent(none.correction, device),
             after = worst_percent(found.correction, device);
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    EXPECT_GT(before[c], 10) << c;
    EXPECT_LT(after[c], 0.05) << c;
  }
}

TEST_F(CorrectionFitTest, WhatAgreesIsNotMeasuredOrTooFewStaysToTheBit) {
  SimulatedMeasurements latency_alone = measured(20, 5, kTwice);
  for (auto& costs : latency_alone.measured.costs) costs[1] = std::nan("");
  const SimulatedMeasurements others = measured(50, 99, kTheSame);
  const auto ratios = [&](const FittedCorrection& found) {
    return found.correction.ratios(others.measured.network, others.measured.hardware);
  };
  const FittedCorrection agrees = fit_correction(*one_, measured(20, 5, kTheSame), "probe"),
                         few = fit_correction(*one_, measured(2, 5, kTwice), "probe"),
                         half = fit_correction(*one_, latency_alone, "probe");
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(ratios(agrees)[i], (CostRatios{1, 1}));
    EXPECT_EQ(ratios(few)[i], (CostRatios{1, 1}));
    EXPECT_NEAR(ratios(half)[i][0], 1.7, 2e-3);
    EXPECT_EQ(ratios(half)[i][1], 1);
  }
  EXPECT_FALSE(agrees.corrections[0][0].corrected);
  EXPECT_EQ(half.corrections[0][1].measurements, 0U);
}

TEST_F(CorrectionFitTest, TheFileKeepsItAndIsTakenForNothingElse) {
  const auto fitted = [&] { return fit_correction(*two_, measured(20, 5, kTwice), "probe"); };
  const FittedCorrection found = fitted();
  found.correction.save(folder_.path() / "a.h5");
  fitted().correction.save(folder_.path() / "b.h5");
  EXPECT_EQ(folder_.read("a.h5"), folder_.read("b.h5"));
  const SimulatorCorrection loaded = SimulatorCorrection::load(folder_.path() / "a.h5");
  loaded.save(folder_.path() / "c.h5");
  EXPECT_EQ(folder_.read("a.h5"), folder_.read("c.h5"));
  const SimulatedMeasurements others = measured(50, 99, kTheSame);
  EXPECT_EQ(loaded.ratios(others.measured.network, others.measured.hardware),
            found.correction.ratios(others.measured.network, others.measured.hardware));

  one_->save(folder_.path() / "m.h5");
  EXPECT_THAT(
      message_of<InputError>([&] { Surrogate::load(folder_.path() / "a.h5"); }),
      AllOf(HasSubstr("a.h5"), HasSubstr("dovetail.correction/1, expected dovetail.surrogate/")));
  EXPECT_THAT(message_of<InputError>([&] { SimulatorCorrection::load(folder_.path() / "m.h5"); }),
              AllOf(HasSubstr("m.h5"), HasSubstr("expected dovetail.correction/1")));

  const auto report = nlohmann::json::parse(found.report);
  EXPECT_EQ(report["schema"], "dovetail.correction_report/1");
  EXPECT_EQ(report["corrections"]["latency"].size(), 2U);
  EXPECT_TRUE(report["base"].contains("held_out_errors"));
}

TEST_F(CorrectionFitTest, AFineTunedBaseHasTheSameUnitsAndGivesTheSame) {
  const Surrogate tuned = fine_tune(*one_, measured(20, 7, kTwice).measured).model;
  ASSERT_TRUE(tuned.tuned());
  ASSERT_FALSE(one_->tuned());
  const SimulatedMeasurements some = measured(20, 5, kTwice);
  fit_correction(*one_, some, "probe").correction.save(folder_.path() / "a.h5");
  fit_correction(tuned, some, "probe").correction.save(folder_.path() / "b.h5");
  EXPECT_EQ(folder_.read("a.h5"), folder_.read("b.h5"));
}

TEST_F(CorrectionFitTest, WhatTheSimulatorCannotRunIsLeftOut) {
  write_tiny_spaces(folder_);
  folder_.write("hw.yaml", R"(schema: dovetail.design_space/1
name: small
base: nahas_baseline
decisions:
  - {name: register_file_kib, choices: [0.25, 32]}
)");
  const NetworkSpace networks = NetworkSpace::load(folder_.path() / "net.yaml");
  const DesignSpace accelerators = DesignSpace::load(folder_.path() / "hw.yaml");
  const Choices network(networks.decisions().size(), 0);
  Measurements measured;
  measured.network = {network, network};
  measured.hardware = {{0}, {1}};
  measured.costs = {{1, 2}, {3, 4}};
  measured.infeasible = 5;
  const SimulatedMeasurements found = simulate_measured(measured, networks, accelerators, "16nm");
  ASSERT_EQ(found.measured.size(), 1U);
  EXPECT_EQ(found.measured.hardware[0], Choices{1});
  EXPECT_EQ(found.measured.costs[0][1], 4);
  EXPECT_EQ(found.measured.infeasible, 5U);
  EXPECT_EQ(found.infeasible, 1U);
  PairSimulator simulator(pair_domain(networks, accelerators), "16nm");
  EXPECT_EQ(found.simulated.at(0), simulator.costs({network, {1}}).costs);
  measured.hardware[1] = {0};
  EXPECT_THAT(
      message_of<InputError>([&] { simulate_measured(measured, networks, accelerators, "16nm"); }),
      HasSubstr("none of the 2 measured pairs"));
}

}  // namespace
}  // namespace dovetail
