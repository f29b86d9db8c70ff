#include "models/network/onnx/onnx_writer.h"

#include <fmt/core.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "base/text/version.h"
#include "models/network/onnx/weight_numbers.h"

namespace dovetail {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

void set_type(const OnnxDims& dims, int element_type, onnx::ValueInfoProto& info) {
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(element_type);
  for (const std::int64_t size : dims) tensor->mutable_shape()->add_dim()->set_dim_value(size);
  tensor->mutable_shape();  // a scalar has a shape, too
}

void set_header(const std::string& name, const OnnxDims& dims, int element_type,
                TensorProto& proto) {
  proto.set_name(name);
  proto.set_data_type(element_type);
  for (const std::int64_t size : dims) proto.add_dims(size);
}

/// False if the values cannot be written as this type here.
bool set_values(const OnnxTensor& tensor, TensorProto& proto) {
  if (!tensor.values) return false;
  if (tensor.element_type == kOnnxInt64) {  // "to the end" is the largest there is, 2^63 - 1
    for (const std::int64_t value : tensor.integers()) proto.add_int64_data(value);
    return !tensor.values->empty();
  }
  for (const double value : *tensor.values) {
    switch (tensor.element_type) {
      case kOnnxFloat:
        proto.add_float_data(static_cast<float>(value));
        break;
      case kOnnxDouble:
        proto.add_double_data(value);
        break;
      case kOnnxInt8:
        proto.add_int32_data(static_cast<std::int32_t>(value));
        break;
      default:
        return false;
    }
  }
  return !tensor.values->empty();
}

void set_attribute(const OnnxAttribute& attribute, AttributeProto& proto) {
  proto.set_name(attribute.name);
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    proto.set_type(AttributeProto::INT);
    proto.set_i(*integer);
  } else if (const auto* real = std::get_if<double>(&attribute.value)) {
    proto.set_type(AttributeProto::FLOAT);
    proto.set_f(static_cast<float>(*real));
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    proto.set_type(AttributeProto::STRING);
    proto.set_s(*text);
  } else if (const auto* integers = std::get_if<OnnxDims>(&attribute.value)) {
    proto.set_type(AttributeProto::INTS);
    for (const std::int64_t number : *integers) proto.add_ints(number);
  } else if (const auto* reals = std::get_if<std::vector<double>>(&attribute.value)) {
    proto.set_type(AttributeProto::FLOATS);
    for (const double number : *reals) proto.add_floats(static_cast<float>(number));
  }
}

constexpr int kInitializersApart = 4;  // IR version before which initialisers are inputs, too

onnx::ModelProto to_proto(const OnnxGraph& graph) {
  onnx::ModelProto model;
  model.set_ir_version(graph.ir_version);
  model.set_producer_name(graph.producer);
  for (const auto& [domain, opset] : graph.opsets) {
    auto* import = model.add_opset_import();
    import->set_domain(domain);
    import->set_version(opset);
  }
  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name(graph.name.empty() ? "graph" : graph.name);
  for (const OnnxInput& input : graph.inputs) {
    proto.add_input()->set_name(input.name);
    set_type(input.dims.value_or(OnnxDims{}), input.element_type,
             *proto.mutable_input(proto.input_size() - 1));
  }
  for (const OnnxOutput& output : graph.outputs) {
    proto.add_output()->set_name(output.name);
    set_type(output.dims, output.element_type, *proto.mutable_output(proto.output_size() - 1));
  }
  for (const auto& [name, tensor] : graph.constants) {
    TensorProto values;
    const bool written = set_values(tensor, values);
    if (written) {
      set_header(name, tensor.dims, tensor.element_type, values);
      *proto.add_initializer() = std::move(values);
    }
    if (!written || graph.ir_version < kInitializersApart) {
      proto.add_input()->set_name(name);
      set_type(tensor.dims, tensor.element_type, *proto.mutable_input(proto.input_size() - 1));
    }
  }
  for (const OnnxNode& node : graph.nodes) {
    onnx::NodeProto& added = *proto.add_node();
    added.set_op_type(node.op);
    if (!node.domain.empty()) added.set_domain(node.domain);
    added.set_name(node.name);
    if (!node.doc.empty()) added.set_doc_string(node.doc);
    for (const std::string& input : node.inputs) added.add_input(input);
    for (const std::string& output : node.outputs) added.add_output(output);
    for (const OnnxAttribute& attribute : node.attributes) {
      AttributeProto proto_of;
      set_attribute(attribute, proto_of);
      if (proto_of.has_type()) *added.add_attribute() = std::move(proto_of);
    }
  }
  return model;
}

/// Adds the shapes of all tensors.
void check_and_infer(onnx::ModelProto& model) {
  try {
    onnx::checker::check_model(model);
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), {true, 1, false});
  } catch (const std::exception& error) {
    std::string what;  // in one line
    for (const std::string& line : split(error.what(), '\n')) {
      if (!line.empty()) what += (what.empty() ? "" : " ") + line;
    }
    throw InputError("the ONNX library refuses the model: " + what);
  }
}

