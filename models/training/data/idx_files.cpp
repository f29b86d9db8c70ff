#include "models/training/data/idx_files.h"

#include <fmt/core.h>

#include "base/text/error.h"
#include "models/training/data/gzip_file.h"

namespace dovetail {
namespace {

constexpr std::uint32_t kImagesMagic = 2051, kLabelsMagic = 2049;
constexpr std::uint32_t kMostSide = 1024;
constexpr std::size_t kMostBytes = std::size_t{2} << 30;

/// Big-endian header of 32-bit integers, then bytes.
class IdxFile {
 public:
  explicit IdxFile(const std::filesystem::path& file)
      : name_(file.string()), content_(read_maybe_gzip(file, kMostBytes)) {}

  std::uint32_t read_integer(const char* what) {
    if (content_.size() < at_ + 4) fail(fmt::format("cut off before the {}", what));
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(content_[at_++]);
    return value;
  }
  void require_magic(std::uint32_t expected, const char* what) {
    const std::uint32_t found = read_integer("magic number");
    if (found != expected) {
      fail(fmt::format("found magic number {}, allowed {} (IDX {})", found, expected, what));
    }
  }
  std::vector<std::uint8_t> read_rest(std::size_t bytes) const {
    const std::size_t left = content_.size() - at_;
    if (left != bytes) {
      fail(fmt::format("{}: the header announces {} bytes, found {}",
                       left < bytes ? "cut off" : "more than it says", bytes, left));
    }
    return {content_.begin() + static_cast<std::ptrdiff_t>(at_), content_.end()};
  }
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(fmt::format("{}: {}", name_, message));
  }

 private:
  std::string name_, content_;
  std::size_t at_ = 0;
};

}  // namespace

ImageSet read_idx_files(const std::filesystem::path& images, const std::filesystem::path& labels) {
  IdxFile pixels(images);
  pixels.require_magic(kImagesMagic, "images");
  const std::uint32_t count = pixels.read_integer("number of images");
  const std::uint32_t height = pixels.read_integer("number of rows");
  const std::uint32_t width = pixels.read_integer("number of columns");
  if (count == 0 || height == 0 || width == 0 || height > kMostSide || width > kMostSide) {
    pixels.fail(fmt::format("found {} images of {} x {}, allowed at least one of 1 to {} a side",
                            count, height, width, kMostSide));
  }
  ImageSet set;
  set.height = static_cast<int>(height);
  set.width = static_cast<int>(width);
  set.channels = 1;
  set.pixels = pixels.read_rest(std::size_t{count} * height * width);

  IdxFile classes(labels);
  classes.require_magic(kLabelsMagic, "labels");
  const std::uint32_t labelled = classes.read_integer("number of labels");
  if (labelled != count) {
    classes.fail(fmt::format("found {} labels, allowed {}, one for each image of {}", labelled,
                             count, images.filename().string()));
  }
  set.labels = classes.read_rest(labelled);
  return set;
}

}  // namespace dovetail
