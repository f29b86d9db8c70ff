#include "models/accuracy/train/train_kind.h"

#include <utility>

#include "base/files/yaml_reading.h"
#include "models/training/data/image_set.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr int kMostTrials = 100;
constexpr int kMostParallel = 1024;

class TrainAccuracySettings : public AccuracySettings {
 public:
  explicit TrainAccuracySettings(TrainSettings settings) : settings_(std::move(settings)) {}

  /// Without `parallel`, on which nothing depends.
  std::string yaml() const override {
    std::string text = yaml_line("data", settings_.data.string());
    for (const RecipeParameter& parameter : recipe_parameters()) {
      text += parameter.key + ": " + parameter.text_of(settings_.recipe) + "\n";
    }
    return text + "trials: " + std::to_string(settings_.trials) + "\n";
  }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return make_train_source(settings_, side);
  }
  std::map<std::string, fs::path> files() const override {
    std::map<std::string, fs::path> files;
    for (const fs::path& file : image_files(settings_.data)) {
      files["images " + file.filename().string()] = file;
    }
    return files;
  }

  const TrainSettings& settings() const { return settings_; }

 private:
  TrainSettings settings_;
};

std::shared_ptr<const AccuracySettings> read(YamlMap& map, const fs::path& folder) {
  TrainSettings settings;
  settings.data = path_in(map.required("data"), folder);
  for (const RecipeParameter& parameter : recipe_parameters()) {
    const auto node = map.optional(parameter.key);
    if (!node) continue;
    try {
      parameter.set_text(settings.recipe, node->as_string());
    } catch (const InputError& e) {
      const std::string what = e.what();
      throw node->error(what.substr(parameter.key.size() + 2));  // the place has the key
    }
  }
  if (const auto trials = map.optional("trials")) {
    settings.trials = static_cast<int>(trials->as_int(1, kMostTrials));
  }
  if (const auto parallel = map.optional("parallel")) {
    settings.parallel = static_cast<int>(parallel->as_int(1, kMostParallel));
  }
  return std::make_shared<TrainAccuracySettings>(std::move(settings));
}

}  // namespace

const TrainSettings* train_settings(const AccuracySettings& settings) {
  const auto* training = dynamic_cast<const TrainAccuracySettings*>(&settings);
  return training != nullptr ? &training->settings() : nullptr;
}

AccuracySourceKind train_kind() {
  std::vector<std::string> keys{"data"};
  for (const RecipeParameter& parameter : recipe_parameters()) keys.push_back(parameter.key);
  keys.insert(keys.end(), {"trials", "parallel"});
  return {"train", "what each network comes to when it is trained on images", keys, read};
}

}  // namespace dovetail
