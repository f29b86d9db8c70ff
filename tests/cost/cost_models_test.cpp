#include "cost/cost_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

TEST(CostModelsTest, AnUnknownNameNamesTheNearest) {
  EXPECT_EQ(find_cost_model("simulation").name, "simulation");
  EXPECT_THAT(message_of<InputError>([] { find_cost_model("simulations"); }),
              testing::HasSubstr("did you mean 'simulation'?"));
}

}  // namespace
}  // namespace dovetail
