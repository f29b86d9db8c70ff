#include "nas/scaling/scaling_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

const ScalableNetwork& small_network() {
  static const ScalableNetwork network(find_block_network("mobilenetv2_0.5_160"));
  return network;
}

/// Channels cost by the 32, as on an accelerator that computes so many at once; accuracy has
/// diminishing returns in everything.
std::optional<ScaleFigures> by_hand(const NetworkScale& scale) {
  const auto within = [](const std::vector<int>& numbers, int most) {
    return std::ranges::all_of(numbers, [&](int number) { return number <= most; });
  };
  if (scale.resolution > 224 || !within(scale.channels, 256) || !within(scale.blocks, 8)) {
    return std::nullopt;
  }
  ScaleFigures figures;
  double positions = static_cast<double>(scale.resolution) * scale.resolution;
  for (std::size_t s = 0; s < scale.blocks.size(); ++s) {
    const int blocks = scale.blocks[s], channels = scale.channels[s];
    figures.cycles += static_cast<std::int64_t>(positions / 64) * blocks * ((channels + 31) / 32);
    figures.macs += static_cast<std::int64_t>(positions) * blocks * channels;
    figures.top1_percent += std::log(channels) + 0.5 * std::log(blocks) * static_cast<double>(s);
    if (s % 2 == 0) positions /= 4;
  }
  figures.top1_percent += 3 * std::log(scale.resolution);
  figures.latency_ms = static_cast<double>(figures.cycles) / 1e6;
  figures.utilization =
      static_cast<double>(figures.macs) / (static_cast<double>(figures.cycles) * 1e4);
  return figures;
}

ScaleStep start_of(const NetworkScale& scale) {
  return {scale, "", *by_hand(scale)};
}

// Channels cost by the 32 there: what is taken is all that costs nothing more.
TEST(ScalingSteps, RoundsUpToWhatCostsNothing) {
  const ScaleStep start = start_of(small_network().scale());
  const double budgets[] = {start.figures.latency_ms};
  const auto path = scaling_path(small_network(), start, budgets, {}, by_hand);
  EXPECT_EQ(path.back().figures.cycles, start.figures.cycles);
  for (const int channels : path.back().scale.channels) EXPECT_EQ(channels % 32, 0);
  for (std::size_t i = 1; i < path.size(); ++i) {
    EXPECT_EQ(path[i].figures.cycles, start.figures.cycles) << path[i].change;
  }
}

// Within the network's own time nothing is taken that the simulator says is not free.
TEST(ScalingSteps, RoundingUpNeverRaisesSimulatedCycles) {
  for (const char* name : {"nahas_baseline", "coral_usb", "nahas_edge-3778"}) {
    const auto accuracy = [](const NetworkScale& scale) {
      return AccuracyAnswer::known({by_hand(scale) ? by_hand(scale)->top1_percent : 0, false});
    };
    MeasuredScales measured(small_network(), find_accelerator(name), accuracy);
    const MeasureScale measure = [&](const NetworkScale& s) { return measured(s); };
    const ScaleFigures own = measured.required(small_network().scale());
    const double budgets[] = {own.latency_ms};
    const auto path =
        scaling_path(small_network(), {small_network().scale(), "", own}, budgets, {}, measure);
    for (const ScaleStep& step : path) EXPECT_LE(step.figures.cycles, own.cycles) << name;
  }
}

TEST(ScalingSteps, TriesEveryStageAndTheInput) {
  const NetworkScale own = small_network().scale();
  const auto changes = next_changes(small_network(), own, 8);
  ASSERT_EQ(changes.size(), 7U + 8U * 8U + 1U);  // the stem is not deepened
  std::set<NetworkScale> scales;
  for (const ScaleChange& change : changes) {
    scales.insert(change.scale);
    EXPECT_NE(change.scale, own) << change.change;
  }
  EXPECT_EQ(scales.size(), changes.size());
  EXPECT_EQ(changes.front().change, "stage 0: 16 to 24 channels");
  EXPECT_EQ(changes.back().change, "input: 160 to 168 pixels");
}

