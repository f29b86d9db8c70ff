#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <span>
#include <vector>

#include "models/network/layers/network.h"
#include "models/training/data/image_batches.h"
#include "models/training/data/image_set.h"

namespace dovetail {

/// Some images and their labels, where a network computes. On a processor the tensors are views of
/// the vectors.
struct LabelledImages {
  std::vector<float> pixels;
  std::vector<std::int64_t> classes;
  at::Tensor images, labels;
};

/// The images of a set as tensors, standardised; channels are innermost in memory.
class ImageTensors {
 public:
  /// `set` must outlive this.
  ImageTensors(const ImageSet& set, std::span<const PixelStatistics> statistics, at::Device device)
      : set_(set), batches_(set, statistics), device_(device) {}

  std::size_t size() const { return set_.size(); }
  /// With `augmentation` they are shifted and mirrored as it draws.
  LabelledImages batch(std::span<const std::uint32_t> positions, Rng* augmentation) const;

 private:
  const ImageSet& set_;
  ImageBatches batches_;
  at::Device device_;
};

/// Mean loss over some images, and the share of them that is classified rightly.
struct ImageScore {
  double loss = 0, percent = 0;
};

/// Of the first `count` images of a set (0: all), by outputs = forward(images).
ImageScore image_score(const ImageTensors& set, std::size_t count,
                       const std::function<at::Tensor(const at::Tensor&)>& forward);
/// Throws InputError unless the network reads such images.
void require_fit(const Network& network, const ImageSet& images);
/// How many of the outputs have their largest number at the label.
std::int64_t count_right(const at::Tensor& outputs, const at::Tensor& labels);

}  // namespace dovetail
