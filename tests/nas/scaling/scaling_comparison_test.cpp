#include "nas/scaling/scaling_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "hw_space/accelerator_name.h"
#include "models/accuracy/family/network_family.h"
#include "models/network/zoo.h"
#include "nas/scaling/scaling_report.h"
#include "tests/base/text/csv_rows.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ScalingComparisonTest : public testing::Test {
 protected:
  const ScalableNetwork network_{find_block_network("mobilenetv2_0.5_96")};
  const NetworkFamily family_ = find_family(network_, "");
  MeasuredScales measured_{network_, find_accelerator("nahas_baseline"),
                           [this](const NetworkScale& s) { return family_.accuracy(network_, s); }};
};

TEST_F(ScalingComparisonTest, EveryWayHoldsEveryBudgetAndGainsFromOneToTheNext) {
  const double own_ms = measured_.required(network_.scale()).latency_ms;
  const double budgets[] = {own_ms * 1.01, own_ms * 1.3};
  const ScalingComparison found = compare_scaling(network_, measured_, budgets, 16);
  ASSERT_EQ(found.methods.size(), 7U);
  EXPECT_EQ(found.methods.front().name, "joint");
  for (const ScalingMethod& method : found.methods) {
    EXPECT_EQ(method.steps.front().scale, network_.scale()) << method.name;
    ASSERT_EQ(method.answers.size(), 2U);
    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_LE(method.answer(b).figures.latency_ms, budgets[b]) << method.name;
    }
    EXPECT_GE(method.answer(0).figures.top1_percent, found.start().top1_percent) << method.name;
    EXPECT_GE(method.answer(1).figures.top1_percent, method.answer(0).figures.top1_percent);
  }
  EXPECT_GT(found.methods.front().answer(1).figures.top1_percent, found.start().top1_percent + 1);

  const auto rows = csv_rows(scaling_csv(std::span(&found, 1), network_, family_));
  std::size_t steps = 0;
  for (const ScalingMethod& method : found.methods) steps += method.steps.size();
  EXPECT_EQ(rows.size(), steps + 1);
  EXPECT_THAT(scaling_path_table(found, network_), HasSubstr("mobilenetv2_0.5_96"));
  EXPECT_THAT(scaling_answers_table(found), HasSubstr("compound"));
  EXPECT_THAT(family_text(family_), HasSubstr("22 published networks of 'mobilenetv2'"));
}

TEST_F(ScalingComparisonTest, SaysWhichBudgetsAreNone) {
  const double own_ms = measured_.required(network_.scale()).latency_ms;
  const auto refusal = [&](std::vector<double> budgets) {
    return input_error([&] { compare_scaling(network_, measured_, budgets, 16); });
  };
  EXPECT_THAT(refusal({own_ms / 2}), HasSubstr("allowed are at least the"));
  EXPECT_THAT(refusal({}), HasSubstr("allowed are at least the"));
  EXPECT_THAT(refusal({own_ms * 2, own_ms}), HasSubstr("do not ascend"));
}

TEST_F(ScalingComparisonTest, BaselinesScaleAsTheySay) {
  const NetworkScale& own = network_.scale();
  for (const ScaleChange& change : wider_scales(network_)) {
    EXPECT_EQ(change.scale.blocks, own.blocks);
    EXPECT_EQ(change.scale.resolution, own.resolution);
  }
  EXPECT_EQ(wider_scales(network_).back().scale.channels[7], 640);
  for (const ScaleChange& change : finer_scales(network_, 16)) {
    EXPECT_EQ(change.scale.channels, own.channels);
    EXPECT_EQ(change.scale.blocks, own.blocks);
  }
  EXPECT_EQ(finer_scales(network_, 16).front().scale.resolution, 112);
  // Every width at every resolution, but for the network itself.
  const std::vector<ScaleChange> uniform = uniform_scales(network_, 16);
  const std::size_t widths = wider_scales(network_).size() + 1;
  EXPECT_EQ(uniform.size(), widths * ((384 - 48) / 16 + 1) - 1);
  EXPECT_EQ(uniform.front().change, "width x 1.00, input: 48 pixels");
  EXPECT_EQ(uniform.back().scale.resolution, 384);
  // Phi of 1 (the last that makes 110 pixels): 1.2 times the blocks, rounded up, 1.1 times the
  // channels, 1.15 times the pixels.
  NetworkScale one;
  for (const ScaleChange& change : compound_scales(network_)) {
    if (change.scale.resolution == 110) one = change.scale;
  }
  EXPECT_THAT(one.blocks, ElementsAre(1, 2, 3, 4, 5, 4, 4, 2));
  EXPECT_THAT(one.channels, ElementsAre(16, 8, 16, 16, 32, 56, 88, 176));
}

}  // namespace
}  // namespace dovetail
