#include "cli/recipe_options.h"

#include <CLI/CLI.hpp>

#include "base/process/progress.h"

namespace dovetail {

TrainingRecipe RecipeChanges::of(TrainingRecipe recipe) const {
  for (const auto& [parameter, text] : given) parameter->set_text(recipe, text);
  return recipe;
}

std::shared_ptr<RecipeChanges> add_recipe_options(CLI::App& command) {
  auto changes = std::make_shared<RecipeChanges>();
  for (const RecipeParameter& parameter : recipe_parameters()) {
    std::string name = "--" + parameter.key;
    for (char& c : name) c = c == '_' ? '-' : c;
    command
        .add_option_function<std::string>(
            name,
            [changes, &parameter](const std::string& text) {
              TrainingRecipe tried;
              parameter.set_text(tried, text);
              changes->given.emplace_back(&parameter, text);
            },
            parameter.meaning + ": " + parameter.allowed())
        ->default_str(parameter.text_of({}));
  }
  return changes;
}

void let_training_be_stopped() {
  static_cast<void>(stop_requested());  // a signal then waits for who asks
}

}  // namespace dovetail
