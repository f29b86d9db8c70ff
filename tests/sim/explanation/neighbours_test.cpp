#include "sim/explanation/neighbours.h"

#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "hw_space/design_space.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

AcceleratorConfig baseline() {
  return AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
}

DecisionSpace decisions(std::vector<Decision> list) {
  return DecisionSpace(std::move(list));
}

TEST(Neighbours, AreThoseOfTheSpace) {
  const DesignSpace space = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  Rng rng(3);
  for (int i = 0; i < 50; ++i) {
    const Choices point = space.decisions().sample(rng);
    std::vector<AcceleratorConfig> expected;
    for (const Choices& other : space.decisions().neighbours(point)) {
      expected.push_back(space.decode(other));
    }
    const auto found = neighbours_of(space.decode(point), space.decisions());
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t n = 0; n < found.size(); ++n) {
      AcceleratorConfig accelerator = found[n].accelerator;
      accelerator.name = expected[n].name;
      EXPECT_EQ(accelerator, expected[n]);
    }
  }
}

TEST(Neighbours, OfAValueBetweenTwoChoicesAreBoth) {
  AcceleratorConfig accelerator = baseline();
  accelerator.local_memory_mib = 0.6875;
  const auto found = neighbours_of(
      accelerator, decisions({{"local_memory_mib", "", {"0.5", "1", "2"}, {0.5, 1, 2}}}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].to, "0.5");
  EXPECT_EQ(found[0].direction, "down");
  EXPECT_EQ(found[1].to, "1");
  EXPECT_EQ(found[1].direction, "up");
  EXPECT_EQ(found[1].from, "0.6875");
}

TEST(Neighbours, OfAChoiceWithoutOrderAreAllOthers) {
  AcceleratorConfig accelerator = baseline();
  accelerator.weights = WeightPolicy::kStreamed;
  const auto found =
      neighbours_of(accelerator, decisions({{"weights", "", {"auto", "cached", "streamed"}, {}}}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].accelerator.weights, WeightPolicy::kAuto);
  EXPECT_EQ(found[1].accelerator.weights, WeightPolicy::kCached);
  EXPECT_EQ(found[0].from, "streamed");
  EXPECT_EQ(found[0].direction, "other");
}

TEST(Neighbours, AParameterThatIsNoneIsNamed) {
  const std::string message = message_of<InputError>([] {
    neighbours_of(baseline(), decisions({{"pes_z", "", {"1"}, {1}}}));
  });
  EXPECT_NE(message.find("pes_x"), std::string::npos) << message;
}

}  // namespace
}  // namespace dovetail
