#pragma once

#include <filesystem>

#include "models/training/data/image_set.h"

namespace dovetail {

/// Reads a file of images (magic number 2051) and that of their labels (2049), integers being
/// big-endian. Throws InputError naming the file and what was found.
ImageSet read_idx_files(const std::filesystem::path& images, const std::filesystem::path& labels);

}  // namespace dovetail
