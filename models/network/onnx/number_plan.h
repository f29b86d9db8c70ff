#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/network/onnx/axis_layout.h"

namespace dovetail {

/// What the importer makes of tensors of the file: numbers of a layer. Steps of a layer come one
/// after another, as the nodes of the file do.
struct NumberStep {
  enum class Kind : std::uint8_t {
    kWeight,     // are its weights, times `factor`
    kOnes,       // its weights are 1: a scale or a shift that has become a layer
    kAdd,        // are added, times `factor`
    kMultiply,   // are multiplied with
    kDivide,     // are divided by
    kNormalise,  // scale, shift, mean, variance; `factor` is added to the variance
  };

  int layer = 0;
  Kind kind = Kind::kWeight;
  std::vector<std::string> tensors;
  double factor = 1;
  bool turned = false;        // weights stand with the inputs outermost
  std::vector<Axis> order{};  // of a fully connected layer's inputs, if they have positions
};

/// All steps of a graph, and what they do not say.
struct NumberPlan {
  std::vector<NumberStep> steps;
  std::vector<std::string> lost;      // nodes that compute what layers here do not
  std::vector<std::string> left_out;  // nodes that are left to the host, behind the layers
};

}  // namespace dovetail
