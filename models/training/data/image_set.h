#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dovetail {

/// Labelled images of one size, as they were read: bytes, row by row, channels innermost.
struct ImageSet {
  int height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }
  /// Numbers of one image.
  std::size_t image_elements() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
  std::span<const std::uint8_t> image(std::size_t i) const {
    return std::span(pixels).subspan(i * image_elements(), image_elements());
  }
  /// Images `first` to `first + count - 1`.
  ImageSet part(std::size_t first, std::size_t count) const;
};

/// Of one channel, pixels being 0 to 1.
struct PixelStatistics {
  double mean = 0, standard_deviation = 1;
};

/// What a network is trained, chosen and reported on.
struct ImageData {
  ImageSet training, validation, test;
  /// Of the training file, so of training and validation images; labels have no part in it.
  std::vector<PixelStatistics> statistics;
  int classes = 0;
};

/// Reads the images of a folder: IDX as MNIST and Fashion-MNIST have it (train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-..., each also as .gz), or the binary versions of CIFAR-10
/// (data_batch_1.bin to data_batch_5.bin, test_batch.bin) and CIFAR-100 (train.bin, test.bin; fine
/// labels). The last `validation_images` of the training file validate. Throws InputError naming
/// the file for one that is missing, cut off or of another kind, for a label that is not below
/// `classes`, a class without training images, and too few images.
ImageData load_image_data(const std::filesystem::path& folder, int classes,
                          std::size_t validation_images);

/// The same of the test images alone.
ImageSet load_test_images(const std::filesystem::path& folder, int classes);

/// The files of the folder that load_image_data() reads; throws InputError if there are none.
std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder);

/// For each byte of each channel, the standardised number: (byte / 255 - mean) / sd.
std::vector<std::array<float, 256>> standardised_values(
    std::span<const PixelStatistics> statistics);

}  // namespace dovetail
