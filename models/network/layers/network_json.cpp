#include "models/network/layers/network_json.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"
#include "models/network/layers/operators.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr std::size_t kActivations = static_cast<std::size_t>(Activation::kTable) + 1;

template <typename Enum>
Enum enum_called(const char* what, const std::string& name, std::size_t count) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < count; ++i) {
    known.push_back(to_string(static_cast<Enum>(i)));
    if (known.back() == name) return static_cast<Enum>(i);
  }
  throw InputError(unknown_name(what, name, known));
}

// How each type of member is written and read.
json written(const TensorShape& shape) {
  return {shape.height, shape.width, shape.channels};
}
json written(const Bits& bits) {
  return {bits.weight, bits.activation, bits.accumulator};
}
json written(const Reorder& reorder) {
  json picks;
  for (const AxisPick& pick : {reorder.rows, reorder.cols, reorder.channels}) {
    picks.push_back({pick.first, pick.step, pick.repeat});
  }
  if (reorder.block() > 1) {
    picks.push_back({reorder.block_rows, reorder.block_cols, reorder.inner ? 1 : 0});
  }
  return picks;
}
json written(OpType op) {
  return to_string(op);
}
json written(Activation activation) {
  return to_string(activation);
}
template <typename T>
json written(const T& value) {
  return value;
}

void read(const json& node, TensorShape& shape) {
  shape = {node.at(0), node.at(1), node.at(2)};
}
void read(const json& node, Bits& bits) {
  bits = {node.at(0), node.at(1), node.at(2)};
}
void read(const json& node, Reorder& reorder) {
  std::size_t i = 0;
  for (AxisPick* pick : {&reorder.rows, &reorder.cols, &reorder.channels}) {
    const json& numbers = node.at(i++);
    *pick = {numbers.at(0), numbers.at(1), numbers.at(2)};
  }
  if (node.size() <= i) return;
  const json& block = node.at(i);
  reorder.block_rows = block.at(0);
  reorder.block_cols = block.at(1);
  reorder.inner = block.at(2).get<int>() != 0;
}
void read(const json& node, OpType& op) {
  op = enum_called<OpType>("operator", node, operators().size());
}
void read(const json& node, Activation& activation) {
  activation = enum_called<Activation>("activation", node, kActivations);
}
template <typename T>
void read(const json& node, T& value) {
  node.get_to(value);
}

/// Calls visit(key, member) for every member: one that is new does not compile until it is here.
template <typename LayerOrConst, typename Visit>
void visit_members(LayerOrConst& layer, const Visit& visit) {
  auto& [name, block, op, inputs, input, output, kernel_h, kernel_w, stride_h, stride_w, dilation_h,
         dilation_w, pad_top, pad_left, pad_bottom, pad_right, groups, activation, has_bias,
         has_batch_norm, bits, reorder, weights_of] = layer;
  visit("name", name);
  visit("block", block);
  visit("op", op);
  visit("inputs", inputs);
  visit("input", input);
  visit("output", output);
  visit("kernel_h", kernel_h);
  visit("kernel_w", kernel_w);
  visit("stride_h", stride_h);
  visit("stride_w", stride_w);
  visit("dilation_h", dilation_h);
  visit("dilation_w", dilation_w);
  visit("pad_top", pad_top);
  visit("pad_left", pad_left);
  visit("pad_bottom", pad_bottom);
  visit("pad_right", pad_right);
  visit("groups", groups);
  visit("activation", activation);
  visit("has_bias", has_bias);
  visit("has_batch_norm", has_batch_norm);
  visit("bits", bits);
  visit("reorder", reorder);
  visit("weights_of", weights_of);
}

json to_json(const Layer& layer) {
  json defaults, node;
  const Layer plain;
  visit_members(plain,
                [&](const char* key, const auto& member) { defaults[key] = written(member); });
  visit_members(layer, [&](const char* key, const auto& member) {
    json value = written(member);
    if (value != defaults[key]) node[key] = std::move(value);
  });
  return node;
}

Layer layer_from(const json& node) {
  Layer layer;
  std::size_t found = 0;
  visit_members(layer, [&](const char* key, auto& member) {
    const auto at = node.find(key);
    if (at == node.end()) return;
    read(*at, member);
    ++found;
  });
  if (found == node.size()) return layer;
  throw InputError(fmt::format("layer '{}': it has a member that layers do not have", layer.name));
}

}  // namespace

std::string to_json_text(const Network& network) {
  json layers = json::array();
  for (const Layer& layer : network.layers()) layers.push_back(to_json(layer));
  return json{
      {"name", network.name()}, {"input", written(network.input())}, {"layers", std::move(layers)}}
      .dump();
}

Network network_from_json_text(const std::string& text) {
  try {
    const json node = json::parse(text);
    TensorShape input;
    read(node.at("input"), input);
    std::vector<Layer> layers;
    for (const json& layer : node.at("layers")) layers.push_back(layer_from(layer));
    return Network(node.at("name"), input, std::move(layers));
  } catch (const json::exception& e) {
    throw InputError(fmt::format("network as JSON: {}", json_fault(e)));
  }
}

}  // namespace dovetail
