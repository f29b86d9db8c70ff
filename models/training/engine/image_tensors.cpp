#include "models/training/engine/image_tensors.h"

#include <ATen/core/grad_mode.h>
#include <fmt/core.h>

#include <algorithm>

#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::size_t kScoredTogether = 128;  // images; more do not fit a cache

}  // namespace

LabelledImages ImageTensors::batch(std::span<const std::uint32_t> positions,
                                   Rng* augmentation) const {
  LabelledImages batch;
  batch.pixels.resize(positions.size() * set_.image_elements());
  batch.classes.resize(positions.size());
  batches_.fill(positions, augmentation, batch.pixels.data(), batch.classes.data());
  const auto count = static_cast<std::int64_t>(positions.size());
  batch.images = at::from_blob(batch.pixels.data(), {count, set_.height, set_.width, set_.channels},
                               at::TensorOptions(at::kFloat))
                     .to(device_)
                     .permute({0, 3, 1, 2});
  batch.labels =
      at::from_blob(batch.classes.data(), {count}, at::TensorOptions(at::kLong)).to(device_);
  return batch;
}

std::int64_t count_right(const at::Tensor& outputs, const at::Tensor& labels) {
  return outputs.argmax(1).eq(labels).sum().item<std::int64_t>();
}

void require_fit(const Network& network, const ImageSet& images) {
  const TensorShape& input = network.input();
  if (input != TensorShape{images.height, images.width, images.channels}) {
    throw InputError(fmt::format("{} reads {}x{}x{}, the images are {}x{}x{}", network.name(),
                                 input.height, input.width, input.channels, images.height,
                                 images.width, images.channels));
  }
}

ImageScore image_score(const ImageTensors& set, std::size_t count,
                       const std::function<at::Tensor(const at::Tensor&)>& forward) {
  const at::NoGradGuard no_gradients;
  if (count == 0) count = set.size();
  double loss = 0;
  std::int64_t right = 0;
  for (std::size_t first = 0; first < count; first += kScoredTogether) {
    std::vector<std::uint32_t> positions;
    for (std::size_t i = first; i < std::min(count, first + kScoredTogether); ++i) {
      positions.push_back(static_cast<std::uint32_t>(i));
    }
    const LabelledImages batch = set.batch(positions, nullptr);
    const at::Tensor outputs = forward(batch.images);
    right += count_right(outputs, batch.labels);
    loss += at::cross_entropy_loss(outputs, batch.labels, {}, at::Reduction::Sum).item<double>();
  }
  const auto images = static_cast<double>(count);
  return {loss / images, 100 * static_cast<double>(right) / images};
}

}  // namespace dovetail
