#include "models/training/data/image_batches.h"

#include <algorithm>
#include <numeric>

namespace dovetail {
namespace {

constexpr std::size_t kMostShift = 2;  // pixels each way

// Streams of random numbers; the first weights have those from 0 on.
constexpr std::uint64_t kOrderStream = std::uint64_t{1} << 40;
constexpr std::uint64_t kAugmentationStream = std::uint64_t{2} << 40;

}  // namespace

void ImageBatches::fill(std::span<const std::uint32_t> positions, Rng* rng, float* pixels,
                        std::int64_t* labels) const {
  const int channels = set_.channels;
  for (const std::uint32_t position : positions) {
    const std::span<const std::uint8_t> image = set_.image(position);
    *labels++ = set_.labels[position];
    int down = 0, right = 0;
    bool mirrored = false;
    if (rng != nullptr) {
      down = static_cast<int>(rng->index(2 * kMostShift + 1)) - static_cast<int>(kMostShift);
      right = static_cast<int>(rng->index(2 * kMostShift + 1)) - static_cast<int>(kMostShift);
      mirrored = rng->index(2) == 1;
    }
    for (int y = 0; y < set_.height; ++y) {
      for (int x = 0; x < set_.width; ++x) {
        const int from_y = y - down, from_x = (mirrored ? set_.width - 1 - x : x) - right;
        const bool inside =
            from_y >= 0 && from_y < set_.height && from_x >= 0 && from_x < set_.width;
        const std::size_t at =
            inside ? static_cast<std::size_t>((from_y * set_.width + from_x) * channels) : 0;
        for (int c = 0; c < channels; ++c) {
          const std::uint8_t byte = inside ? image[at + static_cast<std::size_t>(c)] : 0;
          *pixels++ = values_[static_cast<std::size_t>(c)][byte];
        }
      }
    }
  }
}

std::vector<std::uint32_t> epoch_order(std::size_t images, std::size_t count, std::uint64_t seed,
                                       std::uint64_t epoch) {
  std::vector<std::uint32_t> order(images);
  std::iota(order.begin(), order.end(), 0U);
  Rng(seed, kOrderStream + epoch).shuffle(order);
  order.resize(std::min(count, images));
  return order;
}

Rng augmentation_of(std::uint64_t seed, std::uint64_t epoch) {
  return Rng(seed, kAugmentationStream + epoch);
}

}  // namespace dovetail
