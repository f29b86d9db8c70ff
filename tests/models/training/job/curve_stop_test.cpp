#include "models/training/job/curve_stop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "models/network/zoo.h"
#include "models/training/job/early_end.h"
#include "models/training/job/training_job.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

const CurveStop kStop{80, {{10, {1}, 2}, {20, {0.5, 0.25}, 1}}};

TEST(CurveStopTest, HopeIsTwoSigmaAboveTheForecast) {
  EXPECT_DOUBLE_EQ(hoped_for_percent(kStop, std::vector{50.0}), 10 + 50 + 2 * 2);
  EXPECT_DOUBLE_EQ(hoped_for_percent(kStop, std::vector{50.0, 60.0}), 20 + 25 + 15 + 2);
}

TEST(CurveStopTest, WithoutAForecastAllMayBeHopedFor) {
  EXPECT_TRUE(std::isinf(hoped_for_percent(kStop, {})));
  EXPECT_TRUE(std::isinf(hoped_for_percent(kStop, std::vector{1.0, 1.0, 1.0})));
  EXPECT_TRUE(std::isinf(hoped_for_percent({80, {}}, std::vector{1.0})));
}

TEST(CurveStopTest, AJobKeepsItToTheBit) {
  const TemporaryFolder folder;
  TrainingJob job;
  job.network = find_network("mobilenet_v2");
  job.data = "images";
  EXPECT_EQ(TrainingJob::load(folder.write("job.json", job.to_json_text())).curve_stop,
            std::nullopt);
  job.curve_stop = kStop;
  job.curve_stop->forecasts[0].sigma = 0.1 + 0.2;
  const TrainingJob read = TrainingJob::load(folder.write("job.json", job.to_json_text()));
  EXPECT_EQ(read.curve_stop, job.curve_stop);
  job.curve_stop->rungs = {{1, 0.1 + 0.2}, {3, 50}};
  EXPECT_EQ(TrainingJob::load(folder.write("job.json", job.to_json_text())).curve_stop,
            job.curve_stop);
  job.curve_stop->forecasts[0].weights = {1, 2};
  EXPECT_THROW(TrainingJob::load(folder.write("job.json", job.to_json_text())), InputError);
}

TEST(CurveStopTest, EndsWhereNoHopeIsLeft) {
  EXPECT_EQ(reason_to_stop(kStop, std::vector{66.0}, 5), "") << "two sigma above: just the best";
  EXPECT_EQ(
      reason_to_stop(kStop, std::vector{60.0}, 5),
      "learning curve: after 1 of 5 epochs no more than 74.00 % is to be hoped for, and 80.00 "
      "% is there");
  EXPECT_EQ(reason_to_stop(kStop, {}, 5), "");
}

TEST(CurveStopTest, EndsBehindARungBelowWhatItTakes) {
  const CurveStop stop{0, {}, {{1, 50}, {3, 70}}};
  EXPECT_EQ(reason_to_stop(stop, std::vector{50.0}, 5), "");
  EXPECT_EQ(reason_to_stop(stop, std::vector{49.9}, 5),
            "successive halving: 49.90 % after 1 of 5 epochs, and 50.00 % goes on");
  EXPECT_EQ(reason_to_stop(stop, std::vector{50.0, 10.0}, 5), "") << "no rung is there";
  EXPECT_NE(reason_to_stop(stop, std::vector{50.0, 80.0, 69.0}, 5), "") << "the last epoch counts";
  EXPECT_EQ(reason_to_stop(stop, std::vector{50.0, 10.0, 70.0}, 5), "");
}

TEST(CurveStopTest, ReasonsTellWhatWasEndedOnPurpose) {
  for (const std::string_view start : {kDiverged, kBehindTheBest, kNotPromoted}) {
    EXPECT_TRUE(ended_early(std::string(start) + "after 1 of 5 epochs"));
  }
  EXPECT_FALSE(ended_early("training: signal 9"));
  EXPECT_FALSE(ended_early(""));
}

}  // namespace
}  // namespace dovetail
