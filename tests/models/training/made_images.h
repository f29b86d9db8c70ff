#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/numbers/random.h"

namespace dovetail::test {

/// Small image files that are made for a test: in each class another part of the image is bright,
/// so that a few steps of training tell them apart.
struct MadeImages {
  int side = 8, classes = 4;
  std::size_t training = 240, test = 80;
};

inline std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

/// The pixels of an image of class `label`: noise, and a band of rows that is brighter.
inline std::string made_pixels(const MadeImages& made, int label, Rng& rng) {
  std::string pixels;
  for (int y = 0; y < made.side; ++y) {
    for (int x = 0; x < made.side; ++x) {
      const bool bright = y * made.classes / made.side == label;
      pixels += static_cast<char>((bright ? 120 : 0) + static_cast<int>(rng.index(130)));
    }
  }
  return pixels;
}

inline void write_idx(const std::filesystem::path& images, const std::filesystem::path& labels,
                      const MadeImages& made, std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  const auto side = static_cast<std::uint32_t>(made.side);
  const auto number = static_cast<std::uint32_t>(count);
  std::string pixels = big_endian(2051) + big_endian(number) + big_endian(side) + big_endian(side);
  std::string classes = big_endian(2049) + big_endian(number);
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<int>(i % static_cast<std::size_t>(made.classes));
    pixels += made_pixels(made, label, rng);
    classes += static_cast<char>(label);
  }
  std::ofstream(images, std::ios::binary) << pixels;
  std::ofstream(labels, std::ios::binary) << classes;
}

/// The four files of an IDX data set.
inline void write_made_images(const std::filesystem::path& folder, const MadeImages& made = {}) {
  std::filesystem::create_directories(folder);
  write_idx(folder / "train-images-idx3-ubyte", folder / "train-labels-idx1-ubyte", made,
            made.training, 1);
  write_idx(folder / "t10k-images-idx3-ubyte", folder / "t10k-labels-idx1-ubyte", made, made.test,
            2);
}

}  // namespace dovetail::test
