#include "models/network/layers/operators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "models/network/layers/network.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

TEST(Operators, EveryRowIsWholeAndNamedOnce) {
  std::set<std::string_view> names;
  for (const OperatorRules& rules : operators()) {
    SCOPED_TRACE(rules.name);
    EXPECT_TRUE(names.insert(rules.name).second);
    EXPECT_EQ(&rules_of(rules.op), &rules);
    EXPECT_LE(rules.min_inputs, rules.max_inputs);
    EXPECT_EQ(rules.max_inputs == 1, rules.further_inputs == FurtherInputs::kNone);
    EXPECT_TRUE(rules.work && rules.products && rules.output);
  }
}

TEST(Operators, AConvolutionIsDenseOrDepthwise) {
  Layer layer;
  layer.input = layer.output = {8, 8, 16};
  EXPECT_EQ(rules_of(layer.op).work(layer), WorkKind::kDense);
  layer.groups = 4;
  EXPECT_EQ(rules_of(layer.op).work(layer), WorkKind::kDense);
  layer.groups = 16;
  EXPECT_EQ(rules_of(layer.op).work(layer), WorkKind::kDepthwise);
}

Layer reorder_of(const TensorShape& input, const TensorShape& output) {
  Layer layer;
  layer.name = "reorder";
  layer.op = OpType::kReorder;
  layer.inputs = {kNetworkInput};
  layer.input = input;
  layer.output = output;
  return layer;
}

TEST(Operators, AReorderTakesWhatItsInputHas) {
  Layer layer = reorder_of({8, 6, 12}, {3, 12, 4});
  layer.reorder = {{1, 2, 1}, {0, 1, 2}, {8, 1, 1}};
  EXPECT_EQ(Network("net", layer.input, {layer}).macs(), 0);
  EXPECT_EQ(layer.reorder.rows.input_of(2), 5);
  EXPECT_EQ(layer.reorder.cols.input_of(11), 5);
  EXPECT_EQ(layer.reordered_channel(0, 0, 3), 11);
  EXPECT_EQ(channels_read(layer).first, 8);
  EXPECT_EQ(channels_read(layer).count, 4);
  layer.reorder.rows.first = 4;  // rows 4, 6 and 8 of 8
  EXPECT_THAT(input_error([&] { Network("net", layer.input, {layer}); }),
              testing::HasSubstr("takes rows that its input has not"));
  layer.reorder.rows = {0, 0, 1};
  EXPECT_THAT(input_error([&] { Network("net", layer.input, {layer}); }),
              testing::HasSubstr("step and repeat at least 1"));
}

TEST(Operators, AReorderWhoseChannelsStayIsElementwise) {
  Layer layer = reorder_of({8, 6, 12}, {4, 6, 12});
  EXPECT_EQ(rules_of(layer.op).work(layer), WorkKind::kElementwise);
  layer.groups = 3;
  EXPECT_EQ(rules_of(layer.op).work(layer), WorkKind::kGather);
  layer.groups = 1;
  layer.output.channels = 6;
  EXPECT_EQ(rules_of(layer.op).work(layer), WorkKind::kGather);
}

TEST(Operators, SharedWeightsCountWhereTheyStand) {
  Layer first;
  first.name = "first";
  first.inputs = {kNetworkInput};
  first.input = first.output = {8, 8, 16};
  first.has_bias = true;
  Layer second = first;
  second.name = "second";
  second.inputs = {0};
  second.weights_of = 0;
  const Network network("net", first.input, {first, second});
  EXPECT_EQ(network.parameters(), 16 * 16 + 2 * 16);
  EXPECT_EQ(network.macs(), 2 * 64 * 16 * 16);
  EXPECT_EQ(network.weight_bytes(), 2 * first.weight_bytes());  // each layer reads them
  second.weights_of = 1;
  EXPECT_THAT(input_error([&] {
                Network("net", first.input, {first, second});
              }),
              testing::HasSubstr("which is not before it"));
  second.weights_of = 0;
  second.output.channels = 8;
  EXPECT_THAT(input_error([&] {
                Network("net", first.input, {first, second});
              }),
              testing::HasSubstr("cannot have the weights of layer 'first'"));
}

TEST(Operators, CountsThatDoNotFitAreTheLargestInteger) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(product_of({}), 1);
  EXPECT_EQ(product_of({3, 4, 5}), 60);
  EXPECT_EQ(product_of({kLargest, 2}), kLargest);
  EXPECT_EQ(product_of({kLargest, 2, 0}), 0);
  Layer layer;
  layer.op = OpType::kFullyConnected;
  layer.input = {2000000000, 2000000000, 2000000000};
  layer.output = {1, 1, 10};
  EXPECT_EQ(layer.macs(), kLargest);
}

TEST(Bits, AreElementsApartFromBytes) {
  EXPECT_EQ(bytes_of(10, 8), 10);
  EXPECT_EQ(bytes_of(10, 32), 40);
  EXPECT_EQ(bytes_of(10, 4), 5);
  EXPECT_EQ(bytes_of(3, 4), 2);
  EXPECT_EQ(bytes_of(0, 4), 0);
  static_assert(sizeof(Bits) == 3);
}

TEST(Bits, OfALayerSayWhatItsWeightsTake) {
  Layer layer;
  layer.op = OpType::kFullyConnected;
  layer.input = {1, 1, 6};
  layer.output = {1, 1, 5};
  EXPECT_EQ(layer.weight_bytes(), 30 + 5 * 8);
  layer.bits = {4, 8, 16};
  EXPECT_EQ(layer.weight_count(), 30);
  EXPECT_EQ(layer.weight_bytes(), 15 + 5 * 6);
}

}  // namespace
}  // namespace dovetail
