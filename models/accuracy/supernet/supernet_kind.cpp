#include "models/accuracy/supernet/supernet_kind.h"

#include <utility>

#include "base/files/yaml_reading.h"
#include "models/accuracy/train/recipe_keys.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr int kEpochs = 10;  // more than of one network: not every step trains every weight

class SupernetAccuracySettings : public AccuracySettings {
 public:
  explicit SupernetAccuracySettings(SupernetSettings settings) : settings_(std::move(settings)) {}

  std::string yaml() const override {
    std::string text = yaml_line("data", settings_.job.data.string());
    if (!settings_.folder.empty()) text += yaml_line("folder", settings_.folder.string());
    return text + recipe_yaml(settings_.job.recipe, TrainingOf::kSharedWeights) +
           "recalibration: " + std::to_string(settings_.job.recalibration) + "\n";
  }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return make_supernet_source(settings_, side);
  }
  std::map<std::string, fs::path> files() const override {
    return files_of_images(settings_.job.data);
  }

  const SupernetSettings& settings() const { return settings_; }

 private:
  SupernetSettings settings_;
};

std::shared_ptr<const AccuracySettings> read(YamlMap& map, const fs::path& folder) {
  SupernetSettings settings;
  settings.job.data = path_in(map.required("data"), folder);
  if (const auto node = map.optional("folder")) settings.folder = path_in(*node, folder);
  settings.job.recipe.epochs = kEpochs;
  read_recipe(map, settings.job.recipe);
  if (const auto images = map.optional("recalibration")) {
    settings.job.recalibration = static_cast<int>(images->as_int(2, 1'000'000'000));
  }
  return std::make_shared<SupernetAccuracySettings>(std::move(settings));
}

}  // namespace

const SupernetSettings* supernet_settings(const AccuracySettings& settings) {
  const auto* supernet = dynamic_cast<const SupernetAccuracySettings*>(&settings);
  return supernet != nullptr ? &supernet->settings() : nullptr;
}

AccuracySourceKind supernet_kind() {
  std::vector<std::string> keys = keys_of_training(TrainingOf::kSharedWeights);
  keys.insert(keys.end(), {"folder", "recalibration"});
  return {"supernet", "what each network comes to with weights that all share", keys, read};
}

}  // namespace dovetail
