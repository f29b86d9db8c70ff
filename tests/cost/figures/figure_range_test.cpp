#include "cost/figures/figure_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

TEST(FigureRange, WhatAPairCanHavePasses) {
  for (const Figure& figure : figures()) {
    for (const double value : {0.0, 1e-300, 76.1}) EXPECT_NO_THROW(require_in_range(figure, value));
  }
  EXPECT_NO_THROW(require_in_range(find_figure("cycles"), 1e15));
  EXPECT_NO_THROW(require_in_range(find_figure("top1_percent"), 100));
}

TEST(FigureRange, WhatNoneCanHaveIsNamed) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const Figure& figure : figures()) {
    for (const double value : {-1.0, -1e-9, kInfinity, -kInfinity, Costs::kUnknown}) {
      EXPECT_THAT(message_of<InputError>([&] { require_in_range(figure, value); }),
                  testing::HasSubstr("found " + figure.key));
    }
  }
  EXPECT_THROW(require_in_range(find_figure("top1_percent"), 100.5), InputError);
}

}  // namespace
}  // namespace dovetail
