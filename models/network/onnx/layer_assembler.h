#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/network/layers/layer.h"
#include "models/network/onnx/axis_layout.h"
#include "models/network/onnx/graph_index.h"
#include "models/network/onnx/number_plan.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// Zeros around a tensor.
struct OnnxPadding {
  int top = 0, left = 0, bottom = 0, right = 0;
  bool operator==(const OnnxPadding&) const = default;
};

/// An activation tensor of the ONNX graph: the output of a layer, looked at in some order.
struct Feature {
  int layer = kNetworkInput;
  AxisLayout layout;
  OnnxPadding pad{};                  // that the next window takes over
  bool exclusive = true;              // the layer's output is read through this tensor only
  std::optional<OnnxDims> at_host{};  // sizes of what the host makes of it, if it does

  /// Sizes in the ONNX graph, with padding.
  OnnxDims dims() const;
};

/// What converters (converters.h) build a network with: layers so far, and for each tensor of the
/// ONNX graph the feature or constant that it is.
class LayerAssembler {
 public:
  /// `graph` is plain (plain_graph.h); both must outlive this. Throws InputError if the graph has
  /// not one input, or several of one height and width, whose sizes but the batch are known.
  LayerAssembler(const OnnxGraph& graph, const GraphIndex& index);

  const OnnxGraph& graph() const { return graph_; }
  const TensorShape& input() const { return input_; }
  std::vector<Layer>& layers() { return layers_; }
  const TensorShape& shape_of(const Feature& feature) const;
  /// All tensors that are features, by name.
  const std::unordered_map<std::string, Feature>& features() const { return features_; }

  /// Null if `name` is no constant.
  const OnnxTensor* constant(const std::string& name) const;
  /// The i-th input, which must be a constant of so many dimensions; `what` it is, for messages.
  const OnnxTensor& constant_input(const OnnxNode& node, std::size_t i, std::size_t rank,
                                   const char* what) const;
  /// The i-th input as a constant, null if it is left out. Throws if it is a feature.
  const OnnxTensor* optional_constant(const OnnxNode& node, std::size_t i) const;
  /// The i-th input, which must be a feature; a padded one only if the node takes padding.
  const Feature& feature_input(const OnnxNode& node, std::size_t i,
                               bool takes_padding = false) const;
  /// Whether any node that counts, or the graph's outputs, read the tensor.
  bool is_read(const std::string& name) const { return index_.readers(name) > 0; }
  bool is_feature(const std::string& name) const { return features_.contains(name); }

  /// A layer named after the node, reading `first`.
  Layer start(const OnnxNode& node, OpType op, const Feature& first);
  /// A layer that was named after a node before gives what this one gives.
  void rename(const OnnxNode& node, Layer& layer) { layer.name = unique_name(node); }
  /// Adds a layer whose output is the node's.
  void give_layer(const OnnxNode& node, Layer layer, const AxisLayout& layout,
                  std::size_t output = 0);
  /// Adds a layer that another one of the same node will read.
  Feature add_layer(const OnnxNode& node, Layer layer, const AxisLayout& layout);
  /// The node's output is this feature.
  void give_feature(const OnnxNode& node, Feature feature, std::size_t output = 0);
  /// Of a layer with weights: whether the node has a bias, which may stand for normalisation, too.
  static void set_bias(const OnnxNode& node, bool has_bias, Layer& layer);
  /// Before the layer is added: it has these weights, those of an earlier layer if they are the
  /// same initialiser.
  void take_weights(const OnnxTensor& weights, Layer& layer);
  void give_constant(const std::string& name, OnnxTensor tensor);
  /// The layer that gives the i-th input, if the node may be made a part of it: nothing else reads
  /// its output, and it is not another layer by LayerNotes. Else null.
  Layer* joinable(const OnnxNode& node, std::size_t i);
  /// The node's output is that of the layer it has been joined to, or changes nothing but scale.
  void give_joined(const OnnxNode& node, std::size_t i);

  /// The layer added last is a mean over one of height and width, which one over the other
  /// completes.
  void note_half_mean() { half_means_.insert(static_cast<int>(layers_.size()) - 1); }
  bool is_half_mean(int layer) const { return half_means_.contains(layer); }
  /// The layer added last puts together what convolutions before it gave, which a bias and a
  /// normalisation join.
  void note_transposed() { transposed_.insert(static_cast<int>(layers_.size()) - 1); }
  bool is_transposed(int layer) const { return transposed_.contains(layer); }
  /// True if nothing reads the tensor as numbers but outputs of the graph and the host.
  bool is_last(const std::string& name) const { return index_.is_last(name); }
  /// What becomes of the numbers of the file, for who wants to keep them.
  NumberPlan& numbers() { return numbers_; }
  /// A step of the layer added last, from these tensors of the file.
  void keep(NumberStep::Kind kind, std::vector<std::string> tensors, double factor = 1);
  /// The layers compute another thing than the node.
  void lose(const OnnxNode& node, const std::string& why);

  /// Makes the layers of the graph's outputs those that no other layer reads. Throws InputError if
  /// one depends on no input.
  void finish_outputs();

 private:
  void set_input();
  void join_inputs(const std::vector<const OnnxInput*>& inputs);
  AxisLayout declared_layout(const OnnxInput& input) const;
  void add_output_copy(int of);
  std::string unique_name(const OnnxNode& node);
  static void check_shape(const TensorShape& shape);

  const OnnxGraph& graph_;
  const GraphIndex& index_;
  TensorShape input_;
  std::vector<Layer> layers_;
  std::vector<std::string> notes_;  // of each layer, the layer in its LayerNote
  std::unordered_map<std::string, Feature> features_;
  std::unordered_map<std::string, OnnxTensor> constants_;  // worked out from shapes
  std::unordered_map<std::string, int> weights_;           // by initialiser, the layer that has it
  std::unordered_set<int> half_means_, transposed_;
  std::unordered_map<std::string, int> names_;  // how often each was wanted again
  std::unordered_set<std::string> taken_;
  NumberPlan numbers_;
};

}  // namespace dovetail
