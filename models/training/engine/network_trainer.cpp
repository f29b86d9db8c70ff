#include "models/training/engine/network_trainer.h"

#include <ATen/core/grad_mode.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/training/engine/flat_tensors.h"
#include "models/training/job/early_end.h"
#include "models/training/weights/initial_weights.h"

namespace dovetail {

NetworkTrainer::NetworkTrainer(const Network& network, const TrainingRecipe& recipe,
                               const ImageData& data, at::Device device)
    : described_(network),
      recipe_(recipe),
      data_(data),
      device_(device),
      network_(network, device),
      optimizer_(recipe, network_.decays()),
      images_(data.training, data.statistics, device) {
  require_fit(network, data.training);
  network_.set_weights(initial_weights(network, recipe.seed));
}

double NetworkTrainer::train_step(std::span<const std::uint32_t> positions, Rng* augmentation,
                                  double rate) {
  const LabelledImages batch = images_.batch(positions, augmentation);
  network_.gradients().zero_();
  const at::Tensor loss =
      at::cross_entropy_loss(network_.forward(batch.images, true), batch.labels, {},
                             at::Reduction::Mean, -100, recipe_.label_smoothing);
  loss.backward();
  optimizer_.step(network_.parameters(), network_.gradients(), rate);
  return loss.item<double>();
}

void NetworkTrainer::train_epoch(const OnStep& on_step) {
  const std::size_t epoch = curve_.size(), images = data_.training.size();
  const std::size_t steps = recipe_.steps_per_epoch(images);
  const std::size_t batch = std::min(static_cast<std::size_t>(recipe_.batch), images);
  const std::vector<std::uint32_t> order = epoch_order(images, steps * batch, recipe_.seed, epoch);
  Rng augmentation = augmentation_of(recipe_.seed, epoch);
  double losses = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const double rate = learning_rate(recipe_, epoch * steps + step, steps);
    const double loss = train_step(std::span(order).subspan(step * batch, batch),
                                   recipe_.augment ? &augmentation : nullptr, rate);
    if (!std::isfinite(loss)) {
      throw RunError(
          fmt::format("{}the loss is no finite number in epoch {}, step {} of {} (lr {}; a smaller "
                      "one may help)",
                      kDiverged, epoch + 1, step + 1, steps, format_number(recipe_.peak_lr())));
    }
    losses += loss;
    if (on_step) on_step(step + 1, steps);
  }
  const ImageScore validation = score(data_.validation);
  // Statistics of batch normalisation overflow where the batches' own do not.
  if (!std::isfinite(validation.loss)) {
    throw RunError(
        fmt::format("{}the loss is no finite number in epoch {}, on the validation images (lr {}; "
                    "a smaller one may help)",
                    kDiverged, epoch + 1, format_number(recipe_.peak_lr())));
  }
  curve_.push_back(
      {epoch + 1, losses / static_cast<double>(steps), validation.loss, validation.percent});
}

ImageScore NetworkTrainer::score(const ImageSet& images) const {
  const ImageTensors tensors(images, data_.statistics, device_);
  return image_score(tensors, 0,
                     [&](const at::Tensor& batch) { return network_.forward(batch, false); });
}

TensorFile NetworkTrainer::state() const {
  TensorFile file;
  file.tensors["parameters"] = flat_tensor(network_.parameters());
  file.tensors["statistics"] = flat_tensor(network_.statistics());
  file.tensors["velocity"] = flat_tensor(optimizer_.velocity());
  file.tensors["squares"] = flat_tensor(optimizer_.squares());
  file.metadata["curve"] = curve_text(curve_);
  return file;
}

void NetworkTrainer::restore(const TensorFile& state) {
  const at::NoGradGuard no_gradients;
  const auto take = [&](const std::string& name, const at::Tensor& tensor) {
    tensor.copy_(flat_of(state, name, tensor));
  };
  take("parameters", network_.parameters());
  take("statistics", network_.statistics());
  take("velocity", optimizer_.velocity());
  take("squares", optimizer_.squares());
  const auto curve = state.metadata.find("curve");
  if (curve == state.metadata.end()) throw InputError("the checkpoint has no curve");
  curve_ = curve_of(curve->second);
}

}  // namespace dovetail
