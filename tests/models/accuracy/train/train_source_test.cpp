#include "models/accuracy/train/train_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/files/yaml.h"
#include "base/text/error.h"
#include "models/accuracy/accuracy_sources.h"
#include "models/accuracy/source/learning_source.h"
#include "models/network/space/network_space.h"
#include "models/training/job/training_runs.h"
#include "tests/base/files/test_files.h"
#include "tests/models/training/made_images.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kSpace = R"(schema: dovetail.network_space/1
name: seen
input: {height: 8, width: 8, channels: 1}
defaults: act=relu
decisions:
  - {name: k, choices: [3, 5]}
  - {name: e, choices: [1, 2, 4]}
blocks:
  - conv k=3 s=2 c=8 name=stem
  - mb k=$k e=$e c=8
  - pool
  - fc c=4
)";

bool can_train() {
  try {
    require_trainer();
    return true;
  } catch (const InputError&) {
    return false;
  }
}

class TrainSourceTest : public testing::Test {
 protected:
  TrainSourceTest() {
    test::write_made_images(folder_.path() / "images");
    side_.space = std::make_shared<NetworkSpace>(NetworkSpace::parse(kSpace, "seen.yaml"));
  }
  AccuracyChoice read(const std::string& more) const {
    return read_accuracy(YamlNode::parse("source: train\ndata: images\n" + more, "study.yaml"),
                         folder_.path());
  }
  std::shared_ptr<AccuracySource> source(const std::string& more = "") const {
    return read("epochs: 2\nbatch: 24\nvalidation: 40\n" + more).settings->make(side_);
  }
  static std::map<std::size_t, AccuracyAnswer> answers(AccuracySource& source,
                                                       const std::vector<Choices>& networks,
                                                       const KeepGoing& keep_going = {}) {
    std::map<std::size_t, AccuracyAnswer> found;
    source.ask(
        networks,
        [&](std::size_t i, const AccuracyAnswer& answer) {
          EXPECT_TRUE(found.emplace(i, answer).second);
        },
        keep_going);
    return found;
  }
  std::string refusal(const std::string& more) const {
    return message_of<InputError>([&] { static_cast<void>(read(more)); });
  }

  TemporaryFolder folder_;
  NetworkSide side_;
};