// Each step of a path is the best of all that could have been done instead, by trying them all.
TEST(ScalingSteps, TakesTheBestOfAllChanges) {
  const double budget_ms = by_hand(small_network().scale())->latency_ms * 2;
  for (const StepPrice price : {StepPrice::kLatency, StepPrice::kMacs}) {
    const double budgets[] = {budget_ms};
    const auto path = scaling_path(small_network(), start_of(small_network().scale()), budgets,
                                   {price, 16}, by_hand);
    ASSERT_GT(path.size(), 5U);
    const auto paid = [&](const ScaleFigures& figures) {
      return static_cast<double>(price == StepPrice::kMacs ? figures.macs : figures.cycles);
    };
    for (std::size_t i = 1; i < path.size(); ++i) {
      const ScaleFigures& from = path[i - 1].figures;
      const auto ratio = [&](const ScaleFigures& to) {
        const double price_paid = paid(to) - paid(from), gain = to.top1_percent - from.top1_percent;
        return price_paid <= 0 ? 1e6 + gain : gain / price_paid;
      };
      double best = 0;
      for (const ScaleChange& change : next_changes(small_network(), path[i - 1].scale, 16)) {
        const auto figures = by_hand(change.scale);
        if (figures && figures->latency_ms <= budget_ms) best = std::max(best, ratio(*figures));
      }
      EXPECT_NEAR(ratio(path[i].figures), best, best * 1e-9) << i;
    }
  }
}

TEST(ScalingSteps, GainsAtEveryStepAndHoldsEachBudget) {
  const ScaleStep start = start_of(small_network().scale());
  const double own_ms = start.figures.latency_ms;
  const double budgets[] = {own_ms, own_ms * 1.5, own_ms * 3};
  const auto path = scaling_path(small_network(), start, budgets, {}, by_hand);
  EXPECT_EQ(path.front().scale, small_network().scale());
  for (std::size_t i = 1; i < path.size(); ++i) {
    EXPECT_GT(path[i].figures.top1_percent, path[i - 1].figures.top1_percent);
    EXPECT_LE(path[i].figures.latency_ms, budgets[2]);
  }
  // What is free is done within the first budget, and no more.
  const auto first = scaling_path(small_network(), start, std::span(budgets).first(1), {}, by_hand);
  EXPECT_EQ(first.back().figures.cycles, start.figures.cycles);
  EXPECT_GT(first.size(), 1U);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].scale, path[i].scale);
  EXPECT_FALSE(best_step(path.back().figures, next_changes(small_network(), path.back().scale, 16),
                         budgets[2], StepPrice::kLatency, by_hand));
}

TEST(ScalingSteps, GivesUpPixelsWhereTheyAreWorthLess) {
  const ScaleStep start = start_of(small_network().scale());
  const double budgets[] = {start.figures.latency_ms * 1.2};
  const auto path = path_from_best_input(small_network(), start, budgets, {}, by_hand);
  EXPECT_EQ(path.front().scale, start.scale);
  // By trying every input by itself.
  double best = 0;
  for (int pixels = 160; pixels >= 80; pixels -= 16) {
    NetworkScale scale = start.scale;
    scale.resolution = pixels;
    const auto from = scaling_path(small_network(), start_of(scale), budgets, {}, by_hand);
    best = std::max(best, from.back().figures.top1_percent);
  }
  EXPECT_EQ(path.back().figures.top1_percent, best);
  for (const ScaleStep& step : path) EXPECT_LE(step.figures.latency_ms, budgets[0]);
}

TEST(ScalingSteps, BreaksTiesByUtilization) {
  const NetworkScale own = small_network().scale();
  NetworkScale one = own, other = own;
  one.channels[2] += 8;
  other.channels[3] += 8;
  const auto measure = [&](const NetworkScale& scale) -> std::optional<ScaleFigures> {
    if (scale == own) return ScaleFigures{50, false, 100, 1, 0.1, 10, 10};
    return ScaleFigures{51, false, 110, 1.1, scale == other ? 0.3 : 0.2, 11, 11};
  };
  const ScaleChange changes[] = {{one, "one"}, {other, "other"}};
  const auto step = best_step(*measure(own), changes, 2, StepPrice::kLatency, measure);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->change, "other");
  EXPECT_FALSE(best_step(*measure(own), changes, 1.05, StepPrice::kLatency, measure));
}

}  // namespace
}  // namespace dovetail
