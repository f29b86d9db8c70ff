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
