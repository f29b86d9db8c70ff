#include "cost/surrogate/training/fine_tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text/error.h"
#include "cost/surrogate/data/dataset_tools.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/trainer.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class FineTuningTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    TrainingOptions options;
    options.hidden = {32, 24, 16};
    options.epochs = 15;
    options.ensemble = 2;
    base_ = std::make_unique<Surrogate>(train_surrogate(synthetic_data(3000, 1), options).model);
  }
  static void TearDownTestSuite() { base_.reset(); }

  /// Another machine: slower by a factor that depends on one hardware decision.
  static Measurements measured(std::size_t count, std::uint64_t seed, double factor, double slope) {
    const Dataset data = synthetic_data(count, seed, true);
    Measurements m;
    for (std::size_t i = 0; i < count; ++i) {
      m.network.push_back(data.network(i));
      m.hardware.push_back(data.hardware(i));
      const double slower = factor * std::exp(slope * data.hardware(i)[0]);
      m.costs.push_back({slower * data.label(i).latency_ms, slower * data.label(i).energy_mj});
    }
    return m;
  }
  static double mape(const Surrogate& model, const Measurements& m, std::size_t cost = 0) {
    return measure_errors(model, m)[cost].mape_percent;
  }
  static std::vector<double> predicted(const Surrogate& model, const Measurements& m) {
    std::vector<double> values;
    for (const CostPrediction& p : model.predict(m.network, m.hardware)) {
      values.insert(values.end(), {p.costs.latency_ms, p.costs.energy_mj, p.feasible_probability});
    }
    return values;
  }
  std::string error_of(const std::string& csv) const {
    folder_.write("m.csv", csv);
    try {
      read_measurements(folder_.path() / "m.csv", *base_);
    } catch (const InputError& e) {
      return e.what();
    }
    return "no error";
  }

  static std::unique_ptr<Surrogate> base_;
  TemporaryFolder folder_;
};

std::unique_ptr<Surrogate> FineTuningTest::base_;

TEST_F(FineTuningTest, FewMeasurementsTakeMostOfAShiftAway) {
  const Measurements others = measured(400, 99, 1.6, 0.1);
  const double before = mape(*base_, others), energy_before = mape(*base_, others, 1);
  double last = before;
  for (const std::size_t count : {10, 40, 160}) {
    const FineTuned tuned = fine_tune(*base_, measured(count, 5, 1.6, 0.1));
    const double after = mape(tuned.model, others);
    EXPECT_LT(after, last) << count;
    EXPECT_LT(after, before / 3) << count;
    EXPECT_LT(mape(tuned.model, others, 1), energy_before / 3) << count;
    last = after;
    ASSERT_EQ(tuned.corrections.size(), 2U);
    EXPECT_TRUE(tuned.corrections[1][0].corrected);
    EXPECT_LT(tuned.corrections[1][0].leave_one_out_percent,
              tuned.corrections[1][0].before_percent);
  }
}

TEST_F(FineTuningTest, MeasurementsThatAgreeWithTheModelDoNotMakeItWorse) {
  const Measurements others = measured(400, 99, 1, 0);
  const double before = mape(*base_, others);
  for (std::uint64_t seed = 10; seed < 20; ++seed) {
    for (const std::size_t count : {3, 10, 20}) {
      const FineTuned tuned = fine_tune(*base_, measured(count, seed, 1, 0));
      EXPECT_LT(mape(tuned.model, others), 1.1 * before) << count << " of seed " << seed;
    }
  }
}

TEST_F(FineTuningTest, TheSameMeasurementsGiveTheSameBytesAndTheFileKeepsThem) {
  const Measurements some = measured(20, 5, 1.6, 0.1), others = measured(300, 98, 1.6, 0.1);
  const FineTuned tuned = fine_tune(*base_, some);
  tuned.model.save(folder_.path() / "a.h5");
  fine_tune(*base_, some).model.save(folder_.path() / "b.h5");
  EXPECT_EQ(folder_.read("a.h5"), folder_.read("b.h5"));
  const Surrogate loaded = Surrogate::load(folder_.path() / "a.h5");
  EXPECT_EQ(predicted(loaded, others), predicted(tuned.model, others));
  EXPECT_NE(predicted(loaded, others), predicted(*base_, others));
  EXPECT_THROW(fine_tune(loaded, some), InputError);
  const auto report = nlohmann::json::parse(fine_tuning_report(*base_, tuned));
  EXPECT_EQ(report["corrections"]["latency"].size(), 2U);
  EXPECT_TRUE(report["base"].contains("held_out_errors"));
}

TEST_F(FineTuningTest, LeaveOneOutIsThatOfModelsTunedOnTheOthers) {
  // With a penalty that is the best for all, leaving one out by hand gives the same error.
  const Measurements all = measured(12, 7, 1.6, 0.1);
  const CostCorrection found = fine_tune(*base_, all).corrections[0][0];
  double squares = 0;
  std::size_t same_penalty = 0;
  for (std::size_t out = 0; out < all.size(); ++out) {
    Measurements rest = all, one;
    rest.network.erase(rest.network.begin() + static_cast<std::ptrdiff_t>(out));
    rest.hardware.erase(rest.hardware.begin() + static_cast<std::ptrdiff_t>(out));
    rest.costs.erase(rest.costs.begin() + static_cast<std::ptrdiff_t>(out));
    const FineTuned tuned = fine_tune(*base_, rest);
    same_penalty += tuned.corrections[0][0].penalty == found.penalty ? 1 : 0;
    const std::vector<PackedMlp> alone = {
        PackedMlp(tuned.model.impl().members[0], tuned.model.impl().skips[0])};
    const auto p = tuned.model.impl().predict(alone, std::span(&all.network[out], 1),
                                              std::span(&all.hardware[out], 1));
    const double error = 100 * std::log(p[0].costs.latency_ms / all.costs[out][0]);
    squares += error * error;
  }
  const double by_hand = std::sqrt(squares / 12);
  EXPECT_GT(same_penalty, 3U);
  EXPECT_GT(by_hand, found.leave_one_out_percent / 2);
  EXPECT_LT(by_hand, found.leave_one_out_percent * 2);
}

