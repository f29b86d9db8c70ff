#include "models/training/engine/network_trainer.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/core.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/training/weights/initial_weights.h"

namespace dovetail {
namespace {

constexpr std::size_t kScoredTogether = 128;  // images; more do not fit a cache

void require_fit(const Network& network, const ImageData& data) {
  const ImageSet& images = data.training;
  const TensorShape& input = network.input();
  if (input != TensorShape{images.height, images.width, images.channels}) {
    throw InputError(fmt::format("{} reads {}x{}x{}, the images are {}x{}x{}", network.name(),
                                 input.height, input.width, input.channels, images.height,
                                 images.width, images.channels));
  }
}

at::Tensor flat_of(const TensorFile& state, const std::string& name, const at::Tensor& like) {
  const auto found = state.tensors.find(name);
  if (found == state.tensors.end() ||
      found->second.values.size() != static_cast<std::size_t>(like.numel())) {
    throw InputError("the checkpoint is of another network: " + name);
  }
  return at::from_blob(const_cast<float*>(found->second.values.data()), {like.numel()},
                       at::TensorOptions(at::kFloat))
      .clone();
}

TensorFile::Tensor flat_tensor(const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* first = values.data_ptr<float>();
  return {{values.numel()}, {first, first + values.numel()}};
}

std::string curve_text(const std::vector<EpochRecord>& curve) {
  std::string text;
  for (const EpochRecord& r : curve) {
    text += fmt::format("{} {} {} {}\n", r.epoch, format_number(r.train_loss),
                        format_number(r.validation_loss), format_number(r.validation_percent));
  }
  return text;
}

std::vector<EpochRecord> curve_of(const std::string& text) {
  std::vector<EpochRecord> curve;
  for (const std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() != 4) throw InputError("the checkpoint has no curve");
    curve.push_back(
        {std::stoul(words[0]), std::stod(words[1]), std::stod(words[2]), std::stod(words[3])});
  }
  return curve;
}

}  // namespace

void use_one_thread() {
  at::set_num_threads(1);
  at::globalContext().setFlushDenormal(true);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
}

std::string engine_description(at::Device device) {
  return fmt::format("libtorch {}, {}", TORCH_VERSION, device.is_cpu() ? "cpu" : "cuda");
}

at::Device device_called(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name != "cuda") {
    throw InputError(fmt::format("device: found '{}', allowed cpu, cuda", name));
  }
  if (!at::globalContext().hasCUDA()) {
    throw InputError(fmt::format("device cuda: libtorch {} finds none here", TORCH_VERSION));
  }
  return at::Device(at::kCUDA, 0);
}

NetworkTrainer::NetworkTrainer(const Network& network, const TrainingRecipe& recipe,
                               const ImageData& data, at::Device device)
    : described_(network),
      recipe_(recipe),
      data_(data),
      device_(device),
      network_(network, device),
      optimizer_(recipe, network_.decays()),
      batches_(data.training, data.statistics) {
  require_fit(network, data);
  network_.set_weights(initial_weights(network, recipe.seed));
}

at::Tensor NetworkTrainer::images_tensor(std::vector<float>& pixels, std::size_t count) const {
  const TensorShape& in = described_.input();
  return at::from_blob(pixels.data(),
                       {static_cast<std::int64_t>(count), in.height, in.width, in.channels},
                       at::TensorOptions(at::kFloat))
      .to(device_)
      .permute({0, 3, 1, 2});  // channels stay innermost in memory
}

double NetworkTrainer::train_step(std::span<const std::uint32_t> positions, Rng* augmentation,
                                  double rate) {
  std::vector<float> pixels(positions.size() * data_.training.image_elements());
  std::vector<std::int64_t> labels(positions.size());
  batches_.fill(positions, augmentation, pixels.data(), labels.data());
  const at::Tensor targets =
      at::from_blob(labels.data(), {static_cast<std::int64_t>(labels.size())},
                    at::TensorOptions(at::kLong))
          .to(device_);
  network_.gradients().zero_();
  const at::Tensor loss =
      at::cross_entropy_loss(network_.forward(images_tensor(pixels, positions.size()), true),
                             targets, {}, at::Reduction::Mean, -100, recipe_.label_smoothing);
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
      throw RunError(fmt::format(
          "diverged: the loss is no finite number in epoch {}, step {} of {} (lr {}; a smaller one "
          "may help)",
          epoch + 1, step + 1, steps, format_number(recipe_.peak_lr())));
    }
    losses += loss;
    if (on_step) on_step(step + 1, steps);
  }
  const ImageScore validation = score(data_.validation);
  curve_.push_back(
      {epoch + 1, losses / static_cast<double>(steps), validation.loss, validation.percent});
}

ImageScore NetworkTrainer::score(const ImageSet& images) const {
  const at::NoGradGuard no_gradients;
  const ImageBatches batches(images, data_.statistics);
  double loss = 0;
  std::int64_t right = 0;
  for (std::size_t first = 0; first < images.size(); first += kScoredTogether) {
    std::vector<std::uint32_t> positions;
    for (std::size_t i = first; i < std::min(images.size(), first + kScoredTogether); ++i) {
      positions.push_back(static_cast<std::uint32_t>(i));
    }
    std::vector<float> pixels(positions.size() * images.image_elements());
    std::vector<std::int64_t> labels(positions.size());
    batches.fill(positions, nullptr, pixels.data(), labels.data());
    const at::Tensor targets =
        at::from_blob(labels.data(), {static_cast<std::int64_t>(labels.size())},
                      at::TensorOptions(at::kLong))
            .to(device_);
    const at::Tensor outputs = network_.forward(images_tensor(pixels, positions.size()), false);
    right += outputs.argmax(1).eq(targets).sum().item<std::int64_t>();
    loss += at::cross_entropy_loss(outputs, targets, {}, at::Reduction::Sum).item<double>();
  }
  const auto count = static_cast<double>(images.size());
  return {loss / count, 100 * static_cast<double>(right) / count};
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
