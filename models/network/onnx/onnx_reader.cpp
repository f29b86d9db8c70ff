#include "models/network/onnx/onnx_reader.h"

#include <fmt/core.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "base/files/file_roles.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/onnx/slim_model.h"
#include "models/network/onnx/tensor_bytes.h"

namespace dovetail {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

void set_raw_values(const std::string& bytes, OnnxTensor& tensor) {
  const auto size = static_cast<std::size_t>(element_bits(tensor.element_type)) / 8;
  std::vector<double> values(static_cast<std::size_t>(tensor.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!decode(bytes.data() + i * size, tensor.element_type, values[i])) {
      tensor.why_no_values = "which is of a type that is not read here";
      return;
    }
  }
  tensor.values = std::move(values);
}

template <typename Field>
void set_typed_values(const Field& field, OnnxTensor& tensor) {
  if (field.size() != tensor.elements()) {
    throw InputError(fmt::format("has {} values, its shape {} wants {}", field.size(),
                                 to_string(tensor.dims), tensor.elements()));
  }
  if (tensor.elements() > OnnxTensor::kMostValues) return;
  const int type = tensor.element_type;  // 16-bit floats stand as integers, by their bits
  const bool half = type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16;
  tensor.values.emplace();
  for (const auto value : field) {
    tensor.values->push_back(half ? half_to_double(static_cast<std::uint16_t>(value), type)
                                  : static_cast<double>(value));
  }
}

/// Data that slim_model() left out: "FIELD BYTES".
void check_skipped_data(const std::string& note, const OnnxTensor& tensor) {
  const std::vector<std::string> parts = split(note, ' ');
  std::int64_t field = 0, bytes = 0;
  const auto read = [](const std::string& text, std::int64_t& value) {
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
  };
  if (parts.size() != 2 || !read(parts[0], field) || !read(parts[1], bytes)) {
    throw InputError("has no data");
  }
  const auto [least, most] =
      data_length(static_cast<int>(field), tensor.elements(), tensor.element_type);
  if (bytes < least || bytes > most) {
    throw InputError(
        fmt::format("has {} bytes of data, its shape {} wants {}", bytes, to_string(tensor.dims),
                    least == most ? std::to_string(least) : fmt::format("{} to {}", least, most)));
  }
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& folder) : folder_(folder) {}

  OnnxGraph model(const onnx::ModelProto& model) const {
    OnnxGraph result = graph(model.graph());
    result.producer = model.producer_name();
    result.ir_version = static_cast<int>(model.ir_version());
    for (const auto& opset : model.opset_import()) {
      const std::int64_t version = std::clamp<std::int64_t>(opset.version(), 0, 1'000'000);
      result.opsets[opset.domain() == "ai.onnx" ? "" : opset.domain()] = static_cast<int>(version);
    }
    return result;
  }

 private:
  OnnxGraph graph(const onnx::GraphProto& proto) const {
    OnnxGraph graph;
    graph.name = proto.name();
    for (const TensorProto& tensor : proto.initializer()) {
      if (!graph.constants.emplace(tensor.name(), named_tensor(tensor)).second) {
        throw InputError(fmt::format("two initialisers are named '{}'", tensor.name()));
      }
    }
    for (auto& [name, constant] : graph.constants) constant.origin = name;
    for (const auto& input : proto.input()) {
      if (!graph.constants.contains(input.name())) graph.inputs.push_back(read_input(input));
    }
    for (const auto& output : proto.output()) {
      graph.outputs.push_back({output.name(), output.type().tensor_type().elem_type(), {}});
    }
    for (const auto& node : proto.node()) graph.nodes.push_back(read_node(node));
    return graph;
  }

