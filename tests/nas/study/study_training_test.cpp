#include "nas/study/study_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nas/study/study_setup.h"
#include "tests/models/training/made_images.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kSpace = R"(schema: dovetail.network_space/1
name: seen
input: {height: 8, width: 8, channels: 1}
decisions:
  - {name: k, choices: [3, 5]}
  - {name: train.lr, choices: [0.01, 0.1]}
blocks:
  - conv k=$k c=8 act=relu
  - pool
  - fc c=4
)";

class StudyTrainingTest : public testing::Test {
 protected:
  StudyTrainingTest() {
    tiny_.folder().write("seen.yaml", kSpace);
    test::write_made_images(tiny_.path() / "images");
  }
  /// Empty if there is none.
  std::string refusal(const std::string& accuracy, const std::string& objective,
                      const std::string& more = "") const {
    try {
      StudySetup(tiny_.config("scope: network\nnetwork: {space: ./seen.yaml}\naccuracy: {" +
                              accuracy + "}\nobjective: {" + objective + "}\n" + more));
      return "";
    } catch (const InputError& error) {
      return error.what();
    }
  }

  TinyStudy tiny_;
};

constexpr const char* kTop1 = "pareto: [top1_percent], reference: {top1_percent: 1}";
constexpr const char* kGivesUp = "source: train, data: ./images, learning_curve: true";

TEST_F(StudyTrainingTest, TrainingDecisionsNeedSomeoneWhoTrains) {
  EXPECT_EQ(refusal("source: train, data: ./images", kTop1), "");
  EXPECT_THAT(refusal("source: supernet, data: ./images", kTop1),
              AllOf(HasSubstr("decision 'train.lr' says how networks are trained"),
                    HasSubstr("source 'supernet' trains none by it"), HasSubstr("command")));
  EXPECT_THAT(refusal("source: none", "pareto: [latency_ms], reference: {latency_ms: 1}"),
              HasSubstr("source 'none' trains none by it"));
}

TEST_F(StudyTrainingTest, OnlyWhereAccuracyDecidesIsAnythingGivenUpForIt) {
  EXPECT_EQ(refusal(kGivesUp, kTop1), "");
  EXPECT_THAT(refusal(kGivesUp,
                      "pareto: [top1_percent, latency_ms], reference: {top1_percent: 1, "
                      "latency_ms: 1}"),
              HasSubstr("accuracy.learning_curve: a network below the best accuracy may be wanted "
                        "here: objective.pareto has latency_ms"));
}

TEST_F(StudyTrainingTest, HalvingIsForAccuracyAloneToo) {
  const std::string halving = "source: train, data: ./images, successive_halving: 3";
  EXPECT_EQ(refusal(halving, kTop1), "");
  EXPECT_THAT(
      refusal(halving,
              "pareto: [top1_percent, area_mm2], reference: {top1_percent: 1, area_mm2: 9}"),
      HasSubstr("accuracy.successive_halving: a network below the best accuracy may be "
                "wanted here: objective.pareto has area_mm2"));
}

TEST_F(StudyTrainingTest, ARewardMayHaveNoSayWithinTheLimits) {
  const auto with = [&](const std::string& kind, double target) {
    return refusal(
        kGivesUp,
        fmt::format("{}, reward: {{kind: {}, targets: {{latency_ms: {}}}}}", kTop1, kind, target),
        "constraints: {latency_ms: 0.4}\n");
  };
  EXPECT_EQ(with("one_sided", 0.4), "");
  EXPECT_EQ(with("nahas_hard", 0.5), "");
  EXPECT_THAT(with("one_sided", 0.3), HasSubstr("the reward has a term of latency_ms"));
  for (const char* kind : {"nahas_soft", "tunas_absolute", "weighted_sum"}) {
    EXPECT_THAT(with(kind, 0.4), HasSubstr("the reward has a term of latency_ms")) << kind;
    EXPECT_THAT(with(kind, 0.3), HasSubstr("the reward has a term of latency_ms")) << kind;
  }
}

}  // namespace
}  // namespace dovetail
