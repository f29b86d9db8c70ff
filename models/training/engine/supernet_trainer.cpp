#include "models/training/engine/supernet_trainer.h"

#include <ATen/core/grad_mode.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/training/engine/flat_tensors.h"

namespace dovetail {
namespace {

constexpr std::size_t kMeasuredTogether = 128;  // images by which statistics are measured
// Streams of orders: those of training images are by epoch, from 0.
constexpr std::uint64_t kValidationOrders = std::uint64_t{1} << 32;

std::size_t count_in(const TensorFile& state, const std::string& name) {
  const auto found = state.metadata.find(name);
  if (found == state.metadata.end()) throw InputError("the checkpoint has no " + name);
  return std::stoul(found->second);
}

}  // namespace

SupernetTrainer::SupernetTrainer(const SupernetPlan& plan, const SupernetJob& job,
                                 const ImageData& data, at::Device device)
    : plan_(plan),
      job_(job),
      data_(data),
      weights_(plan, job.recipe.seed, device),
      optimizer_(job.recipe, weights_.decays()),
      training_(data.training, data.statistics, device),
      validation_(data.validation, data.statistics, device) {
  require_fit(plan.sub_network(plan.largest()).network, data.training);
}

SupernetProgress SupernetTrainer::progress() const {
  const std::size_t per_epoch = job_.recipe.steps_per_epoch(training_.size());
  return {steps_, per_epoch, per_epoch * static_cast<std::size_t>(job_.recipe.epochs)};
}

std::span<const std::uint32_t> SupernetTrainer::next_training(std::size_t count) {
  const std::size_t per_epoch = progress().steps_per_epoch;
  const std::size_t epoch = steps_ / per_epoch;
  if (order_.empty() || order_epoch_ != epoch) {
    order_ = epoch_order(training_.size(), per_epoch * count, job_.recipe.seed, epoch);
    order_epoch_ = epoch;
  }
  return std::span(order_).subspan(steps_ % per_epoch * count, count);
}

std::vector<std::uint32_t> SupernetTrainer::next_validation(std::size_t count) {
  const std::size_t images = validation_.size();
  std::vector<std::uint32_t> positions, order;
  for (std::size_t pass = images; positions.size() < count; ++scored_) {
    if (pass != scored_ / images || order.empty()) {
      pass = scored_ / images;
      order = epoch_order(images, images, job_.recipe.seed, kValidationOrders + pass);
    }
    positions.push_back(order[scored_ % images]);
  }
  return positions;
}

SupernetStep SupernetTrainer::train(std::span<const Choices> networks) {
  const SupernetProgress now = progress();
  if (now.finished()) throw InputError("the supernet has been trained to its end");
  const std::size_t batch = std::min(static_cast<std::size_t>(job_.recipe.batch), training_.size());
  const std::span<const std::uint32_t> positions = next_training(batch);
  const std::size_t shard = batch / networks.size();
  if (shard < 2) {
    throw InputError(
        fmt::format("a batch of {} images is too small for {} networks", batch, networks.size()));
  }
  Rng augmentation = augmentation_of(job_.recipe.seed, steps_);
  SupernetStep step;
  weights_.gradients().zero_();
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const SubNetwork network = plan_.sub_network(networks[i]);
    const LabelledImages images = training_.batch(positions.subspan(i * shard, shard),
                                                  job_.recipe.augment ? &augmentation : nullptr);
    const at::Tensor outputs = network_forward(network.network, weights_.layers_of(network),
                                               images.images, {.by_batch = true});
    const at::Tensor loss = at::cross_entropy_loss(outputs, images.labels, {}, at::Reduction::Mean,
                                                   -100, job_.recipe.label_smoothing);
    (loss / static_cast<double>(networks.size())).backward();
    step.loss += loss.item<double>() / static_cast<double>(networks.size());
    step.percents.push_back(100 * static_cast<double>(count_right(outputs, images.labels)) /
                            static_cast<double>(shard));
  }
  if (!std::isfinite(step.loss)) {
    throw RunError(fmt::format(
        "diverged: the loss of the supernet is no finite number in step {} of {} (lr {}; a smaller "
        "one may help)",
        steps_ + 1, now.all_steps, format_number(job_.recipe.peak_lr())));
  }
  optimizer_.step(weights_.parameters(), weights_.gradients(),
                  learning_rate(job_.recipe, steps_, now.steps_per_epoch));
  ++steps_;
  return step;
}

double SupernetTrainer::score(const Choices& network, int batches) {
  const at::NoGradGuard no_gradients;
  const SubNetwork sub = plan_.sub_network(network);
  const std::vector<LayerTensors> layers = weights_.layers_of(sub);
  const auto batch = static_cast<std::size_t>(job_.recipe.batch);
  std::int64_t right = 0;
  for (int i = 0; i < batches; ++i) {
    const LabelledImages images = validation_.batch(next_validation(batch), nullptr);
    right += count_right(network_forward(sub.network, layers, images.images, {.by_batch = true}),
                         images.labels);
  }
  return 100 * static_cast<double>(right) / (static_cast<double>(batch) * batches);
}

double SupernetTrainer::measure(const Choices& network) const {
  const at::NoGradGuard no_gradients;
  const SubNetwork sub = plan_.sub_network(network);
  const std::vector<LayerTensors> layers = weights_.layers_with_statistics(sub);
  const std::size_t images =
      std::min(static_cast<std::size_t>(job_.recalibration), training_.size());
  std::size_t batches = 0;
  for (std::size_t first = 0; first + kMeasuredTogether <= images || batches == 0;
       first += kMeasuredTogether) {
    std::vector<std::uint32_t> positions;
    for (std::size_t i = first; i < std::min(images, first + kMeasuredTogether); ++i) {
      positions.push_back(static_cast<std::uint32_t>(i));
    }
    const LabelledImages batch = training_.batch(positions, nullptr);
    // With these shares every batch counts the same in the end.
    network_forward(sub.network, layers, batch.images,
                    {.by_batch = true, .momentum = 1.0 / static_cast<double>(++batches)});
  }
  return image_score(validation_, 0,
                     [&](const at::Tensor& batch) {
                       return network_forward(sub.network, layers, batch, {.by_batch = false});
                     })
      .percent;
}

TensorFile SupernetTrainer::state() const {
  TensorFile file;
  file.tensors["parameters"] = flat_tensor(weights_.parameters());
  file.tensors["velocity"] = flat_tensor(optimizer_.velocity());
  file.tensors["squares"] = flat_tensor(optimizer_.squares());
  file.metadata["steps"] = std::to_string(steps_);
  file.metadata["scored"] = std::to_string(scored_);
  return file;
}

void SupernetTrainer::restore(const TensorFile& state) {
  const at::NoGradGuard no_gradients;
  const auto take = [&](const std::string& name, const at::Tensor& tensor) {
    tensor.copy_(flat_of(state, name, tensor));
  };
  take("parameters", weights_.parameters());
  take("velocity", optimizer_.velocity());
  take("squares", optimizer_.squares());
  steps_ = count_in(state, "steps");
  scored_ = count_in(state, "scored");
}

}  // namespace dovetail