TEST_F(TrainSourceTest, WhatItReadsItWritesBack) {
  const AccuracyChoice choice =
      read("epochs: 7\noptimizer: sgd\nlr: 0.25\naugment: false\ntrials: 3\nparallel: 2\n");
  const std::string text = accuracy_yaml(choice);
  EXPECT_THAT(text, HasSubstr("source: train\n"));
  EXPECT_THAT(text, HasSubstr("\nepochs: 7\n"));
  EXPECT_THAT(text, HasSubstr("\noptimizer: sgd\n"));
  EXPECT_THAT(text, HasSubstr("\ntrials: 3\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("parallel")));
  EXPECT_THAT(text, testing::Not(HasSubstr("learning_curve"))) << "older studies go on";
  EXPECT_THAT(accuracy_yaml(read("learning_curve: true\n")), HasSubstr("\nlearning_curve: true\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("successive_halving")));
  EXPECT_THAT(accuracy_yaml(read("successive_halving: 3\n")),
              HasSubstr("\nsuccessive_halving: 3\n"));
  EXPECT_EQ(accuracy_yaml(read_accuracy(YamlNode::parse(text, "again.yaml"), "/")), text);
  EXPECT_EQ(choice.settings->files().size(), 4U);
}

TEST_F(TrainSourceTest, KeysAreCheckedWhereTheyStand) {
  EXPECT_THAT(refusal("epochs: 0\n"),
              HasSubstr("study.yaml:3:9: epochs: found '0', allowed an integer from 1 to 10000"));
  EXPECT_THAT(refusal("optimizer: adam\n"), HasSubstr("optimizer: found 'adam', allowed rmsprop"));
  EXPECT_THAT(refusal("epoch: 3\n"), HasSubstr("epochs"));
  EXPECT_THAT(refusal("trials: 0\n"), HasSubstr("trials"));
  EXPECT_THAT(refusal("successive_halving: 1\n"),
              HasSubstr("successive_halving: found '1', allowed an integer from 2 to 100"));
  EXPECT_THAT(refusal("learning_curve: true\nsuccessive_halving: 3\n"),
              HasSubstr("study.yaml:4:21: successive_halving: found beside learning_curve, "
                        "allowed is one of the two"));
  EXPECT_THAT(refusal("command: [x]\n"), HasSubstr("source 'train' does not use it"));
}

TEST_F(TrainSourceTest, ImagesThatDoNotFitAreToldBeforeAStudyBegins) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  EXPECT_NO_THROW(source()->require_ready());
  test::MadeImages more_classes;
  more_classes.classes = 8;
  test::write_made_images(folder_.path() / "images", more_classes);
  EXPECT_THAT(message_of<InputError>([&] { source()->require_ready(); }),
              HasSubstr("label 4, allowed 0 to 3"));
  test::MadeImages larger;
  larger.side = 12;
  test::write_made_images(folder_.path() / "images", larger);
  EXPECT_THAT(message_of<InputError>([&] { source()->require_ready(); }),
              HasSubstr("the images are 12x12x1, the networks read 8x8x1"));
}

TEST_F(TrainSourceTest, AnswersDependOnNothingButNetworkAndRecipe) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const std::vector<Choices> networks = {{0, 0}, {1, 2}, {0, 1}};
  const auto one_by_one = answers(*source(), networks);
  ASSERT_EQ(one_by_one.size(), 3U);
  for (const auto& [i, answer] : one_by_one) {
    ASSERT_TRUE(answer.ok()) << answer.reason;
    ASSERT_EQ(answer.curve.size(), 2U);
    EXPECT_EQ(answer.curve.back().validation_percent, answer.estimate.top1_percent);
  }
  const auto source_of_two = source("parallel: 2\n");
  source_of_two->work_in(folder_.path() / "work");
  EXPECT_EQ(answers(*source_of_two, networks), one_by_one);
  EXPECT_TRUE(fs::is_empty(folder_.path() / "work"));
  EXPECT_EQ(source()->accuracy({1, 2}), one_by_one.at(1).estimate);
}

TEST_F(TrainSourceTest, TheMeanOfSeveralTrainingsCounts) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const AccuracyAnswer both = answers(*source("trials: 2\n"), {{0, 0}}).at(0);
  const AccuracyAnswer first = answers(*source("seed: 0\n"), {{0, 0}}).at(0);
  const AccuracyAnswer second = answers(*source("seed: 1\n"), {{0, 0}}).at(0);
  EXPECT_NE(first.curve, second.curve);
  EXPECT_DOUBLE_EQ(both.estimate.top1_percent,
                   (first.estimate.top1_percent + second.estimate.top1_percent) / 2);
  ASSERT_EQ(both.curve.size(), 4U);
  EXPECT_EQ(both.curve[3].trial, 1);
  EXPECT_EQ(both.curve[3].train_loss, second.curve[1].train_loss);
}

TEST_F(TrainSourceTest, WhatWasStoppedGoesOn) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const auto make = [&] {
    return read("epochs: 12\nbatch: 24\nvalidation: 40\n").settings->make(side_);
  };
  const auto whole = answers(*make(), {{1, 1}});
  const auto stopped = make();
  stopped->work_in(folder_.path() / "work");
  const fs::path work = folder_.path() / "work";
  const auto begun = [&] {
    for (const auto& entry : fs::recursive_directory_iterator(work)) {
      if (entry.path().filename() == "checkpoint.safetensors") return true;
    }
    return false;
  };
  EXPECT_TRUE(answers(*stopped, {{1, 1}}, [&] { return !begun(); }).empty());
  const auto resumed = make();
  resumed->work_in(work);
  EXPECT_EQ(answers(*resumed, {{1, 1}}), whole);
}

TEST_F(TrainSourceTest, ADivergingTrainingIsANetworkThatFailed) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const auto found = answers(*source("optimizer: sgd\nlr: 100\nwarmup_epochs: 0\n"), {{0, 0}});
  EXPECT_EQ(found.at(0).status, AccuracyStatus::kFailed);
  EXPECT_THAT(found.at(0).reason, HasSubstr("diverged: the loss is no finite number"));
}

TEST_F(TrainSourceTest, APointOfTheSpaceMaySayHowItIsTrained) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const auto by_recipe = answers(*source("lr: 0.05\n"), {{1, 0}}).at(0);
  const std::string decisions = "decisions:\n";
  std::string text = kSpace;
  text.insert(text.find(decisions) + decisions.size(),
              "  - {name: train.lr, choices: [0.05, 0.2]}\n");
  side_.space = std::make_shared<NetworkSpace>(NetworkSpace::parse(text, "seen.yaml"));
  const auto found = answers(*source("parallel: 2\n"), {{0, 1, 0}, {1, 1, 0}});
  EXPECT_EQ(found.at(0), by_recipe);
  EXPECT_NE(found.at(1).curve, by_recipe.curve);

  text.replace(text.find("0.2]"), 3, "200");
  side_.space = std::make_shared<NetworkSpace>(NetworkSpace::parse(text, "seen.yaml"));
  EXPECT_THAT(message_of<InputError>([&] { source(); }),
              HasSubstr("decision 'train.lr': lr: found '200', allowed a number from 0 to 100"));
}

