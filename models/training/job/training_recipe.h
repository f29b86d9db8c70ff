#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dovetail {

enum class OptimizerKind { kRmsprop, kSgd };

/// How a network is trained. Meaning and range of each stand once, in recipe_parameters(), which
/// studies, commands and jobs follow.
struct TrainingRecipe {
  int epochs = 5;
  int batch = 128;
  OptimizerKind optimizer = OptimizerKind::kSgd;
  double lr = 0;  // 0: the usual one of the optimizer
  double momentum = 0.9;
  double weight_decay = 4e-5;
  double warmup_epochs = 2;
  double label_smoothing = 0.1;
  bool augment = true;
  int images_per_epoch = 0;
  int validation = 10000;
  int stop_after = 0;
  double stop_margin = 5;
  std::uint64_t seed = 0;

  /// The learning rate at its largest.
  double peak_lr() const;
  /// Steps of one epoch over so many training images: of whole batches, or one of all if they are
  /// fewer than a batch.
  std::size_t steps_per_epoch(std::size_t training_images) const;

  bool operator==(const TrainingRecipe&) const = default;
};

/// One row of the table: a number, or a choice among names, whose value is then the position of its
/// name.
struct RecipeParameter {
  std::string key, meaning;
  double min, max;
  bool integer;
  double (*get)(const TrainingRecipe&);
  void (*set)(TrainingRecipe&, double);
  std::vector<std::string> names;  // of a choice

  /// "1 to 10000", "rmsprop, sgd".
  std::string allowed() const;
  std::string text_of(const TrainingRecipe& recipe) const;
  /// Throws InputError for a text that is no such value.
  void set_text(TrainingRecipe& recipe, const std::string& text) const;
};
std::span<const RecipeParameter> recipe_parameters();

/// HyperPower's rule (Stamoulis et al., DATE 2018) as read here, since it gives no numbers: whether
/// a training has shown by now that it does not converge, so that it may be stopped. That is from
/// `stop_after` epochs on (0: never) where the validation accuracy is at most chance and
/// `stop_margin` points, or the validation loss above that of guessing by more than 0.5.
bool is_hopeless(const TrainingRecipe& recipe, std::size_t epochs_done, double validation_percent,
                 double validation_loss, int classes);

/// Of step `step` (from 0): from nearly 0 linearly to peak_lr(), then along half a cosine to
/// 0.
double learning_rate(const TrainingRecipe& recipe, std::size_t step, std::size_t steps_per_epoch);

}  // namespace dovetail
