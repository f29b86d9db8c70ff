#include "cost/surrogate/training/training_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text/error.h"
#include "cost/surrogate/roofline/roofline_baseline.h"

namespace dovetail {
namespace {

constexpr std::size_t kMostEpochs = 1'000'000;
constexpr std::size_t kMostUnits = 16'384;  // of a layer; two of them take a gigabyte

constexpr std::size_t kLabelsOfEpochs = 20'000;
constexpr std::size_t kMostEpochsFactor = 10;

}  // namespace

void TrainingOptions::validate() const {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw InputError("training: " + what);
  };
  require(epochs >= 1 && epochs <= kMostEpochs,
          fmt::format("found {} epochs, allowed 1 to {}", epochs, kMostEpochs));
  require(ensemble >= 1 && ensemble <= 100, "an ensemble has 1 to 100 members");
  require(batch >= 1, "batch must be at least 1");
  require(std::all_of(hidden.begin(), hidden.end(),
                      [](std::size_t h) { return h >= 1 && h <= kMostUnits; }),
          fmt::format("hidden layers must have 1 to {} units", kMostUnits));
  require(learning_rate > 0 && learning_rate <= 1, "learning rate must be in (0, 1]");
  require(weight_decay >= 0 && weight_decay * learning_rate < 1,
          "weight decay must be at least 0 and below 1 / learning rate");
  require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1)");
  require(latency_weight > 0, "latency weight must be positive");
  require(energy_weight > 0, "energy weight must be positive");
  require(validation_fraction > 0 && held_out_fraction > 0 &&
              validation_fraction + held_out_fraction < 1,
          "validation and held-out fractions must be positive and leave something to train on");
}

std::size_t epochs_factor(std::size_t labels) {
  return std::clamp(kLabelsOfEpochs / labels, std::size_t{1}, kMostEpochsFactor);
}

std::string to_json_text(const TrainingOptions& options) {
  nlohmann::ordered_json node = {{"seed", options.seed},
                                 {"validation_fraction", options.validation_fraction},
                                 {"held_out_fraction", options.held_out_fraction},
                                 {"epochs", options.epochs},
                                 {"ensemble", options.ensemble},
                                 {"hidden", options.hidden},
                                 {"batch", options.batch},
                                 {"learning_rate", options.learning_rate},
                                 {"final_learning_rate_share", options.final_learning_rate_share},
                                 {"weight_decay", options.weight_decay},
                                 {"dropout", options.dropout},
                                 {"latency_weight", options.latency_weight},
                                 {"energy_weight", options.energy_weight},
                                 {"area_head", options.area_head}};
  if (options.baseline) node["form"] = form_of_roof(options.baseline->roof());
  return node.dump();
}

}  // namespace dovetail
