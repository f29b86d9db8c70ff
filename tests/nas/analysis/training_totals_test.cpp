#include "nas/analysis/training_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nas/analysis/overview_report.h"
#include "tests/nas/analysis/hand_made_study.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// An answer with so many epochs of each training.
AccuracyAnswer with_epochs(AccuracyAnswer answer, const std::vector<int>& epochs) {
  for (std::size_t trial = 0; trial < epochs.size(); ++trial) {
    for (int epoch = 1; epoch <= epochs[trial]; ++epoch) {
      answer.curve.push_back({static_cast<int>(trial), epoch, 1, 1, 50.0 + epoch});
    }
  }
  return answer;
}

std::map<std::string, AccuracyAnswer> answers() {
  const AccuracyAnswer known = AccuracyAnswer::known({80, false});
  return {
      {"a", with_epochs(known, {5})},
      {"b", with_epochs(known, {5})},
      {"c",
       with_epochs(AccuracyAnswer::failed("diverged: no better than guessing after 1 of 5 epochs"),
                   {1})},
      {"d", with_epochs(AccuracyAnswer::failed(
                            "diverged: the loss is no finite number in epoch 1, step 3 of 9"),
                        {0})},
      {"e", with_epochs(AccuracyAnswer::failed("training: signal 9"), {2})},
      {"f", known},  // told by someone
  };
}

TEST(TrainingTotalsTest, EpochsAreSavedByWhatEndedEarlyAlone) {
  const TrainingTotals totals = training_totals(answers(), 1, 5);
  EXPECT_EQ(totals.trainings, 5);
  EXPECT_EQ(totals.to_the_end, 2);
  EXPECT_EQ(totals.epochs_trained, 5 + 5 + 1 + 0 + 2);
  EXPECT_EQ(totals.epochs_saved, 4 + 5);
  ASSERT_EQ(totals.others.size(), 2U);
  EXPECT_EQ(totals.others[0].reason, "diverged");
  EXPECT_EQ(totals.others[0].trainings, 2);
  EXPECT_EQ(totals.others[0].epochs_trained, 1);
  EXPECT_EQ(totals.others[0].epochs_saved, 9);
  EXPECT_EQ(totals.others[1].reason, "training");
  EXPECT_EQ(totals.others[1].epochs_trained, 2);
  EXPECT_EQ(totals.others[1].epochs_saved, 0) << "these are lost";
}

TEST(TrainingTotalsTest, EachTrainingOfANetworkCounts) {
  const std::string reason = "diverged: no better than guessing after 1 of 4 epochs";
  const TrainingTotals totals =
      training_totals({{"a", with_epochs(AccuracyAnswer::failed(reason), {4, 1, 0})}}, 3, 4);
  EXPECT_EQ(totals.trainings, 3);
  EXPECT_EQ(totals.to_the_end, 1);
  EXPECT_EQ(totals.epochs_trained, 5);
  EXPECT_EQ(totals.epochs_saved, 3 + 4);
}

TEST(TrainingTotalsTest, AStudyThatTrainsShowsWhatItStored) {
  HandMadeStudy hand("accuracy: {source: train, data: ./images, epochs: 5}\n");
  std::filesystem::create_directories(hand.study().file.parent_path());
  {
    StudyStore store = StudyStore::create(hand.study().file, hand.study().description);
    for (const auto& [network, answer] : answers()) store.append_accuracy(network, answer);
  }
  const StudyOverview overview = study_overview(hand.study());
  EXPECT_THAT(overview_text(hand.study(), {}, overview),
              AllOf(HasSubstr("Trainings: 2 of 5 to their last epoch; 13 epochs trained, 9 saved "
                              "by ending early"),
                    HasSubstr("diverged")));
  const auto json = nlohmann::json::parse(overview_json(hand.study(), {}, overview));
  EXPECT_EQ(json.at("trainings").at("epochs_trained"), 13);
  EXPECT_EQ(json.at("trainings").at("not_to_the_end").at(0).at("epochs_saved"), 9);
}

TEST(TrainingTotalsTest, OtherStudiesHaveNone) {
  HandMadeStudy hand;
  EXPECT_EQ(training_totals(hand.study()), std::nullopt);
  EXPECT_THAT(overview_text(hand.study(), {}, study_overview(hand.study())),
              Not(HasSubstr("Trainings")));
}

}  // namespace
}  // namespace dovetail
