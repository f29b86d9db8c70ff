#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dovetail {

/// Named tensors of float32 and texts, as a safetensors file has them: the length of a header, the
/// header in JSON, the numbers (little-endian). Python reads it with safetensors.numpy. Beside what
/// that format wants there is a checksum of the numbers, which reading compares.
struct TensorFile {
  struct Tensor {
    std::vector<std::int64_t> dims;
    std::vector<float> values;
  };
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  /// Throws InputError naming the file for one that is missing, cut off, changed or of another
  /// kind.
  static TensorFile load(const std::filesystem::path& file);
  /// The bytes depend on the content alone.
  std::string to_bytes() const;
  /// As write_file_atomically().
  void save(const std::filesystem::path& file) const;
};

}  // namespace dovetail