TEST_F(FineTuningTest, WhatIsNotMeasuredStaysAsItWas) {
  Measurements some = measured(20, 5, 1.6, 0.1);
  for (auto& costs : some.costs) costs[1] = std::nan("");
  const FineTuned tuned = fine_tune(*base_, some);
  const Measurements others = measured(50, 97, 1, 0);
  const std::vector<double> before = predicted(*base_, others),
                            after = predicted(tuned.model, others);
  for (std::size_t i = 0; i < before.size(); i += 3) {
    EXPECT_NE(before[i], after[i]);
    EXPECT_EQ(before[i + 1], after[i + 1]);
    EXPECT_EQ(before[i + 2], after[i + 2]);
  }
  EXPECT_EQ(tuned.corrections[0][1].measurements, 0U);
  EXPECT_FALSE(tuned.corrections[0][1].corrected);
}

TEST_F(FineTuningTest, ReadsWhatExportWritesAndLeavesInfeasibleOut) {
  const Dataset data = synthetic_data(60, 3);
  export_csv(data, folder_.path() / "d.csv");
  const Measurements read = read_measurements(folder_.path() / "d.csv", *base_);
  EXPECT_EQ(read.size(), data.feasible_rows());
  EXPECT_EQ(read.infeasible, data.rows() - data.feasible_rows());
  ASSERT_GT(read.infeasible, 0U);
  for (std::size_t row = 0, i = 0; row < data.rows(); ++row) {
    if (!data.label(row).feasible()) continue;
    EXPECT_EQ(read.network[i], data.network(row));
    EXPECT_EQ(read.hardware[i], data.hardware(row));
    EXPECT_EQ(read.costs[i][0], data.label(row).latency_ms);
    EXPECT_EQ(read.costs[i++][1], data.label(row).energy_mj);
  }
}

TEST_F(FineTuningTest, MeasurementsInAnotherUnitAreDoubted) {
  const auto doubts = [](double factor) { return unit_doubts(*base_, measured(25, 5, factor, 0)); };
  for (const double factor : {1000.0, 1100.0, 930.0}) {
    ASSERT_EQ(doubts(factor).size(), 2U) << factor;
    EXPECT_THAT(doubts(factor)[0],
                testing::AllOf(HasSubstr("latency_ms"), HasSubstr("about 1000 times what"),
                               HasSubstr("the column wants ms")));
    EXPECT_THAT(doubts(factor)[1],
                testing::AllOf(HasSubstr("energy_mj"), HasSubstr("the column wants mJ")));
    ASSERT_EQ(doubts(1 / factor).size(), 2U) << factor;
    EXPECT_THAT(doubts(1 / factor)[0], HasSubstr("a thousandth of what"));
  }
  // A chip may be slower than its model, even a great deal, or faster.
  for (const double factor : {1.0, 1.6, 5.0, 600.0, 1400.0, 1e6}) {
    EXPECT_EQ(doubts(factor), std::vector<std::string>{}) << factor;
    EXPECT_EQ(doubts(1 / factor), std::vector<std::string>{}) << factor;
  }
  Measurements latency = measured(25, 5, 1000, 0);
  for (auto& costs : latency.costs) costs[1] = std::nan("");
  EXPECT_EQ(unit_doubts(*base_, latency).size(), 1U);
}

TEST_F(FineTuningTest, BadFilesAreNamedWithTheLine) {
  export_csv(synthetic_data(5, 3, true), folder_.path() / "d.csv");
  const std::string good = folder_.read("d.csv");
  std::size_t head = 0;  // after comments
  int line = 1;
  for (; good[head] == '#'; ++line) head = good.find('\n', head) + 1;
  const std::size_t row = good.find('\n', head) + 1;
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from, head);
    return text.replace(at, from.size(), to);
  };
  EXPECT_THAT(error_of(good), HasSubstr("no error"));
  const std::string first = "m.csv:" + std::to_string(line),
                    second = "m.csv:" + std::to_string(line + 1);
  EXPECT_THAT(error_of(changed("latency_ms", "latency")),
              testing::AllOf(HasSubstr(first), HasSubstr("did you mean 'latency_ms'")));
  EXPECT_THAT(error_of(changed("hardware.", "hard.")), HasSubstr(first));
  EXPECT_THAT(error_of(good.substr(0, row) + "9" + good.substr(row)),
              testing::AllOf(HasSubstr(second), HasSubstr("allowed")));
  EXPECT_THAT(error_of(good.substr(0, row) + "1,2\n"),
              testing::AllOf(HasSubstr(second), HasSubstr("found 2 cells")));
  EXPECT_THAT(error_of(good.substr(0, row)), HasSubstr("no measurement"));
  EXPECT_THAT(error_of(""), HasSubstr("no measurement"));
  EXPECT_THAT(error_of(good.substr(0, good.size() - 1) + "x\n"), HasSubstr("positive number"));
}

}  // namespace
}  // namespace dovetail