bool library_knows(const OnnxGraph& graph) {
  const auto& versions = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  const auto known = versions.find("");
  return known != versions.end() && graph.opset() <= known->second.second &&
         graph.ir_version <= onnx::Version::IR_VERSION;
}

/// Some exporters give convolutions and products int8 operands, which the standard has for
/// operators of other names only.
bool is_integer_typed(const OnnxGraph& graph) {
  return std::ranges::any_of(graph.nodes, [&](const OnnxNode& node) {
    if (!node.domain.empty() || (node.op != "Conv" && node.op != "Gemm" && node.op != "MatMul")) {
      return false;
    }
    const auto weights = graph.constants.find(node.input(1));
    return weights != graph.constants.end() && is_integer_type(weights->second.element_type);
  });
}

/// Operators that the library has not are put into a domain of their own, which it lets pass. Tools
/// for such operators leave out the import of their domain; ONNX Runtime's are always imported.
void set_foreign_domains(int opset, onnx::ModelProto& model) {
  std::set<std::string> domains;
  for (const auto& import : model.opset_import()) domains.insert(import.domain());
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    if (node.domain().empty() &&
        onnx::OpSchemaRegistry::Schema(node.op_type(), opset, "") == nullptr) {
      node.set_domain("foreign");
    }
    if (node.domain() == "com.microsoft" || !domains.insert(node.domain()).second) continue;
    auto* import = model.add_opset_import();
    import->set_domain(node.domain());
    import->set_version(1);
  }
}

constexpr std::int64_t kMostInline = (std::int64_t{1} << 31) - (std::int64_t{64} << 20);

/// Throws InputError unless each weight has as many trained numbers as it wants, or none has any.
void require_values(const ExportedGraph& exported, const OnnxOptions& options) {
  if (options.values.empty()) return;
  for (const OnnxWeight& weight : exported.weights) {
    if (!weight.data.empty()) continue;
    const auto found = options.values.find(weight.name);
    const auto wanted = static_cast<std::size_t>(element_count(weight.dims));
    if (found != options.values.end() && found->second.size() == wanted) continue;
    throw InputError(fmt::format("ONNX export: the trained weights have no '{}' of {} numbers",
                                 weight.name, wanted));
  }
}

std::int64_t bytes_of(const OnnxWeight& weight) {
  if (!weight.data.empty()) return static_cast<std::int64_t>(weight.data.size());
  return element_count(weight.dims) * static_cast<std::int64_t>(sizeof(float));
}

void add_inline_weights(const ExportedGraph& exported, const OnnxOptions& options,
                        onnx::GraphProto& graph) {
  std::uint64_t stream = 0;
  for (const OnnxWeight& weight : exported.weights) {
    TensorProto& proto = *graph.add_initializer();
    set_header(weight.name, weight.dims, weight.element_type, proto);
    std::string& data = *proto.mutable_raw_data();
    data.reserve(static_cast<std::size_t>(bytes_of(weight)));
    make_numbers(weight, options, stream++, [&](std::string_view bytes) { data += bytes; });
  }
}

/// Writes the weights one after another; `named` stands for the file in messages.
void write_external_weights(const ExportedGraph& exported, const OnnxOptions& options,
                            const std::filesystem::path& data, const std::string& named) {
  std::ofstream stream(data, std::ios::binary);
  std::uint64_t random_stream = 0;
  for (const OnnxWeight& weight : exported.weights) {
    make_numbers(weight, options, random_stream++, [&](std::string_view bytes) {
      stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    });
  }
  stream.close();
  if (!stream) throw RunError(fmt::format("{}: cannot write: disk full?", named));
}

