#include "models/network/onnx/tensor_values.h"

#include <fmt/core.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/files/file_roles.h"
#include "base/text/error.h"
#include "models/network/onnx/onnx_dims.h"
#include "models/network/onnx/tensor_bytes.h"

namespace dovetail {
namespace {

using onnx::TensorProto;

/// The bytes of a tensor that stands in a file beside the model.
std::string external_bytes(const TensorProto& proto, std::int64_t size,
                           const std::filesystem::path& folder) {
  const ExternalData data = external_data(proto, size);
  const std::filesystem::path file = folder / data.location;
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(file, error);
  if (error || !is_inside(std::filesystem::canonical(folder, error), real)) {
    throw InputError(fmt::format(
        "its numbers should be in '{}': no such file in the model's folder", file.string()));
  }
  note_input(real);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::ifstream stream(real, std::ios::binary);
  if (!stream.seekg(data.offset) || !stream.read(bytes.data(), size)) {
    throw InputError(fmt::format("its numbers should be in '{}': cannot read", file.string()));
  }
  return bytes;
}

std::vector<float> from_bytes(const std::string& bytes, int type, std::int64_t elements) {
  const auto size = static_cast<std::size_t>(element_bits(type)) / 8;
  if (size == 0 || bytes.size() != size * static_cast<std::size_t>(elements)) {
    throw InputError("its numbers are not in the file");
  }
  std::vector<float> values(static_cast<std::size_t>(elements));
  for (std::size_t i = 0; i < values.size(); ++i) {
    double value = 0;
    if (!decode(bytes.data() + i * size, type, value)) throw InputError("its type is not read");
    values[i] = static_cast<float>(value);
  }
  return values;
}

template <typename Field>
std::vector<float> from_field(const Field& field, std::int64_t elements) {
  if (field.size() != elements) throw InputError("its numbers are not in the file");
  return {field.begin(), field.end()};
}

std::vector<float> values_of(const TensorProto& proto, std::int64_t elements,
                             const std::filesystem::path& folder) {
  const int type = proto.data_type();
  const bool half = type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16;
  if (!half && type != TensorProto::FLOAT && type != TensorProto::DOUBLE) {
    throw InputError(fmt::format("its numbers are of type {}, allowed is floating point", type));
  }
  if (proto.data_location() == TensorProto::EXTERNAL) {
    const std::int64_t size = elements * element_bits(type) / 8;
    return from_bytes(external_bytes(proto, size, folder), type, elements);
  }
  if (proto.has_raw_data()) return from_bytes(proto.raw_data(), type, elements);
  if (type == TensorProto::DOUBLE) return from_field(proto.double_data(), elements);
  if (!half) return from_field(proto.float_data(), elements);
  std::vector<float> values = from_field(proto.int32_data(), elements);
  for (float& value : values) {
    value = static_cast<float>(half_to_double(static_cast<std::uint16_t>(value), type));
  }
  return values;
}

bool is_any_of(std::string_view op, std::span<const std::string_view> all) {
  return std::find(all.begin(), all.end(), op) != all.end();
}

constexpr std::array<std::string_view, 2> kCopies = {"Identity", "Cast"};
constexpr std::array<std::string_view, 4> kShapes = {"Flatten", "Reshape", "Squeeze", "Unsqueeze"};

}  // namespace

struct TensorValues::Model {
  onnx::ModelProto proto;
  std::unordered_map<std::string, const TensorProto*> tensors;
  std::unordered_map<std::string, const onnx::NodeProto*> givers;
};

TensorValues::TensorValues(const std::filesystem::path& file,
                           std::map<std::string, OnnxTensor> constants)
    : model_(std::make_unique<Model>()),
      folder_(file.has_parent_path() ? file.parent_path() : "."),
      constants_(std::move(constants)) {
  std::ifstream stream(file, std::ios::binary);
  if (!model_->proto.ParseFromIstream(&stream)) throw InputError("not an ONNX model");
  for (const TensorProto& tensor : model_->proto.graph().initializer()) {
    model_->tensors[tensor.name()] = &tensor;
  }
  for (const onnx::NodeProto& node : model_->proto.graph().node()) {
    for (const std::string& output : node.output()) model_->givers[output] = &node;
    if (node.op_type() != "Constant" || node.output_size() != 1) continue;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_t()) model_->tensors[node.output(0)] = &attribute.t();
    }
  }
}

TensorValues::~TensorValues() = default;

std::vector<float> TensorValues::of(const std::string& name) const {
  try {
    return numbers(name, 0).values;
  } catch (const InputError& error) {
    throw InputError(fmt::format("tensor '{}': {}", printable(name), error.what()));
  }
}

TensorValues::Numbers TensorValues::numbers(const std::string& name, int depth) const {
  if (const auto at = model_->tensors.find(name); at != model_->tensors.end()) {
    const TensorProto& proto = *at->second;
    const OnnxDims dims(proto.dims().begin(), proto.dims().end());
    return {dims, values_of(proto, element_count(dims), folder_)};
  }
  const auto known = constants_.find(name);
  if (known != constants_.end() && known->second.values &&
      !is_integer_type(known->second.element_type)) {
    const std::vector<double>& values = *known->second.values;
    return {known->second.dims, {values.begin(), values.end()}};
  }
  return computed(name, depth);
}

TensorValues::Numbers TensorValues::computed(const std::string& name, int depth) const {
  constexpr int kMostNodes = 100;  // one after another
  const auto giver = model_->givers.find(name);
  const auto known = constants_.find(name);
  if (giver == model_->givers.end() || known == constants_.end() || depth > kMostNodes ||
      giver->second->input_size() == 0) {
    throw InputError("its numbers are not in the file");
  }
  const onnx::NodeProto& node = *giver->second;
  const bool turn = node.op_type() == "Transpose";
  if (!turn && !is_any_of(node.op_type(), kCopies) && !is_any_of(node.op_type(), kShapes)) {
    throw InputError(fmt::format("it is computed by {}", printable(node.op_type())));
  }
  Numbers given = numbers(node.input(0), depth + 1);
  if (element_count(known->second.dims) != static_cast<std::int64_t>(given.values.size())) {
    throw InputError("its numbers are not in the file");
  }
  if (!turn) return {known->second.dims, std::move(given.values)};
  OnnxDims permutation;
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == "perm") {
      permutation.assign(attribute.ints().begin(), attribute.ints().end());
    }
  }
  permutation = checked_permutation(permutation, given.dims.size());
  const OnnxDims& dims = known->second.dims;
  const OnnxDims from = strides_of(given.dims), to = strides_of(dims);
  Numbers turned{dims, std::vector<float>(given.values.size())};
  for (std::size_t i = 0; i < turned.values.size(); ++i) {
    std::int64_t at = 0;
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
      const std::int64_t index = static_cast<std::int64_t>(i) / to[axis] % dims[axis];
      at += index * from[static_cast<std::size_t>(permutation[axis])];
    }
    turned.values[i] = given.values[static_cast<std::size_t>(at)];
  }
  return turned;
}

}  // namespace dovetail
