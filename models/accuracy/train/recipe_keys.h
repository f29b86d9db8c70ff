#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "models/training/job/training_recipe.h"

namespace dovetail {

// Keys of accuracy sources that train.

/// What is trained: networks for themselves, which may be stopped early, or shared weights.
enum class TrainingOf { kNetworks, kSharedWeights };

/// "data" and those of recipe_parameters() that have a meaning there.
std::vector<std::string> keys_of_training(TrainingOf what);
/// Those of the recipe that the map has.
void read_recipe(YamlMap& map, TrainingRecipe& recipe);
/// A line each.
std::string recipe_yaml(const TrainingRecipe& recipe, TrainingOf what);
/// The images of a folder, by what they are.
std::map<std::string, std::filesystem::path> files_of_images(const std::filesystem::path& folder);

}  // namespace dovetail
