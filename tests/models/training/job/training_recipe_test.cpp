#include "models/training/job/training_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/files/atomic_file.h"
#include "models/network/zoo.h"
#include "models/training/job/training_job.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

const RecipeParameter& parameter(const std::string& key) {
  for (const RecipeParameter& row : recipe_parameters()) {
    if (row.key == key) return row;
  }
  throw std::logic_error(key);
}

TEST(TrainingRecipeTest, EveryRowWritesWhatItReads) {
  std::set<std::string> keys;
  for (const RecipeParameter& row : recipe_parameters()) {
    EXPECT_TRUE(keys.insert(row.key).second);
    TrainingRecipe recipe;
    const std::string standard = row.text_of(recipe);
    row.set_text(recipe, standard);
    EXPECT_EQ(recipe, TrainingRecipe{}) << row.key;
    for (const double value : {row.min, row.max}) {
      row.set(recipe, value);
      const std::string text = row.text_of(recipe);
      TrainingRecipe other;
      row.set_text(other, text);
      EXPECT_EQ(other, recipe) << row.key << " " << text;
    }
    EXPECT_THAT(message_of<InputError>([&] { row.set_text(recipe, "many"); }),
                HasSubstr(row.key + ": found 'many', allowed " + row.allowed()));
  }
}

TEST(TrainingRecipeTest, TheDocumentationHasTheTable) {
  std::string table;
  for (const RecipeParameter& row : recipe_parameters()) {
    table += "| `" + row.key + "` | " + row.meaning + " | " + row.allowed() + " | " +
             row.text_of({}) + " |\n";
  }
  EXPECT_THAT(read_file(std::filesystem::path(DOVETAIL_SOURCE_DIR) / "docs/training.md"),
              HasSubstr(table));
}

TEST(TrainingRecipeTest, OnlyWhatDoesNoBetterThanGuessingIsHopeless) {
  TrainingRecipe recipe;
  EXPECT_FALSE(is_hopeless(recipe, 3, 10, 9, 10));  // never, unless it is asked for
  recipe.stop_after = 2;
  EXPECT_FALSE(is_hopeless(recipe, 1, 10, 2.3, 10));
  EXPECT_TRUE(is_hopeless(recipe, 2, 15, 2.3, 10));
  EXPECT_FALSE(is_hopeless(recipe, 2, 15.1, 2.3, 10));
  EXPECT_TRUE(is_hopeless(recipe, 5, 50, 2.81, 10));  // ln 10 = 2.303
  EXPECT_FALSE(is_hopeless(recipe, 5, 50, 2.80, 10));
  recipe.stop_margin = 0;
  EXPECT_FALSE(is_hopeless(recipe, 2, 15, 2.3, 10));
}

TEST(TrainingRecipeTest, ValuesOutOfRangeAreRefused) {
  TrainingRecipe recipe;
  for (const auto& [key, text] :
       std::vector<std::pair<std::string, std::string>>{{"epochs", "0"},
                                                        {"epochs", "1.5"},
                                                        {"lr", "-1"},
                                                        {"lr", "nan"},
                                                        {"lr", "0.1x"},
                                                        {"optimizer", "adam"},
                                                        {"momentum", "1"},
                                                        {"batch", "1"},
                                                        {"batch", ""}}) {
    EXPECT_THROW(parameter(key).set_text(recipe, text), InputError) << key << " " << text;
  }
  EXPECT_EQ(recipe, TrainingRecipe{});
}

TEST(TrainingRecipeTest, TheRateRisesLinearlyAndFallsAlongACosine) {
  TrainingRecipe recipe;
  recipe.epochs = 5;
  recipe.warmup_epochs = 2;
  recipe.lr = 0.5;
  EXPECT_DOUBLE_EQ(learning_rate(recipe, 0, 10), 0.5 / 20);
  EXPECT_DOUBLE_EQ(learning_rate(recipe, 9, 10), 0.25);
  EXPECT_DOUBLE_EQ(learning_rate(recipe, 19, 10), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate(recipe, 20, 10), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate(recipe, 35, 10), 0.25);
  EXPECT_GT(learning_rate(recipe, 49, 10), 0);
  EXPECT_LT(learning_rate(recipe, 49, 10), 0.002);
  recipe.warmup_epochs = 0;
  EXPECT_DOUBLE_EQ(learning_rate(recipe, 0, 10), 0.5);
  recipe.epochs = 1;
  recipe.warmup_epochs = 3;  // half of it
  EXPECT_DOUBLE_EQ(learning_rate(recipe, 4, 10), 0.5);
  EXPECT_LT(learning_rate(recipe, 9, 10), 0.05);
}

TEST(TrainingRecipeTest, AnEpochIsOfWholeBatches) {
  TrainingRecipe recipe;
  EXPECT_EQ(recipe.steps_per_epoch(50000), 390U);
  EXPECT_EQ(recipe.steps_per_epoch(100), 1U);
  recipe.images_per_epoch = 10000;
  EXPECT_EQ(recipe.steps_per_epoch(50000), 78U);
  EXPECT_EQ(recipe.steps_per_epoch(5000), 39U);
}

TEST(TrainingRecipeTest, AJobIsReadAsItWasWritten) {
  const TemporaryFolder folder;
  TrainingJob job;
  job.network = find_network("mobilenetv3_small_1.0_224");
  job.data = "/some where/images";
  job.recipe.optimizer = OptimizerKind::kRmsprop;
  job.recipe.augment = false;
  job.recipe.lr = 0.1 + 0.2;
  job.recipe.seed = 4294967295;
  const TrainingJob read = TrainingJob::load(folder.write("job.json", job.to_json_text()));
  EXPECT_EQ(read.to_json_text(), job.to_json_text());
  EXPECT_EQ(read.recipe, job.recipe);
  EXPECT_EQ(read.network.layers(), job.network.layers());

  TrainingResult result;
  result.curve = {{1, 1.5, 1.25, 70.125}, {2, 0.1 + 0.2, 1, 80}};
  result.test_percent = 79.5;
  result.engine = "libtorch";
  const TrainingResult back =
      TrainingResult::load(folder.write("result.json", result.to_json_text()));
  EXPECT_EQ(back.curve, result.curve);
  EXPECT_EQ(back.validation_percent(), 80);

  EXPECT_THAT(message_of<InputError>([&] { TrainingJob::load(folder.write("job.json", "{}")); }),
              HasSubstr("job.json: "));
  std::string changed = job.to_json_text();
  changed.replace(changed.find("\"batch\": \"128\""), 14, "\"batch\": \"0\"");
  EXPECT_THAT(message_of<InputError>([&] { TrainingJob::load(folder.write("job.json", changed)); }),
              HasSubstr("batch: found '0', allowed an integer from 2"));
}

}  // namespace
}  // namespace dovetail
