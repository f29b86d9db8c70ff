#include "models/training/job/point_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/error.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

DecisionSpace space_of(const std::string& name, const std::vector<std::string>& choices) {
  return DecisionSpace({{"k", "", {"3", "5"}, {3, 5}}, {name, "", choices, {}}});
}

std::string refusal(const std::string& name, const std::vector<std::string>& choices) {
  return message_of<InputError>([&] { require_recipe_decisions(space_of(name, choices)); });
}

TEST(PointRecipeTest, APointSaysWhatItsDecisionsAreAbout) {
  TrainingRecipe recipe;
  recipe.epochs = 7;
  recipe.lr = 0.5;
  const DecisionSpace space = DecisionSpace({{"train.lr", "", {"0.01", "0.1"}, {}},
                                             {"k", "", {"3", "5"}, {}},
                                             {"train.optimizer", "", {"sgd", "rmsprop"}, {}}});
  EXPECT_NO_THROW(require_recipe_decisions(space));
  const TrainingRecipe at = recipe_at(recipe, space, {1, 0, 1});
  EXPECT_EQ(at.lr, 0.1);
  EXPECT_EQ(at.optimizer, OptimizerKind::kRmsprop);
  EXPECT_EQ(at.epochs, 7);
  EXPECT_EQ(recipe_at(recipe, DecisionSpace(), {}), recipe);
}

TEST(PointRecipeTest, WhatIsNoKeyOrValueOfTheRecipeIsRefused) {
  EXPECT_THAT(refusal("train.rate", {"0.1"}),
              AllOf(HasSubstr("unknown training decision 'train.rate'"), HasSubstr("train.lr")));
  EXPECT_THAT(refusal("train.batch", {"64", "1"}),
              HasSubstr("decision 'train.batch': batch: found '1', allowed an integer from 2"));
}

TEST(PointRecipeTest, WhatMakesAccuraciesComparableIsNotSearched) {
  for (const char* key : {"train.seed", "train.epochs", "train.validation", "train.stop_after",
                          "train.images_per_epoch"}) {
    EXPECT_THAT(refusal(key, {"5"}), AllOf(HasSubstr(key), HasSubstr("unknown training decision")));
  }
  EXPECT_THAT(refusal("train.momenta", {"0"}), Not(HasSubstr("train.seed")));
}

}  // namespace
}  // namespace dovetail
