#pragma once

#include "base/numbers/decision_space.h"
#include "models/training/job/training_recipe.h"

namespace dovetail {

/// Throws InputError unless each training decision of a network space ("train.lr") is a key of the
/// recipe that networks may differ in, and each of its choices a value of it. All networks have the
/// same images, epochs and seed, else their accuracies could not be compared.
void require_recipe_decisions(const DecisionSpace& space);

/// `recipe` with what the training decisions say at a point; of a space for which
/// require_recipe_decisions() holds.
TrainingRecipe recipe_at(TrainingRecipe recipe, const DecisionSpace& space, const Choices& choices);

}  // namespace dovetail
