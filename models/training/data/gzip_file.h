#pragma once

#include <filesystem>
#include <string>

namespace dovetail {

/// The whole content of a file, decompressed if it is gzip. Throws InputError if it cannot be read,
/// is cut off or damaged, or holds more than `most_bytes`.
std::string read_maybe_gzip(const std::filesystem::path& file, std::size_t most_bytes);

}  // namespace dovetail
