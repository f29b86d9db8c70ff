// Shape arithmetic as exporters leave it behind.

#include "models/network/onnx/constant_folding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/models/network/onnx/onnx_values.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using test::integer;
using test::integers;
using test::ints;
using test::number;
using testing::HasSubstr;

OnnxNode node(const std::string& op, std::vector<OnnxAttribute> attributes = {}) {
  OnnxNode node;
  node.op = op;
  node.outputs = {"y"};
  node.attributes = std::move(attributes);
  return node;
}

/// The value of a node of constants.
OnnxDims folded(const OnnxNode& node, const std::vector<OnnxTensor>& inputs) {
  std::vector<const OnnxTensor*> pointers;
  pointers.reserve(inputs.size());
  for (const OnnxTensor& input : inputs) pointers.push_back(&input);
  return fold_constants(node, pointers).integers();
}

TEST(ConstantFolding, ConstantsAreWorkedOut) {
  const OnnxTensor line = integers({5, 6, 7, 8});
  OnnxTensor square = line;
  square.dims = {2, 2};
  EXPECT_EQ(folded(node("Slice"), {line, integers({1}), integers({3})}), (OnnxDims{6, 7}));
  EXPECT_EQ(
      folded(node("Slice"), {line, integers({-1}), integers({-9}), integers({0}), integers({-2})}),
      (OnnxDims{8, 6}));
  EXPECT_EQ(folded(node("Transpose"), {square}), (OnnxDims{5, 7, 6, 8}));
  EXPECT_EQ(folded(node("Gather", {integer("axis", 1)}), {square, integers({1})}),
            (OnnxDims{6, 8}));
  EXPECT_EQ(folded(node("Concat", {integer("axis", 1)}), {square, square}),
            (OnnxDims{5, 6, 5, 6, 7, 8, 7, 8}));
  EXPECT_EQ(folded(node("Div"), {line, integers({2})}), (OnnxDims{2, 3, 3, 4}));
  EXPECT_EQ(folded(node("Mul"), {integers({2, 3}), square}), (OnnxDims{10, 18, 14, 24}));
  EXPECT_EQ(folded(node("Shape", {integer("start", 1)}), {square}), (OnnxDims{2}));
  EXPECT_EQ(folded(node("ConstantOfShape"), {integers({2, 1})}), (OnnxDims{0, 0}));
  EXPECT_EQ(folded(node("DequantizeLinear"), {line, number(0.5), number(2)}),
            (OnnxDims{1, 2, 2, 3}));
  EXPECT_EQ(folded(node("ReduceProd", {ints("axes", {1})}), {square}), (OnnxDims{30, 56}));
  EXPECT_EQ(folded(node("ReduceMax"), {square}), (OnnxDims{8}));
  EXPECT_EQ(folded(node("Equal"), {line, integers({6})}), (OnnxDims{0, 1, 0, 0}));
  EXPECT_EQ(folded(node("Where"), {integers({1, 0}), square, integers({9})}),
            (OnnxDims{5, 9, 7, 9}));
  EXPECT_EQ(folded(node("Range"), {number(7), number(1), number(-2)}), (OnnxDims{7, 5, 3}));
  EXPECT_EQ(folded(node("Expand"), {integers({4, 5}), integers({2, 1})}), (OnnxDims{4, 5, 4, 5}));
  EXPECT_EQ(folded(node("Tile"), {integers({4, 5}), integers({2})}), (OnnxDims{4, 5, 4, 5}));
  OnnxTensor places = integers({0, 1, 1, 0});
  places.dims = {2, 2};
  EXPECT_EQ(folded(node("ScatterND"), {square, places, integers({1, 2})}), (OnnxDims{5, 1, 2, 8}));
  EXPECT_EQ(folded(node("Max"), {line, integers({6}), integers({7})}), (OnnxDims{7, 7, 7, 8}));
  OnnxNode split = node("Split");
  split.outputs.push_back("b");
  const OnnxTensor five = integers({1, 2, 3, 4, 5}), sizes = integers({3, 2});
  const std::vector<const OnnxTensor*> in_two = {&five, &sizes}, in_halves = {&five};
  EXPECT_EQ(fold_constants(split, in_two, 1).integers(), (OnnxDims{4, 5}));
  EXPECT_EQ(fold_constants(split, in_halves, 0).integers(), (OnnxDims{1, 2, 3}));
  EXPECT_THAT(input_error([&] {
                folded(node("Gather"), {line, integers({4})});
              }),
              HasSubstr("index 4 of 4 elements"));
  EXPECT_THAT(input_error([&] {
                folded(node("Div"), {line, integers({0})});
              }),
              HasSubstr("divides by zero"));
}

TEST(ConstantFolding, WeightsKeepTheirShapesWithoutValues) {
  const OnnxTensor large = {{64, 3, 7, 7}, kOnnxFloat, {}, {}};
  const std::vector<const OnnxTensor*> inputs = {&large};
  const OnnxTensor result = fold_constants(node("Transpose", {ints("perm", {2, 3, 1, 0})}), inputs);
  EXPECT_EQ(result.dims, (OnnxDims{7, 7, 3, 64}));
  EXPECT_FALSE(result.values);
  EXPECT_THAT(input_error([&] { result.integers(); }),
              HasSubstr("needs the values of a constant of 7x7x3x64, which is too large"));
}

}  // namespace
}  // namespace dovetail
