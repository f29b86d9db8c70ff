#include "models/training/data/image_set.h"

#include <fmt/core.h>

#include <cmath>

#include "base/text/error.h"
#include "models/training/data/cifar_files.h"
#include "models/training/data/idx_files.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// The files of one kind of data set, and how they are read.
struct DataFiles {
  std::vector<fs::path> training, test;
  ImageSet (*read)(const std::vector<fs::path>& files);
};

ImageSet read_idx(const std::vector<fs::path>& files) {
  return read_idx_files(files[0], files[1]);
}
ImageSet read_cifar10(const std::vector<fs::path>& files) {
  return read_cifar_files(files, CifarLabels::kOne);
}
ImageSet read_cifar100(const std::vector<fs::path>& files) {
  return read_cifar_files(files, CifarLabels::kTwo);
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
}

/// FILE, or FILE.gz if only that is there.
fs::path maybe_compressed(const fs::path& file) {
  fs::path compressed = file;
  compressed += ".gz";
  return !is_there(file) && is_there(compressed) ? compressed : file;
}

DataFiles find_files(const fs::path& folder) {
  const auto in = [&](const std::string& name) { return maybe_compressed(folder / name); };
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw InputError(folder.string() + ": there is no such folder of images");
  }
  if (is_there(in("train-images-idx3-ubyte"))) {
    return {{in("train-images-idx3-ubyte"), in("train-labels-idx1-ubyte")},
            {in("t10k-images-idx3-ubyte"), in("t10k-labels-idx1-ubyte")},
            read_idx};
  }
  if (is_there(in("data_batch_1.bin"))) {
    DataFiles files{{}, {in("test_batch.bin")}, read_cifar10};
    for (int i = 1; i <= 5; ++i) files.training.push_back(in(fmt::format("data_batch_{}.bin", i)));
    return files;
  }
  if (is_there(in("train.bin"))) return {{in("train.bin")}, {in("test.bin")}, read_cifar100};
  throw InputError(fmt::format(
      "{}: no images there; allowed train-images-idx3-ubyte and its like (MNIST, Fashion-MNIST; "
      "also .gz), data_batch_1.bin and its like (CIFAR-10), train.bin (CIFAR-100)",
      folder.string()));
}

/// Throws InputError for a label that is no class.
void check_labels(const ImageSet& set, int classes, const fs::path& file) {
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set.labels[i] < classes) continue;
    throw InputError(fmt::format("{}: image {} has label {}, allowed 0 to {} ({} classes)",
                                 file.string(), i, set.labels[i], classes - 1, classes));
  }
}

void check_every_class(const ImageSet& training, int classes, const fs::path& file) {
  std::vector<std::size_t> images(static_cast<std::size_t>(classes));
  for (const std::uint8_t label : training.labels) ++images[label];
  for (std::size_t c = 0; c < images.size(); ++c) {
    if (images[c] > 0) continue;
    throw InputError(fmt::format(
        "{}: class {} of {} is empty: no training image has that label (images that validate do "
        "not count)",
        file.string(), c, classes));
  }
}

std::vector<PixelStatistics> statistics_of(const ImageSet& set) {
  const auto channels = static_cast<std::size_t>(set.channels);
  std::vector<std::uint64_t> sums(channels), squares(channels);
  for (std::size_t i = 0; i < set.pixels.size(); ++i) {
    const std::uint64_t value = set.pixels[i];
    sums[i % channels] += value;
    squares[i % channels] += value * value;
  }
  std::vector<PixelStatistics> statistics;
  const auto count = static_cast<double>(set.pixels.size() / channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = static_cast<double>(sums[c]) / count;
    const double variance = static_cast<double>(squares[c]) / count - mean * mean;
    // Images of one colour have nothing to be standardised by.
    const double deviation = variance > 0 ? std::sqrt(variance) : 255;
    statistics.push_back({mean / 255, deviation / 255});
  }
  return statistics;
}

}  // namespace

ImageSet ImageSet::part(std::size_t first, std::size_t count) const {
  ImageSet some{height, width, channels, {}, {}};
  const auto from = [](const std::vector<std::uint8_t>& all, std::size_t at, std::size_t many) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<std::uint8_t>(begin, begin + static_cast<std::ptrdiff_t>(many));
  };
  some.pixels = from(pixels, first * image_elements(), count * image_elements());
  some.labels = from(labels, first, count);
  return some;
}

std::vector<fs::path> image_files(const fs::path& folder) {
  const DataFiles files = find_files(folder);
  std::vector<fs::path> all = files.training;
  all.insert(all.end(), files.test.begin(), files.test.end());
  return all;
}

ImageSet load_test_images(const fs::path& folder, int classes) {
  const DataFiles files = find_files(folder);
  ImageSet test = files.read(files.test);
  check_labels(test, classes, files.test.back());
  return test;
}

ImageData load_image_data(const fs::path& folder, int classes, std::size_t validation_images) {
  const DataFiles files = find_files(folder);
  const ImageSet all = files.read(files.training);
  check_labels(all, classes, files.training.back());
  if (validation_images < 1 || validation_images >= all.size()) {
    throw InputError(fmt::format("{}: {} images, of which {} are to validate; allowed 1 to {}",
                                 files.training[0].string(), all.size(), validation_images,
                                 all.size() - 1));
  }
  ImageData data;
  data.classes = classes;
  data.statistics = statistics_of(all);
  const std::size_t training = all.size() - validation_images;
  data.training = all.part(0, training);
  data.validation = all.part(training, validation_images);
  check_every_class(data.training, classes, files.training.back());
  data.test = load_test_images(folder, classes);
  if (data.test.height != all.height || data.test.width != all.width) {
    throw InputError(fmt::format("{}: test images are {} x {}, those to train with {} x {}",
                                 files.test[0].string(), data.test.height, data.test.width,
                                 all.height, all.width));
  }
  return data;
}

std::vector<std::array<float, 256>> standardised_values(
    std::span<const PixelStatistics> statistics) {
  std::vector<std::array<float, 256>> values;
  for (const PixelStatistics& channel : statistics) {
    std::array<float, 256>& of_channel = values.emplace_back();
    for (std::size_t byte = 0; byte < of_channel.size(); ++byte) {
      of_channel[byte] = static_cast<float>((static_cast<double>(byte) / 255 - channel.mean) /
                                            channel.standard_deviation);
    }
  }
  return values;
}

}  // namespace dovetail
