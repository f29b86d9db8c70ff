#include "sim/silicon/frame_rate.h"

#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "sim/program/activity.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

/// An inference on some accelerator, with a latency in whole cycles.
struct RandomInference {
  explicit RandomInference(Rng& rng) {
    const AcceleratorConfig accelerator = test::random_accelerator(rng);
    const EnergyModel model(accelerator, Technology::load(resolve_config("technology", "16nm")));
    const auto cycles = static_cast<std::int64_t>(1000 + rng.index(1'000'000));
    leakage_mw = model.leakage_mw();
    latency_ms = static_cast<double>(cycles) / (accelerator.clock_ghz * 1e6);
    energy = model.of({1'000'000, 10'000, 2'000'000, 500'000, 40'000, 30'000}, cycles);
  }
  EnergyBreakdown energy;
  double latency_ms = 0, leakage_mw = 0;
};

// Of the period's energy all but leakage is the inference's; leakage is power times period.
TEST(FrameRate, IsTheInferenceAndLeakageOfTheWholePeriod) {
  Rng rng(1);
  for (int i = 0; i < 100; ++i) {
    const RandomInference run(rng);
    const double period_ms = run.latency_ms * (1 + 50 * rng.uniform());
    const FrameRateEnergy rate = at_frame_rate(run.energy, run.latency_ms, 1000 / period_ms);
    ASSERT_TRUE(rate.kept);
    EXPECT_NEAR(rate.period_ms / period_ms, 1, 1e-12);
    for (const EnergyPart& part : energy_parts()) {
      if (part.mj == &EnergyBreakdown::leakage) continue;
      EXPECT_EQ(rate.energy.*part.mj, run.energy.*part.mj) << part.name;
    }
    EXPECT_NEAR(rate.energy.leakage, run.leakage_mw * period_ms / 1000, 1e-9 * rate.energy.leakage);
    EXPECT_DOUBLE_EQ(rate.average_power_mw, 1000 * rate.energy.total() / rate.period_ms);
    EXPECT_DOUBLE_EQ(rate.on_chip_power_mw, 1000 * rate.energy.on_chip() / rate.period_ms);
  }
}

TEST(FrameRate, TheHighestTakesTheEnergyOfARunAndOneAboveCannotBeKept) {
  Rng rng(2);
  for (int i = 0; i < 1000; ++i) {
    const RandomInference run(rng);
    const double highest = inferences_per_s(run.latency_ms);
    const FrameRateEnergy rate = at_frame_rate(run.energy, run.latency_ms, highest);
    ASSERT_TRUE(rate.kept);
    EXPECT_NEAR(rate.energy.total() / run.energy.total(), 1, 1e-12);
    EXPECT_NEAR(rate.average_power_mw / average_power_mw(run.energy.total(), run.latency_ms), 1,
                1e-12);
    const FrameRateEnergy above = at_frame_rate(run.energy, run.latency_ms, highest * (1 + 1e-9));
    EXPECT_FALSE(above.kept);
    EXPECT_EQ(above.highest_per_s, highest);
    EXPECT_EQ(above.energy.total(), 0);
  }
}

// Fewer frames: more energy for each, since the chip leaks longer, and less power, down to that of
// leakage alone.
TEST(FrameRate, ALongerPeriodTakesMoreEnergyAndLessPower) {
  Rng rng(3);
  const RandomInference run(rng);
  const double highest = inferences_per_s(run.latency_ms);
  FrameRateEnergy before = at_frame_rate(run.energy, run.latency_ms, highest);
  for (double per_s = highest / 2; per_s > highest * 1e-9; per_s /= 2) {
    const FrameRateEnergy rate = at_frame_rate(run.energy, run.latency_ms, per_s);
    EXPECT_GT(rate.energy.total(), before.energy.total());
    EXPECT_LT(rate.average_power_mw, before.average_power_mw);
    EXPECT_GT(rate.average_power_mw, run.leakage_mw);
    before = rate;
  }
  EXPECT_NEAR(before.average_power_mw / run.leakage_mw, 1, 1e-6);
}

}  // namespace
}  // namespace dovetail
