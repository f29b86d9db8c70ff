#pragma once

#include <filesystem>
#include <span>

#include "models/training/data/image_set.h"

namespace dovetail {

/// How many labels stand before the pixels of an image: one in CIFAR-10; the superclass and the
/// class, which is the one that counts, in CIFAR-100.
enum class CifarLabels { kOne = 1, kTwo = 2 };

/// Reads files of the binary version one after another. Throws InputError naming the file for one
/// that is not a whole number of images.
ImageSet read_cifar_files(std::span<const std::filesystem::path> files, CifarLabels labels);

}  // namespace dovetail
