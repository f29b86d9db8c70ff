#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/numbers/random.h"
#include "models/training/data/image_set.h"

namespace dovetail {

/// Images as a network reads them: standardised, row by row, channels innermost.
class ImageBatches {
 public:
  /// `set` must outlive this.
  ImageBatches(const ImageSet& set, std::span<const PixelStatistics> statistics)
      : set_(set), values_(standardised_values(statistics)) {}

  /// Writes the images of these positions to `pixels` and their labels to `labels`. With `rng`,
  /// each is shifted by up to two pixels each way, what comes in being 0 as read, and mirrored or
  /// not.
  void fill(std::span<const std::uint32_t> positions, Rng* rng, float* pixels,
            std::int64_t* labels) const;

 private:
  const ImageSet& set_;
  std::vector<std::array<float, 256>> values_;  // by channel and byte
};

/// The positions of an epoch's images: of `images` the first `count` of an order drawn for the
/// epoch.
std::vector<std::uint32_t> epoch_order(std::size_t images, std::size_t count, std::uint64_t seed,
                                       std::uint64_t epoch);
/// What augments them.
Rng augmentation_of(std::uint64_t seed, std::uint64_t epoch);

}  // namespace dovetail
