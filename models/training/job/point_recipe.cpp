#include "models/training/job/point_recipe.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/space/training_decisions.h"

namespace dovetail {
namespace {

constexpr std::array<std::string_view, 8> kDecided{
    "batch",         "optimizer",       "lr",     "momentum", "weight_decay",
    "warmup_epochs", "label_smoothing", "augment"};

/// The row of the recipe that a training decision is about.
const RecipeParameter& parameter_of(const Decision& decision) {
  const std::string key = decision.name.substr(std::string_view(kTrainingDecision).size());
  std::vector<std::string> known;
  for (const RecipeParameter& parameter : recipe_parameters()) {
    if (std::ranges::find(kDecided, parameter.key) == kDecided.end()) continue;
    if (parameter.key == key) return parameter;
    known.push_back(kTrainingDecision + parameter.key);
  }
  throw InputError(unknown_name("training decision", decision.name, known));
}

}  // namespace

void require_recipe_decisions(const DecisionSpace& space) {
  for (const std::size_t i : training_decisions(space)) {
    const RecipeParameter& parameter = parameter_of(space[i]);
    for (const std::string& choice : space[i].choices) {
      TrainingRecipe recipe;
      try {
        parameter.set_text(recipe, choice);
      } catch (const InputError& error) {
        throw InputError("decision '" + space[i].name + "': " + error.what());
      }
    }
  }
}

TrainingRecipe recipe_at(TrainingRecipe recipe, const DecisionSpace& space,
                         const Choices& choices) {
  for (const std::size_t i : training_decisions(space)) {
    parameter_of(space[i]).set_text(recipe, space[i].choices[choices[i]]);
  }
  return recipe;
}

}  // namespace dovetail
