#include "models/training/job/training_recipe.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <type_traits>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

using Recipe = TrainingRecipe;

template <auto kMember>
RecipeParameter number(const char* key, const char* meaning, double min, double max, bool integer) {
  return {key,
          meaning,
          min,
          max,
          integer,
          [](const Recipe& recipe) { return static_cast<double>(recipe.*kMember); },
          [](Recipe& recipe, double value) {
            recipe.*kMember = static_cast<std::decay_t<decltype(recipe.*kMember)>>(value);
          },
          {}};
}

RecipeParameter optimizer() {
  return {
      "optimizer",
      "RMSProp with momentum as TensorFlow has it (decay 0.9, epsilon 0.001), or SGD with "
      "Nesterov's momentum",
      0,
      1,
      true,
      [](const Recipe& recipe) { return static_cast<double>(recipe.optimizer); },
      [](Recipe& recipe, double value) { recipe.optimizer = static_cast<OptimizerKind>(value); },
      {"rmsprop", "sgd"}};
}

RecipeParameter augment() {
  return {
      "augment",
      "images are shifted by up to 2 pixels each way and every other one is mirrored, at random",
      0,
      1,
      true,
      [](const Recipe& recipe) { return recipe.augment ? 1.0 : 0.0; },
      [](Recipe& recipe, double value) { recipe.augment = value != 0; },
      {"false", "true"}};
}

}  // namespace

std::span<const RecipeParameter> recipe_parameters() {
  static const std::vector<RecipeParameter> kRows = {
      number<&Recipe::epochs>("epochs", "passes over the training images", 1, 10000, true),
      number<&Recipe::batch>("batch", "images in a step", 2, 65536, true),
      optimizer(),
      number<&Recipe::lr>("lr",
                          "learning rate of a step, at its largest; 0: 0.3 of sgd, 0.03 of rmsprop",
                          0, 100, false),
      number<&Recipe::momentum>("momentum", "of the optimizer", 0, 0.9999, false),
      number<&Recipe::weight_decay>("weight_decay",
                                    "added to the gradient, times the weight; not of biases and "
                                    "batch normalisation",
                                    0, 1, false),
      number<&Recipe::warmup_epochs>("warmup_epochs",
                                     "in which the learning rate rises from 0, at most half of "
                                     "all; in the others it falls to 0",
                                     0, 10000, false),
      number<&Recipe::label_smoothing>(
          "label_smoothing", "share of the target that is spread over all classes", 0, 0.9, false),
      augment(),
      number<&Recipe::images_per_epoch>(
          "images_per_epoch", "drawn anew for each epoch; 0: all training images", 0, 1e9, true),
      number<&Recipe::validation>(
          "validation", "how many of the last training images validate instead", 1, 1e9, true),
      number<&Recipe::stop_after>("stop_after",
                                  "epochs, after which a training that does no better than "
                                  "guessing ends as one that diverged; 0: never",
                                  0, 10000, true),
      number<&Recipe::stop_margin>("stop_margin", "points above guessing that count as no better",
                                   0, 100, false),
      number<&Recipe::seed>("seed", "of the first weights, the order of images and augmentation", 0,
                            4294967295.0, true),
  };
  return kRows;
}

std::string RecipeParameter::allowed() const {
  if (!names.empty()) return join(names);
  return fmt::format("{} from {} to {}", integer ? "an integer" : "a number", format_number(min),
                     format_number(max));
}

std::string RecipeParameter::text_of(const TrainingRecipe& recipe) const {
  const double value = get(recipe);
  return names.empty() ? format_number(value) : names.at(static_cast<std::size_t>(value));
}

void RecipeParameter::set_text(TrainingRecipe& recipe, const std::string& text) const {
  const auto refused = [&] {
    return InputError(fmt::format("{}: found '{}', allowed {}", key, text, allowed()));
  };
  if (!names.empty()) {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) throw refused();
    return set(recipe, static_cast<double>(found - names.begin()));
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = error == std::errc() && end == text.data() + text.size();
  if (!read || !(value >= min && value <= max) || (integer && value != std::floor(value))) {
    throw refused();
  }
  set(recipe, value);
}

double TrainingRecipe::peak_lr() const {
  if (lr > 0) return lr;
  return optimizer == OptimizerKind::kSgd ? 0.3 : 0.03;
}

std::size_t TrainingRecipe::steps_per_epoch(std::size_t training_images) const {
  const auto wanted = static_cast<std::size_t>(images_per_epoch);
  const std::size_t images = wanted == 0 ? training_images : std::min(wanted, training_images);
  return std::max<std::size_t>(1, images / static_cast<std::size_t>(batch));
}

bool is_hopeless(const TrainingRecipe& recipe, std::size_t epochs_done, double validation_percent,
                 double validation_loss, int classes) {
  if (recipe.stop_after == 0 || epochs_done < static_cast<std::size_t>(recipe.stop_after)) {
    return false;
  }
  constexpr double kLossMargin = 0.5;
  return validation_percent <= 100.0 / classes + recipe.stop_margin ||
         validation_loss > std::log(classes) + kLossMargin;
}

double learning_rate(const TrainingRecipe& recipe, std::size_t step, std::size_t steps_per_epoch) {
  const double steps = recipe.epochs * static_cast<double>(steps_per_epoch);
  const double warmup =
      std::min(recipe.warmup_epochs, recipe.epochs / 2.0) * static_cast<double>(steps_per_epoch);
  const auto done = static_cast<double>(step);
  if (done + 1 <= warmup) return recipe.peak_lr() * (done + 1) / warmup;
  const double share = (done - warmup) / std::max(1.0, steps - warmup);
  return recipe.peak_lr() * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, share)));
}

}  // namespace dovetail