TEST_F(TrainSourceTest, WhatIsNotExpectedToComeToTheBestIsGivenUp) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const auto asked =
      read("epochs: 3\nbatch: 24\nvalidation: 40\nlearning_curve: true\n").settings->make(side_);
  auto& learning = dynamic_cast<LearningSource&>(*asked);
  const auto learn = [&](int trainings) {
    for (int i = 0; i < trainings; ++i) {  // whose last accuracy is that of the first epoch
      const double percent = 5 + 0.1 * i;
      AccuracyAnswer answer = AccuracyAnswer::known({percent, false});
      for (int epoch = 1; epoch <= 3; ++epoch) answer.curve.push_back({0, epoch, 1, 1, percent});
      learning.learn({0, 0}, answer);
    }
  };
  learn(20);
  EXPECT_TRUE(answers(*asked, {{1, 1}}).at(0).ok()) << "better than all of these";
  learning.learn({1, 2}, AccuracyAnswer::known({500, false}));  // more than any comes to
  const AccuracyAnswer given_up = answers(*asked, {{0, 1}}).at(0);
  EXPECT_EQ(given_up.status, AccuracyStatus::kFailed);
  EXPECT_THAT(given_up.reason, HasSubstr("learning curve: after 1 of 3 epochs no more than "));
  EXPECT_EQ(given_up.curve.size(), 1U);

  learning.forget();
  learn(19);
  learning.learn({1, 2}, AccuracyAnswer::known({500, false}));
  EXPECT_TRUE(answers(*asked, {{0, 1}}).at(0).ok()) << "too few tell nothing";
}

TEST_F(TrainSourceTest, WhatIsNotAmongTheBestOfItsRungIsGivenUp) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const auto asked =
      read("epochs: 3\nbatch: 24\nvalidation: 40\nsuccessive_halving: 2\n").settings->make(side_);
  auto& learning = dynamic_cast<LearningSource&>(*asked);
  const auto answer = [](bool ok, const std::vector<double>& percents) {
    AccuracyAnswer of_rungs =
        ok ? AccuracyAnswer::known({percents.back(), false}) : AccuracyAnswer::failed("ended");
    for (std::size_t e = 0; e < percents.size(); ++e) {
      of_rungs.curve.push_back({0, static_cast<int>(e) + 1, 1, 1, percents[e]});
    }
    return of_rungs;
  };
  learning.learn({0, 0}, answer(false, {101}));  // more than any comes to, and it ended there
  const AccuracyAnswer first = answers(*asked, {{0, 1}}).at(0);
  EXPECT_EQ(first.status, AccuracyStatus::kFailed);
  EXPECT_THAT(first.reason, testing::MatchesRegex("successive halving: [0-9.]+ % after 1 of 3 "
                                                  "epochs, and 101.00 % goes on"));
  EXPECT_EQ(first.curve.size(), 1U);

  learning.learn({1, 0}, answer(true, {-1, 101, 101}));  // the half of three is one
  EXPECT_FALSE(answers(*asked, {{0, 1}}).at(0).ok());
  learning.learn({1, 2}, answer(true, {-1, 101, 101}));  // of four two go on
  EXPECT_EQ(answers(*asked, {{0, 1}}).at(0).curve.size(), 2U) << "and no further than epoch two";
  learning.forget();
  EXPECT_TRUE(answers(*asked, {{0, 1}}).at(0).ok());
}

TEST_F(TrainSourceTest, OfSeveralTrainingsThatWentWrongTheFirstIsTold) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  const std::string diverging = "optimizer: sgd\nlr: 100\nwarmup_epochs: 0\n";
  const AccuracyAnswer first = answers(*source(diverging + "seed: 1\n"), {{0, 0}}).at(0);
  const AccuracyAnswer both =
      answers(*source(diverging + "seed: 1\ntrials: 3\nparallel: 3\n"), {{0, 0}}).at(0);
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(both.reason, first.reason);
}

TEST_F(TrainSourceTest, WhatDoesNoBetterThanGuessingIsStoppedAndItsEpochsAreKept) {
  if (!can_train()) GTEST_SKIP() << "this build cannot train";
  // Of everything one could say that it is no better than 75 points above guessing.
  const auto found = answers(*source("stop_after: 1\nstop_margin: 75\n"), {{0, 0}});
  EXPECT_EQ(found.at(0).status, AccuracyStatus::kFailed);
  EXPECT_THAT(found.at(0).reason, HasSubstr("diverged: no better than guessing after 1 of "));
  EXPECT_EQ(found.at(0).curve.size(), 1U);
  const auto kept = answers(*source("stop_after: 1\nstop_margin: 0\n"), {{1, 1}});
  EXPECT_TRUE(kept.at(0).ok()) << kept.at(0).reason;
}

}  // namespace
}  // namespace dovetail
