#include "models/accuracy/train/train_kind.h"

#include <fmt/core.h>

#include <utility>

#include "base/files/yaml_reading.h"
#include "models/accuracy/train/halving_rungs.h"
#include "models/accuracy/train/recipe_keys.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr int kMostTrials = 100;
constexpr int kMostParallel = 1024;
constexpr const char* kLearningCurve = "learning_curve";
constexpr const char* kHalving = "successive_halving";

class TrainAccuracySettings : public AccuracySettings {
 public:
  explicit TrainAccuracySettings(TrainSettings settings) : settings_(std::move(settings)) {}

  /// Without `parallel`, on which nothing depends.
  std::string yaml() const override {
    std::string text = yaml_line("data", settings_.data.string());
    return text + recipe_yaml(settings_.recipe, TrainingOf::kNetworks) +
           "trials: " + std::to_string(settings_.trials) + "\n" +
           (settings_.learning_curve ? std::string(kLearningCurve) + ": true\n" : "") +
           (settings_.halving_eta > 0 ? fmt::format("{}: {}\n", kHalving, settings_.halving_eta)
                                      : "");
  }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return make_train_source(settings_, side);
  }
  std::map<std::string, fs::path> files() const override { return files_of_images(settings_.data); }

  const TrainSettings& settings() const { return settings_; }

 private:
  TrainSettings settings_;
};

std::shared_ptr<const AccuracySettings> read(YamlMap& map, const fs::path& folder) {
  TrainSettings settings;
  settings.data = path_in(map.required("data"), folder);
  read_recipe(map, settings.recipe);
  if (const auto trials = map.optional("trials")) {
    settings.trials = static_cast<int>(trials->as_int(1, kMostTrials));
  }
  if (const auto parallel = map.optional("parallel")) {
    settings.parallel = static_cast<int>(parallel->as_int(1, kMostParallel));
  }
  if (const auto curve = map.optional(kLearningCurve)) settings.learning_curve = curve->as_bool();
  if (const auto eta = map.optional(kHalving)) {
    settings.halving_eta =
        static_cast<int>(eta->as_int(HalvingRungs::kLeastEta, HalvingRungs::kMostEta));
    if (settings.learning_curve) {
      throw eta->error("found beside learning_curve, allowed is one of the two");
    }
  }
  return std::make_shared<TrainAccuracySettings>(std::move(settings));
}

}  // namespace

std::string key_of_giving_up(const TrainSettings& settings) {
  if (settings.learning_curve) return kLearningCurve;
  return settings.halving_eta > 0 ? kHalving : "";
}

const TrainSettings* train_settings(const AccuracySettings& settings) {
  const auto* training = dynamic_cast<const TrainAccuracySettings*>(&settings);
  return training != nullptr ? &training->settings() : nullptr;
}

AccuracySourceKind train_kind() {
  std::vector<std::string> keys = keys_of_training(TrainingOf::kNetworks);
  keys.insert(keys.end(), {"trials", "parallel", kLearningCurve, kHalving, kAskAll});
  return {"train", "what each network comes to when it is trained on images", keys, read};
}

}  // namespace dovetail