/// Says in the graph where in the file `location` write_external_weights() puts each.
void add_external_weights(const ExportedGraph& exported, const std::string& location,
                          onnx::GraphProto& graph) {
  std::int64_t offset = 0;
  for (const OnnxWeight& weight : exported.weights) {
    TensorProto& proto = *graph.add_initializer();
    set_header(weight.name, weight.dims, weight.element_type, proto);
    proto.set_data_location(TensorProto::EXTERNAL);
    const std::int64_t bytes = bytes_of(weight);
    for (const auto& [key, value] : {std::pair{"location", location},
                                     {"offset", std::to_string(offset)},
                                     {"length", std::to_string(bytes)}}) {
      auto* entry = proto.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    offset += bytes;
  }
}

/// The checked model, its weights still to be added.
onnx::ModelProto model_without_weights(const ExportedGraph& exported) {
  onnx::ModelProto model = to_proto(exported.graph);  // weights are inputs
  model.set_producer_version(version());
  check_and_infer(model);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_input()->DeleteSubrange(1, graph.input_size() - 1);
  return model;
}

void add_entry(const std::string& key, const std::string& value,
               onnx::StringStringEntryProto& entry) {
  entry.set_key(key);
  entry.set_value(value);
}

/// metadata_props of a node came with ONNX 1.16, which the packaged library does not know: readers
/// that do not, either, pass over the field.
void add_metadata(const OnnxMetadata::Entries& entries, onnx::NodeProto& node) {
  constexpr int kMetadataProps = 9;
  for (const auto& [key, value] : entries) {
    onnx::StringStringEntryProto entry;
    add_entry(key, value, entry);
    node.GetReflection()->MutableUnknownFields(&node)->AddLengthDelimited(
        kMetadataProps, entry.SerializeAsString());
  }
}

/// A layer's own node has its name; an activation's is the first that it is a part of.
void add_metadata(const OnnxMetadata& metadata, onnx::ModelProto& model) {
  for (const auto& [key, value] : metadata.model) {
    add_entry(key, value, *model.add_metadata_props());
  }
  if (metadata.layers.empty()) return;
  std::map<std::string, onnx::NodeProto*> own;
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    const std::string layer = LayerNote::parse(node.doc_string()).layer;
    if (layer.empty()) continue;
    const auto [at, first] = own.emplace(layer, &node);
    if (!first && node.name() == layer) at->second = &node;
  }
  for (const auto& [layer, entries] : metadata.layers) {
    if (const auto at = own.find(layer); at != own.end()) add_metadata(entries, *at->second);
  }
}

void write_model(const onnx::ModelProto& model, const std::filesystem::path& file,
                 const std::string& named) {
  std::ofstream stream(file, std::ios::binary);
  if (!model.SerializeToOstream(&stream) || !stream.flush()) {
    throw RunError(fmt::format("{}: cannot write: disk full?", named));
  }
}

}  // namespace

std::map<std::string, OnnxDims> library_shapes(const OnnxGraph& graph) {
  std::map<std::string, OnnxDims> shapes;
  if (!library_knows(graph) || is_integer_typed(graph)) return shapes;
  onnx::ModelProto model = to_proto(graph);
  set_foreign_domains(graph.opset(), model);
  check_and_infer(model);
  const auto note = [&](const onnx::ValueInfoProto& info) {
    if (!info.type().tensor_type().has_shape()) return;
    OnnxDims dims;
    for (const auto& dim : info.type().tensor_type().shape().dim()) {
      if (!dim.has_dim_value()) return;
      dims.push_back(dim.dim_value());
    }
    shapes[info.name()] = dims;
  };
  for (const auto& info : model.graph().value_info()) note(info);
  for (const auto& info : model.graph().output()) note(info);
  return shapes;
}

std::string onnx_bytes(const ExportedGraph& exported, const std::string& data_file) {
  onnx::ModelProto model = model_without_weights(exported);
  add_external_weights(exported, data_file, *model.mutable_graph());
  return model.SerializeAsString();
}

OnnxFiles write_onnx(const ExportedGraph& exported, const std::filesystem::path& file,
                     const OnnxOptions& options) {
  require_values(exported, options);
  OnnxFiles written;
  std::int64_t bytes = 0;
  for (const OnnxWeight& weight : exported.weights) {
    written.weights += element_count(weight.dims);
    bytes += bytes_of(weight);
  }
  if (!options.external_data && bytes > kMostInline) {
    throw InputError(
        fmt::format("{}: {} weights take {} bytes, and an ONNX file holds less than 2 GiB; write "
                    "them beside it "
                    "(external data)",
                    file.string(), written.weights, bytes));
  }
  onnx::ModelProto model = model_without_weights(exported);
  add_metadata(options.metadata, model);
  onnx::GraphProto& graph = *model.mutable_graph();

  AtomicFile target(file);
  std::optional<AtomicFile> data;
  std::filesystem::path data_file = file;
  data_file += ".data";
  if (options.external_data) {
    data.emplace(data_file);
    const std::string location = data_file.filename().string();
    write_external_weights(exported, options, data->path(), location);
    add_external_weights(exported, location, graph);
  } else {
    add_inline_weights(exported, options, graph);
  }
  write_model(model, target.path(), file.string());
  if (data) {
    data->commit();
    written.files.push_back(data_file);
  }
  target.commit();
  written.files.insert(written.files.begin(), file);
  for (const auto& each : written.files) written.bytes += std::filesystem::file_size(each);
  return written;
}

std::string onnx_tensor_bytes(const std::string& name, const OnnxDims& dims,
                              std::span<const float> values) {
  TensorProto proto;
  set_header(name, dims, kOnnxFloat, proto);
  proto.set_raw_data(values.data(), values.size() * sizeof(float));
  return proto.SerializeAsString();
}

}  // namespace dovetail