  static OnnxInput read_input(const onnx::ValueInfoProto& proto) {
    OnnxInput input{proto.name(), proto.type().tensor_type().elem_type(), {}};
    if (!proto.type().has_tensor_type()) {
      throw InputError(fmt::format("input '{}' is no tensor", proto.name()));
    }
    if (!proto.type().tensor_type().has_shape()) return input;
    const auto& dims = proto.type().tensor_type().shape().dim();
    input.dims.emplace();
    for (const auto& dim : dims) {
      input.dims->push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : 0);
    }
    element_count(*input.dims);  // checks them
    return input;
  }

  OnnxTensor named_tensor(const TensorProto& proto) const {
    try {
      return tensor(proto);
    } catch (const InputError& error) {
      throw InputError(fmt::format("tensor '{}': {}", proto.name(), error.what()));
    }
  }

  OnnxTensor tensor(const TensorProto& proto) const {
    OnnxTensor tensor;
    tensor.dims.assign(proto.dims().begin(), proto.dims().end());
    tensor.element_type = proto.data_type();
    const std::int64_t elements = tensor.elements();  // checks the sizes
    if (element_bits(tensor.element_type) == 0) {
      throw InputError(fmt::format("element type {} is not supported", proto.data_type()));
    }
    if (proto.data_location() == TensorProto::EXTERNAL) {
      read_external(proto, tensor);
    } else if (!proto.doc_string().empty()) {
      check_skipped_data(proto.doc_string(), tensor);
    } else if (elements > 0 && !has_data(proto)) {
      tensor.why_no_values = "whose data is not in the file";
    } else {
      set_values(proto, tensor);
    }
    return tensor;
  }

  /// False of a tensor that was stripped: files are published with the shapes of their weights.
  static bool has_data(const TensorProto& proto) {
    return !proto.raw_data().empty() || proto.float_data_size() > 0 ||
           proto.int32_data_size() > 0 || proto.int64_data_size() > 0 ||
           proto.double_data_size() > 0 || proto.uint64_data_size() > 0;
  }

  static void set_values(const TensorProto& proto, OnnxTensor& tensor) {
    if (proto.has_raw_data()) {
      const auto bytes = static_cast<std::int64_t>(proto.raw_data().size());
      if (bytes != data_length(9, tensor.elements(), tensor.element_type).first) {
        throw InputError(fmt::format("has {} bytes of data, its shape {} wants {}", bytes,
                                     to_string(tensor.dims),
                                     data_length(9, tensor.elements(), tensor.element_type).first));
      }
      if (tensor.elements() <= OnnxTensor::kMostValues) set_raw_values(proto.raw_data(), tensor);
    } else if (element_bits(tensor.element_type) == 4) {
      tensor.why_no_values = "which is of a type that is not read here";
    } else if (proto.float_data_size() > 0) {
      set_typed_values(proto.float_data(), tensor);
    } else if (proto.double_data_size() > 0) {
      set_typed_values(proto.double_data(), tensor);
    } else if (proto.int64_data_size() > 0) {
      set_typed_values(proto.int64_data(), tensor);
    } else if (proto.uint64_data_size() > 0) {
      set_typed_values(proto.uint64_data(), tensor);
    } else {
      set_typed_values(proto.int32_data(), tensor);  // no data at all fits no elements
    }
  }

  /// A tensor in a file of its own, which may be missing: that is told where values are needed.
  void read_external(const TensorProto& proto, OnnxTensor& tensor) const {
    const std::int64_t size = data_length(9, tensor.elements(), tensor.element_type).first;
    const ExternalData data = external_data(proto, size);
    tensor.why_no_values = fmt::format("which is outside the file, in '{}'", data.location);
    if (folder_.empty()) return;
    const std::filesystem::path file = folder_ / data.location;
    tensor.why_no_values = fmt::format("which should be in '{}': no such file", file.string());
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(file, error);
    if (error) return;
    if (!is_inside(std::filesystem::canonical(folder_, error), real)) {
      throw InputError(fmt::format(
          "its data is in '{}', a link out of the model's folder; allowed are files in it",
          printable(data.location)));
    }
    if (!std::filesystem::is_regular_file(real, error)) return;
    note_input(real);
    const auto length = static_cast<std::int64_t>(std::filesystem::file_size(real));
    if (data.offset > length - size) {
      throw InputError(
          fmt::format("its data is {} bytes from {} on of '{}', which is too short: it has {}",
                      size, data.offset, printable(data.location), length));
    }
    if (tensor.elements() > OnnxTensor::kMostValues) {
      tensor.why_no_values.clear();
      return;
    }
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::ifstream stream(real, std::ios::binary);
    if (!stream.seekg(data.offset) || !stream.read(bytes.data(), size)) {
      tensor.why_no_values = fmt::format("which should be in '{}': cannot read", file.string());
      return;
    }
    set_raw_values(bytes, tensor);
  }

  OnnxNode read_node(const onnx::NodeProto& proto) const {
    OnnxNode node;
    node.op = proto.op_type();
    node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
    node.name = proto.name();
    node.doc = proto.doc_string();
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    for (const AttributeProto& attribute : proto.attribute()) {
      node.attributes.push_back({attribute.name(), value_of(attribute)});
    }
    return node;
  }

  decltype(OnnxAttribute::value) value_of(const AttributeProto& proto) const {
    switch (proto.type()) {
      case AttributeProto::INT:
        return proto.i();
      case AttributeProto::FLOAT:
        return static_cast<double>(proto.f());
      case AttributeProto::STRING:
        return proto.s();
      case AttributeProto::INTS:
        return OnnxDims(proto.ints().begin(), proto.ints().end());
      case AttributeProto::FLOATS:
        return std::vector<double>(proto.floats().begin(), proto.floats().end());
      case AttributeProto::TENSOR:
        return named_tensor(proto.t());
      case AttributeProto::GRAPH:
        return std::make_shared<const OnnxGraph>(graph(proto.g()));
      default:
        return std::monostate();
    }
  }

  std::filesystem::path folder_;
};

}  // namespace

OnnxGraph read_onnx_graph(const std::string& slim, const std::filesystem::path& folder) {
  onnx::ModelProto model;
  if (!model.ParseFromString(slim) || !model.has_graph()) {
    throw InputError("not an ONNX model: it has no graph");
  }
  OnnxGraph graph = Reader(folder).model(model);
  if (graph.nodes.empty()) throw InputError("not an ONNX model, or an empty one: it has no nodes");
  return graph;
}

}  // namespace dovetail
