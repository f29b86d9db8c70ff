#include "models/network/onnx/tensor_bytes.h"

#include <fmt/core.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/text/error.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {
namespace {

using onnx::TensorProto;

template <typename T>
double number_at(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

std::int64_t external_number(const std::string& key, const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    throw InputError(fmt::format("external data: {} '{}'; allowed are whole numbers from 0", key,
                                 printable(text)));
  }
  return value;
}

}  // namespace

int element_bits(int type) {
  switch (type) {
    case TensorProto::DOUBLE:
    case TensorProto::INT64:
    case TensorProto::UINT64:
      return 64;
    case TensorProto::FLOAT:
    case TensorProto::INT32:
    case TensorProto::UINT32:
      return 32;
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
    case TensorProto::INT16:
    case TensorProto::UINT16:
      return 16;
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::BOOL:
    case 17:  // four kinds of 8-bit floating point, newer than the packaged library
    case 18:
    case 19:
    case 20:
      return 8;
    case 21:  // uint4, int4
    case 22:
      return 4;
    default:
      return 0;
  }
}

double half_to_double(std::uint16_t bits, int type) {
  if (type == TensorProto::BFLOAT16) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  }
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  double value =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  if (exponent == 31)
    value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
  return (bits & 0x8000) != 0 ? -value : value;
}

bool decode(const char* bytes, int type, double& value) {
  switch (type) {
    case TensorProto::FLOAT:
      value = number_at<float>(bytes);
      return true;
    case TensorProto::DOUBLE:
      value = number_at<double>(bytes);
      return true;
    case TensorProto::INT64:
      value = number_at<std::int64_t>(bytes);
      return true;
    case TensorProto::INT32:
      value = number_at<std::int32_t>(bytes);
      return true;
    case TensorProto::INT16:
      value = number_at<std::int16_t>(bytes);
      return true;
    case TensorProto::UINT16:
      value = number_at<std::uint16_t>(bytes);
      return true;
    case TensorProto::INT8:
      value = number_at<std::int8_t>(bytes);
      return true;
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      value = number_at<std::uint8_t>(bytes);
      return true;
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      value = half_to_double(static_cast<std::uint16_t>(number_at<std::uint16_t>(bytes)), type);
      return true;
    default:
      return false;
  }
}

std::pair<std::int64_t, std::int64_t> data_length(int field, std::int64_t elements, int type) {
  const std::int64_t most_varint = 10;
  switch (field) {
    case 9: {  // raw_data
      const std::int64_t bytes = (elements * element_bits(type) + 7) / 8;
      return {bytes, bytes};
    }
    case 4:  // float_data
      return {4 * elements, 4 * elements};
    case 10:  // double_data
      return {8 * elements, 8 * elements};
    case 5:  // int32_data, int64_data, uint64_data: variable length; two 4-bit numbers share one
    case 7:
    case 11:
      return {(elements + 1) / 2, most_varint * elements};
    default:
      return {0, 0};
  }
}

ExternalData external_data(const TensorProto& proto, std::int64_t size) {
  ExternalData data;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") data.location = entry.value();
    if (entry.key() == "offset") data.offset = external_number("offset", entry.value());
    if (entry.key() != "length") continue;
    const std::int64_t length = external_number("length", entry.value());
    if (length != size) {
      throw InputError(
          fmt::format("external data: length {}, its shape wants {} bytes", length, size));
    }
  }
  const std::filesystem::path path = data.location;
  const bool below = !path.empty() && path.is_relative() &&
                     std::find(path.begin(), path.end(), "..") == path.end() &&
                     data.location.find('\0') == std::string::npos;
  if (!below) {
    throw InputError(fmt::format(
        "external data: location '{}'; allowed are paths below the model's folder, without '..'",
        printable(data.location)));
  }
  return data;
}

bool is_inside(const std::filesystem::path& folder, const std::filesystem::path& file) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
         folder.end();
}

}  // namespace dovetail
