#include "models/network/onnx/onnx_graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::string_view kBlockKey = "\nblock: ", kFoldedKey = "\nfolded: ";
constexpr std::string_view kNorm = "batch normalisation",
                           kNormAndBias = "bias and batch normalisation";

}  // namespace

std::string printable(std::string_view name) {
  constexpr std::size_t kLongest = 200;
  std::string result(name.substr(0, kLongest));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '_';
  }
  return result;
}

std::string to_string(const OnnxDims& dims) {
  if (dims.empty()) return "scalar";
  constexpr std::size_t kShown = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(dims.size(), kShown); ++i) {
    text += (i == 0 ? "" : "x") + std::to_string(dims[i]);
  }
  return dims.size() > kShown ? text + "x..." : text;
}

std::int64_t element_count(const OnnxDims& dims) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  if (dims.size() > kMostOnnxDims) {
    throw InputError(fmt::format("a tensor has {} dimensions, at most {} are allowed", dims.size(),
                                 kMostOnnxDims));
  }
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t size : dims) {
    if (size < 0) throw InputError(fmt::format("size {} of a tensor is negative", size));
    empty |= size == 0;
    if (size > kMost || count > kMost / std::max<std::int64_t>(size, 1)) {
      throw InputError(fmt::format("a tensor of {} has more than 2^40 elements", to_string(dims)));
    }
    count *= std::max<std::int64_t>(size, 1);
  }
  return empty ? 0 : count;
}

bool is_integer_type(int element_type) {
  constexpr std::array kIntegers = {2, 3, 4, 5, 6, 7, 9, 12, 13};  // unsigned ones and bool too
  return std::ranges::find(kIntegers, element_type) != kIntegers.end();
}

const std::vector<double>& OnnxTensor::known_values() const {
  if (values) return *values;
  throw InputError(fmt::format("needs the values of a constant of {}, {}", to_string(dims),
                               why_no_values.empty() ? "which is too large" : why_no_values));
}

double OnnxTensor::one_value() const {
  if (elements() != 1) {
    throw InputError(fmt::format("needs a constant of one number, not of {}", to_string(dims)));
  }
  return known_values()[0];
}

OnnxDims OnnxTensor::integers() const {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  OnnxDims result;
  for (const double value : known_values()) {
    if (std::isnan(value)) throw InputError("a constant that should be an integer is not a number");
    result.push_back(value >= kLimit    ? std::numeric_limits<std::int64_t>::max()
                     : value <= -kLimit ? std::numeric_limits<std::int64_t>::min()
                                        : static_cast<std::int64_t>(value));
  }
  return result;
}

const std::string& OnnxNode::called() const {
  return !name.empty() || outputs.empty() ? name : outputs[0];
}

std::string OnnxNode::full_operator() const {
  return domain.empty() ? op : domain + "." + op;
}

std::string OnnxNode::describe() const {
  return fmt::format("node '{}' ({})", called(), full_operator());
}

std::vector<std::string> OnnxNode::reads() const {
  std::vector<std::string> all = inputs;
  for (const OnnxAttribute& attribute : attributes) {
    const auto* graph = std::get_if<std::shared_ptr<const OnnxGraph>>(&attribute.value);
    if (graph == nullptr) continue;
    std::set<std::string> own;  // what the graph gives itself
    for (const OnnxInput& input : (*graph)->inputs) own.insert(input.name);
    for (const auto& [called, constant] : (*graph)->constants) own.insert(called);
    for (const OnnxNode& node : (*graph)->nodes) {
      for (const std::string& read : node.reads()) {
        if (!read.empty() && !own.contains(read)) all.push_back(read);
      }
      own.insert(node.outputs.begin(), node.outputs.end());
    }
    for (const OnnxOutput& output : (*graph)->outputs) {
      if (!own.contains(output.name)) all.push_back(output.name);
    }
  }
  return all;
}

const std::string& OnnxNode::input(std::size_t i) const {
  static const std::string kNone;
  return i < inputs.size() ? inputs[i] : kNone;
}

const OnnxAttribute* OnnxNode::find(std::string_view attribute) const {
  const auto at = std::ranges::find(attributes, attribute, &OnnxAttribute::name);
  return at == attributes.end() ? nullptr : &*at;
}

template <typename T>
const T* OnnxNode::get(std::string_view attribute, const char* type) const {
  const OnnxAttribute* found = find(attribute);
  if (found == nullptr) return nullptr;
  const T* value = std::get_if<T>(&found->value);
  if (value == nullptr) throw InputError(fmt::format("attribute '{}' is not {}", attribute, type));
  return value;
}

std::int64_t OnnxNode::integer(std::string_view attribute, std::int64_t fallback) const {
  const auto* value = get<std::int64_t>(attribute, "an integer");
  return value == nullptr ? fallback : *value;
}

double OnnxNode::real(std::string_view attribute, double fallback) const {
  const auto* value = get<double>(attribute, "a number");
  return value == nullptr ? fallback : *value;
}

std::string OnnxNode::text(std::string_view attribute, const std::string& fallback) const {
  const auto* value = get<std::string>(attribute, "a text");
  return value == nullptr ? fallback : *value;
}

OnnxDims OnnxNode::integers(std::string_view attribute, const OnnxDims& fallback) const {
  const auto* value = get<OnnxDims>(attribute, "a list of integers");
  return value == nullptr ? fallback : *value;
}

std::vector<double> OnnxNode::reals(std::string_view attribute) const {
  const auto* value = get<std::vector<double>>(attribute, "a list of numbers");
  return value == nullptr ? std::vector<double>() : *value;
}

const OnnxGraph* OnnxNode::graph(std::string_view attribute) const {
  const auto* value = get<std::shared_ptr<const OnnxGraph>>(attribute, "a graph");
  return value == nullptr ? nullptr : value->get();
}

const OnnxTensor* OnnxNode::tensor(std::string_view attribute) const {
  return get<OnnxTensor>(attribute, "a tensor");
}

int OnnxGraph::opset() const {
  const auto at = opsets.find("");
  return at == opsets.end() ? 0 : at->second;
}

std::string LayerNote::str() const {
  std::string text = std::string(kStart) + layer;
  if (!block.empty()) text += std::string(kBlockKey) + block;
  if (folded_norm) {
    text += std::string(kFoldedKey) + std::string(folded_bias ? kNormAndBias : kNorm);
  }
  return text;
}

LayerNote LayerNote::parse(const std::string& doc) {
  LayerNote note;
  if (!doc.starts_with(kStart)) return note;
  const std::size_t all = std::min(doc.find(kFoldedKey), doc.size());
  if (all < doc.size()) {
    const std::string_view folded = std::string_view(doc).substr(all + kFoldedKey.size());
    note.folded_bias = folded == kNormAndBias;
    note.folded_norm = note.folded_bias || folded == kNorm;
  }
  const std::size_t end = std::min(doc.find(kBlockKey), all);
  note.layer = doc.substr(kStart.size(), end - kStart.size());
  if (end < all) note.block = doc.substr(end + kBlockKey.size(), all - end - kBlockKey.size());
  return note;
}

}  // namespace dovetail
