#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace onnx {
class TensorProto;
}

namespace dovetail {

// How the numbers of a tensor stand in a file.

/// Bits of one element; 0 for types that are not numbers.
int element_bits(int type);

/// Value of a float16 or bfloat16 by its bits.
double half_to_double(std::uint16_t bits, int type);

/// One little-endian element; false for types without a value here.
bool decode(const char* bytes, int type, double& value);

/// The length that data of `field` must have for so many elements; 0, 0 if there is no such field.
std::pair<std::int64_t, std::int64_t> data_length(int field, std::int64_t elements, int type);

/// Where a tensor's data stands outside the model.
struct ExternalData {
  std::string location;
  std::int64_t offset = 0;
};

/// Throws InputError for an offset that is none, a length other than `size` bytes, and a path that
/// does not stay below the model's folder.
ExternalData external_data(const onnx::TensorProto& proto, std::int64_t size);

/// Whether `file` stands below `folder`; both with links resolved.
bool is_inside(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace dovetail
