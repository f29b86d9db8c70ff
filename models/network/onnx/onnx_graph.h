#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dovetail {

// A computation graph as an ONNX file has it, free of protobuf, so that the files that include
// protobuf stay few. In memory it is small: weights are shapes without values.

/// Sizes of a tensor, outermost first.
using OnnxDims = std::vector<std::int64_t>;

/// A name of a file as reports and result files can bear it: at most 200 characters, all but
/// printable ASCII as '_'.
std::string printable(std::string_view name);

/// "1x3x224x224", "scalar".
std::string to_string(const OnnxDims& dims);

inline constexpr std::size_t kMostOnnxDims = 8;
/// Product of the sizes; throws InputError if one is negative, the product above 2^40, or there are
/// more than kMostOnnxDims.
std::int64_t element_count(const OnnxDims& dims);

// Element types by their number in the standard (TensorProto.DataType), as far as code names them.
inline constexpr int kOnnxFloat = 1, kOnnxInt8 = 3, kOnnxInt32 = 6, kOnnxInt64 = 7,
                     kOnnxDouble = 11;
/// True for integers of any width and bool.
bool is_integer_type(int element_type);

/// A constant. Values are kept where there are few of them; weights have none.
struct OnnxTensor {
  static constexpr std::int64_t kMostValues = 256;

  OnnxDims dims;
  int element_type = kOnnxFloat;
  std::optional<std::vector<double>> values;  // row-major
  std::string why_no_values;                  // if it is more than their number
  std::string origin{};                       // the initialiser whose numbers these are, if one's

  std::int64_t elements() const { return element_count(dims); }
  /// Throws InputError if the values are not known.
  const std::vector<double>& known_values() const;
  /// The value of a constant of one element. Throws InputError if it is none, or not known.
  double one_value() const;
  /// Values as integers; out of range ones become the limits of int64.
  OnnxDims integers() const;
};

struct OnnxGraph;

/// An empty value stands for kinds that no supported operator has (string lists and others).
struct OnnxAttribute {
  std::string name;
  std::variant<std::monostate, std::int64_t, double, std::string, OnnxDims, std::vector<double>,
               OnnxTensor, std::shared_ptr<const OnnxGraph>>
      value;
};

struct OnnxNode {
  std::string op, domain, name, doc;
  std::vector<std::string> inputs, outputs;  // "" is an optional one left out
  std::vector<OnnxAttribute> attributes;

  /// Its name, or that of its output if it has none.
  const std::string& called() const;
  /// With the domain, if that is not ONNX's own: "com.microsoft.QGemm".
  std::string full_operator() const;
  /// "node 'conv1' (Conv)".
  std::string describe() const;
  /// All tensors that it reads, with those that its graphs read of the graph around them.
  std::vector<std::string> reads() const;
  /// Name of the i-th input; "" if it is left out.
  const std::string& input(std::size_t i) const;
  bool has(std::string_view attribute) const { return find(attribute) != nullptr; }
  // The value of an attribute, or the fallback if there is none. Throw InputError if it is of
  // another type.
  std::int64_t integer(std::string_view attribute, std::int64_t fallback) const;
  double real(std::string_view attribute, double fallback) const;
  std::string text(std::string_view attribute, const std::string& fallback) const;
  OnnxDims integers(std::string_view attribute, const OnnxDims& fallback) const;
  std::vector<double> reals(std::string_view attribute) const;
  // Null if there is none.
  const OnnxGraph* graph(std::string_view attribute) const;
  const OnnxTensor* tensor(std::string_view attribute) const;

 private:
  const OnnxAttribute* find(std::string_view attribute) const;
  template <typename T>
  const T* get(std::string_view attribute, const char* type) const;
};

/// An input of the graph that is no initialiser. A size of 0 is symbolic or unknown.
struct OnnxInput {
  std::string name;
  int element_type = kOnnxFloat;
  std::optional<OnnxDims> dims;
};

struct OnnxOutput {
  std::string name;
  int element_type = kOnnxFloat;
  OnnxDims dims;  // not read from files
};

struct OnnxGraph {
  std::string name, producer;
  int ir_version = 7;
  std::map<std::string, int> opsets;  // by domain; "" is ONNX's own
  std::vector<OnnxInput> inputs;
  std::vector<OnnxOutput> outputs;
  std::map<std::string, OnnxTensor> constants;  // initialisers
  std::vector<OnnxNode> nodes;                  // in the order of the file

  /// Of ONNX's own operators; 0 if none is named.
  int opset() const;
};

// What save_onnx() writes into a node's documentation, and load_onnx() finds there: the layer that
// the node is a part of, and the layer's block.
struct LayerNote {
  static constexpr std::string_view kStart = "layer: ";

  std::string layer, block;
  /// Batch normalisation stands in the node's weights and bias; the layer has a bias beside it or
  /// none.
  bool folded_norm = false, folded_bias = false;
  std::string str() const;
  /// Empty if `doc` is no such note.
  static LayerNote parse(const std::string& doc);
};

}  // namespace dovetail
