#include "models/accuracy/train/recipe_keys.h"

#include "base/files/yaml_reading.h"
#include "models/training/data/image_set.h"

namespace dovetail {
namespace {

bool has_meaning(const RecipeParameter& parameter, TrainingOf what) {
  return what == TrainingOf::kNetworks || !parameter.key.starts_with("stop_");
}

}  // namespace

std::vector<std::string> keys_of_training(TrainingOf what) {
  std::vector<std::string> keys{"data"};
  for (const RecipeParameter& parameter : recipe_parameters()) {
    if (has_meaning(parameter, what)) keys.push_back(parameter.key);
  }
  return keys;
}

void read_recipe(YamlMap& map, TrainingRecipe& recipe) {
  for (const RecipeParameter& parameter : recipe_parameters()) {
    const auto node = map.optional(parameter.key);
    if (!node) continue;
    try {
      parameter.set_text(recipe, node->as_string());
    } catch (const InputError& e) {
      const std::string what = e.what();
      throw node->error(what.substr(parameter.key.size() + 2));  // the place has the key
    }
  }
}

std::string recipe_yaml(const TrainingRecipe& recipe, TrainingOf what) {
  std::string text;
  for (const RecipeParameter& parameter : recipe_parameters()) {
    if (has_meaning(parameter, what))
      text += parameter.key + ": " + parameter.text_of(recipe) + "\n";
  }
  return text;
}

std::map<std::string, std::filesystem::path> files_of_images(const std::filesystem::path& folder) {
  std::map<std::string, std::filesystem::path> files;
  for (const std::filesystem::path& file : image_files(folder)) {
    files["images " + file.filename().string()] = file;
  }
  return files;
}

}  // namespace dovetail
