#include "models/network/onnx/onnx_operators.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/expand_nodes.h"
#include "models/network/onnx/plain_graph.h"

namespace dovetail {
namespace {

const std::vector<Converter>& converters() {
  static const std::vector<Converter> kTable = [] {
    std::vector<Converter> all;
    for (const auto& part : {window_converters(), product_converters(), elementwise_converters(),
                             normalisation_converters(), upsampling_converters(),
                             activation_converters(), move_converters(), view_converters()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kTable;
}

}  // namespace

const Converter& find_converter(const OnnxNode& node) {
  const auto at = std::ranges::find(converters(), node.op, &Converter::op);
  if (at != converters().end() && node.domain.empty()) return *at;
  if (is_foldable(node)) {
    throw InputError("this operator is supported of constants only, and here reads activations");
  }
  throw InputError(
      "this operator is not supported; 'dovetail list onnx-operators' has those that are");
}

std::vector<OnnxOperator> onnx_operators() {
  std::vector<OnnxOperator> all;
  for (const Converter& converter : converters()) {
    all.push_back({std::string(converter.op), std::string(converter.becomes)});
  }
  for (const std::string_view op : foldable_operators()) {
    if (std::ranges::find(all, op, &OnnxOperator::name) == all.end()) {
      all.push_back({std::string(op), "a constant; of constants only"});
    }
  }
  for (const QuantizedOperator& row : quantized_operators()) {
    const std::string domain = row.domain.empty() ? "" : std::string(row.domain) + ".";
    all.push_back({domain + std::string(row.op), "as " + std::string(row.plain)});
  }
  for (const ExpandedOperator& row : expanded_operators()) {
    const std::string domain = row.domain.empty() ? "" : std::string(row.domain) + ".";
    all.push_back({domain + std::string(row.op), std::string(row.becomes)});
  }
  std::ranges::sort(all, {}, &OnnxOperator::name);
  return all;
}

}  // namespace dovetail
