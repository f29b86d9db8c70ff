#include "models/network/onnx/image_input.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

/// A change of shape or, if there is a permutation, of order, undone from the image backwards.
struct ViewStep {
  OnnxDims before;
  OnnxDims permutation;
};

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool reads_maps(std::string_view op) {
  return op.find("Conv") != std::string_view::npos || op.find("Pool") != std::string_view::npos ||
         op == "BatchNormalization" || op == "Pad" || op == "Resize";
}

/// From the input on to what reads it as numbers.
class ViewWalk {
 public:
  ViewWalk(const OnnxGraph& graph, const OnnxInput& input, OnnxDims dims)
      : graph_(graph), name_(input.name), dims_(std::move(dims)) {
    constexpr std::array<std::string_view, 9> kKeepsOrder = {
        "Add",      "Cast", "DequantizeLinear", "Div", "Dropout",
        "Identity", "Mul",  "QuantizeLinear",   "Sub"};
    for (const OnnxNode& node : graph.nodes) {
      if (std::ranges::find(node.inputs, name_) == node.inputs.end()) continue;
      if (node.op == "Shape" || node.op == "Size") continue;
      if (node.outputs.empty()) return;
      if (!contains(kKeepsOrder, node.op) && !change(node)) {
        reads_maps_ = reads_maps(node.op);
        return;
      }
      name_ = node.outputs[0];
    }
  }

  /// The sizes of the image that the walk has led to.
  std::optional<OnnxDims> image() const {
    constexpr std::int64_t kMost = std::numeric_limits<int>::max();
    const auto fits = [](std::int64_t size) { return size >= 1 && size <= kMost; };
    if (!reads_maps_ || steps_.empty() || dims_.size() != 4 || dims_[0] != 1) return {};
    return std::ranges::all_of(dims_, fits) ? std::optional(dims_) : std::nullopt;
  }

  std::optional<AxisLayout> at_input(AxisLayout layout) const {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
      if (!step->permutation.empty()) {
        OnnxDims inverse(step->permutation.size());
        for (std::size_t i = 0; i < inverse.size(); ++i) {
          inverse[static_cast<std::size_t>(step->permutation[i])] = static_cast<std::int64_t>(i);
        }
        layout = layout.transposed(inverse);
        continue;
      }
      const std::optional<AxisLayout> before = layout.reshaped(step->before);
      if (!before) return {};
      layout = *before;
    }
    return layout;
  }

 private:
  const OnnxTensor* constant(const OnnxNode& node) const {
    const auto at = graph_.constants.find(node.input(1));
    return at == graph_.constants.end() ? nullptr : &at->second;
  }

  /// False if the node is no change of shape or order.
  bool change(const OnnxNode& node) {
    ViewStep step{dims_, {}};
    if (node.op == "Transpose") {
      step.permutation = checked_permutation(node.integers("perm", {}), dims_.size());
      for (std::size_t i = 0; i < dims_.size(); ++i) {
        dims_[i] = step.before[static_cast<std::size_t>(step.permutation[i])];
      }
    } else if (node.op == "Reshape") {
      dims_ = reshaped(dims_, integers_of(node, "shape", constant(node)),
                       node.integer("allowzero", 0) != 0);
    } else if (node.op == "Flatten") {
      dims_ = flattened(dims_, node.integer("axis", 1));
    } else if (node.op == "Squeeze") {
      dims_ = squeezed(dims_, integers_of(node, "axes", constant(node)));
    } else if (node.op == "Unsqueeze") {
      dims_ = unsqueezed(dims_, integers_of(node, "axes", constant(node)));
    } else {
      return false;
    }
    steps_.push_back(std::move(step));
    return true;
  }

  const OnnxGraph& graph_;
  std::string name_;
  OnnxDims dims_;
  std::vector<ViewStep> steps_;
  bool reads_maps_ = false;
};

std::optional<ImageInput> image_of(const OnnxGraph& graph, const OnnxInput& input,
                                   const OnnxDims& dims, bool has_batch) {
  try {
    const ViewWalk walk(graph, input, dims);
    const std::optional<OnnxDims> image = walk.image();
    if (!image) return {};
    const auto size = [&](std::size_t i) { return static_cast<int>((*image)[i]); };
    const TensorShape shape = {size(2), size(3), size(1)};
    const std::optional<AxisLayout> layout = walk.at_input(AxisLayout::nchw(shape));
    if (!layout) return {};
    return ImageInput{shape, *layout, has_batch};
  } catch (const InputError&) {  // of a node that is told when it is converted
    return {};
  }
}

}  // namespace

std::optional<ImageInput> image_behind(const OnnxGraph& graph, const OnnxInput& input) {
  if (!input.dims || input.dims->empty() || input.dims->size() > 3) return {};
  OnnxDims dims = *input.dims;
  const bool known = std::ranges::all_of(dims, [](std::int64_t size) { return size >= 1; });
  if (known && dims[0] != 1) {
    if (auto image = image_of(graph, input, dims, false)) return image;
  }
  dims[0] = 1;
  return image_of(graph, input, dims, true);
}

}  // namespace dovetail
