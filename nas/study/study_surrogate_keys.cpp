#include "nas/study/study_surrogate_keys.h"

#include <algorithm>
#include <string>

#include "base/files/yaml_reading.h"
#include "cost/surrogate/rivals/rival.h"
#include "cost/surrogate/training/training_options.h"
#include "nas/study/study_values.h"

namespace dovetail {
namespace {

constexpr std::int64_t kFewestLabels = 100;
constexpr std::int64_t kOneRoundResimulated = 300;
constexpr std::int64_t kRounds = 8;
constexpr std::int64_t kFewestSimulations = 500, kMostSimulations = 25'000;

using Config = StudyConfig;
using Reading = StudyReading;

KeyUse use_of_training(const Config& config) {
  return {false,
          config.cost.surrogate.file.empty() ? "" : "the surrogate in 'file' is trained already"};
}

KeyUse use_of_epochs(const Config& config) {
  KeyUse use = use_of_training(config);
  const std::string& model = config.cost.surrogate.model;
  if (use.refused.empty() && model != kMlp) use.refused = "model '" + model + "' has none";
  return use;
}

/// Few labels are gone through more often.
std::int64_t default_epochs(const Config& config) {
  const auto labels = static_cast<std::size_t>(config.cost.surrogate.labels);
  return static_cast<std::int64_t>(TrainingOptions().epochs * epochs_factor(labels));
}

void read_surrogate_model(const YamlNode& node, Reading& reading, Config& config) {
  const RivalKind& kind =
      found(node, [](const std::string& name) -> const RivalKind& { return find_rival(name); });
  config.cost.surrogate.model = kind.name;
  if (kind.predicts_energy) return;
  reading.afterwards.emplace_back([node](Config& all) { require_latency_alone(all, node); });
}

const std::vector<StudyKey>& keys() {
  static const std::vector<StudyKey> all{
      {.name = "file",
       // Nothing is simulated that one could be trained on.
       .use =
           [](const Config& config) {
             return KeyUse{config.cost.model->predictions_are_final(), ""};
           },
       .read = [](const YamlNode& node, Reading& reading,
                  Config& config) { config.cost.surrogate.file = path_in(node, reading.folder); },
       .write = [](const Config& config) { return text_or_none(config.cost.surrogate.file); }},
      {.name = "model",
       .use = use_of_training,
       .read = read_surrogate_model,
       .write =
           [](const Config& config) {
             const std::string& model = config.cost.surrogate.model;
             return model == kMlp ? "" : model;
           }},
      {.name = "labels",
       .use = [](const Config& config) { return use_of_training(config); },
       .read =
           [](const YamlNode& node, Reading&, Config& config) {
             config.cost.surrogate.labels = node.as_int(100, kMaxEvaluations);
             if (config.cost.surrogate.model == kMlp)
               config.cost.surrogate.epochs = default_epochs(config);
           },
       .write = [](const Config& config) { return std::to_string(config.cost.surrogate.labels); }},
      {.name = "seed",
       .use = use_of_training,
       .read =
           [](const YamlNode& node, Reading&, Config& config) {
             config.cost.surrogate.seed = static_cast<std::uint64_t>(node.as_int(0));
           },
       .write = [](const Config& config) { return std::to_string(config.cost.surrogate.seed); }},
      {.name = "epochs",
       .use = use_of_epochs,
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { config.cost.surrogate.epochs = node.as_int(1, 100'000); },
       .write = [](const Config& config) { return std::to_string(config.cost.surrogate.epochs); }},
  };
  return all;
}

}  // namespace

const std::vector<StudyKey>& surrogate_keys() {
  return keys();
}

bool names_labels(const StudyConfig& config) {
  return config.cost.surrogate.labels > 0 || !config.cost.surrogate.file.empty();
}

void complete_surrogate(StudyConfig& config) {
  CostSettings& cost = config.cost;
  if (names_labels(config)) {
    if (cost.rounds == 0) cost.rounds = 1;
    if (cost.resimulate == 0) cost.resimulate = kOneRoundResimulated;
  } else {
    const std::int64_t simulations =
        std::clamp(config.evaluations / 10, kFewestSimulations, kMostSimulations);
    if (cost.rounds == 0) cost.rounds = kRounds;
    if (cost.resimulate == 0) cost.resimulate = simulations / 10;
    cost.surrogate.labels = std::max(kFewestLabels, cost.rounds * cost.resimulate / 4);
    cost.labels_by_budget = true;
    const bool mlp = cost.surrogate.model == kMlp;
    if (mlp && cost.surrogate.epochs == 0) cost.surrogate.epochs = default_epochs(config);
  }
  if (cost.rounds > 1) return;
  cost.explore_share = cost.stop_gain_percent = 0;
}

}  // namespace dovetail
