#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/training/job/training_recipe.h"

namespace CLI {
class App;
}

namespace dovetail {

/// What of a recipe a command line says.
struct RecipeChanges {
  std::vector<std::pair<const RecipeParameter*, std::string>> given;

  TrainingRecipe of(TrainingRecipe recipe) const;
};

/// Adds an option for each row of recipe_parameters(), "--label-smoothing" for label_smoothing.
std::shared_ptr<RecipeChanges> add_recipe_options(CLI::App& command);

/// A training that is stopped by a signal says so instead of dying: to be called before it.
void let_training_be_stopped();

}  // namespace dovetail
