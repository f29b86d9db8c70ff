#include "models/training/data/cifar_files.h"

#include <fmt/core.h>

#include "base/text/error.h"
#include "models/training/data/gzip_file.h"

namespace dovetail {
namespace {

constexpr int kSide = 32, kChannels = 3;
constexpr std::size_t kPlane = std::size_t{kSide} * kSide;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

}  // namespace

ImageSet read_cifar_files(std::span<const std::filesystem::path> files, CifarLabels labels) {
  const auto label_bytes = static_cast<std::size_t>(labels);
  const std::size_t record = label_bytes + kPlane * kChannels;
  ImageSet set;
  set.height = set.width = kSide;
  set.channels = kChannels;
  for (const std::filesystem::path& file : files) {
    const std::string content = read_maybe_gzip(file, kMostBytes);
    if (content.empty() || content.size() % record != 0) {
      throw InputError(fmt::format(
          "{}: found {} bytes, allowed a multiple of {} ({} labels and 3072 pixels an image)",
          file.string(), content.size(), record, label_bytes));
    }
    for (std::size_t at = 0; at < content.size(); at += record) {
      set.labels.push_back(static_cast<std::uint8_t>(content[at + label_bytes - 1]));
      const char* planes = content.data() + at + label_bytes;
      for (std::size_t i = 0; i < kPlane; ++i) {  // red, green and blue planes, one after another
        for (std::size_t c = 0; c < kChannels; ++c) {
          set.pixels.push_back(static_cast<std::uint8_t>(planes[c * kPlane + i]));
        }
      }
    }
  }
  return set;
}

}  // namespace dovetail
