#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "models/training/job/training_recipe.h"

namespace dovetail {

// Keys of accuracy sources that train.

/// "data" and those of recipe_parameters().
std::vector<std::string> keys_of_training();
/// Those of the recipe that the map has.
void read_recipe(YamlMap& map, TrainingRecipe& recipe);
/// A line each.
std::string recipe_yaml(const TrainingRecipe& recipe);
/// The images of a folder, by what they are.
std::map<std::string, std::filesystem::path> files_of_images(const std::filesystem::path& folder);

}  // namespace dovetail
