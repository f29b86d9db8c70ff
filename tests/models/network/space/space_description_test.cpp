#include "models/network/space/space_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "tests/base/files/test_files.h"
#include "tests/models/network/space/synthetic_spaces.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

TEST(SpaceDescription, GuardsSayWhatTheNetworkSpaceSays) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  const SpaceDescription description = describe(space);
  // Kernel and expansion of two slots in each of five stages hang on that stage's depth.
  EXPECT_EQ(description.guards.size(), 20U);
  Rng rng(77);
  std::size_t inactive = 0;
  for (int i = 0; i < 2000; ++i) {
    const Choices choices = space.decisions().sample(rng);
    const std::vector<bool> expected = space.active(choices);
    EXPECT_EQ(description.active(choices), expected);
    inactive += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), false));
  }
  EXPECT_GT(inactive, 0U);
}

TEST(SpaceDescription, NoGuardsWhereAllDecisionsCount) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "nahas_s1"));
  EXPECT_TRUE(describe(space).guards.empty());
}

TEST(SpaceDescription, JsonRoundTrip) {
  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  const DesignSpace accelerators = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  for (const SpaceDescription& space :
       {describe(networks), describe(accelerators), synthetic_network_space()}) {
    const std::string text = to_json_text(space);
    const SpaceDescription read = space_from_json_text(text, "file");
    EXPECT_EQ(to_json_text(read), text);
    EXPECT_EQ(read.guards, space.guards);
    ASSERT_EQ(read.decisions.size(), space.decisions.size());
    for (std::size_t d = 0; d < read.decisions.size(); ++d) {
      EXPECT_EQ(read.decisions[d].choices, space.decisions[d].choices);
      EXPECT_EQ(read.decisions[d].values, space.decisions[d].values);
      EXPECT_EQ(read.decisions[d].unit, space.decisions[d].unit);
    }
  }
}

TEST(SpaceDescription, BadJsonIsAnErrorWithTheFile) {
  for (const std::string text : {"", "{}", R"({"name": 3})",
                                 R"({"name": "x", "decisions": [], "guards": [{}],
                                     "definition": ""})"}) {
    EXPECT_THAT(message_of<InputError>([&] { space_from_json_text(text, "some.h5"); }),
                HasSubstr("some.h5"));
  }
}

TEST(SpaceDescription, DifferencesAreNamed) {
  const SpaceDescription space = synthetic_hardware_space();
  const auto error = [&](const SpaceDescription& other) {
    return message_of<InputError>([&] { require_same_space(space, other, "hardware", "m.h5"); });
  };
  EXPECT_NO_THROW(require_same_space(space, space, "hardware", "m.h5"));
  std::vector<Decision> fewer = space.decisions.decisions();
  fewer.pop_back();
  SpaceDescription other = space;
  other.decisions = DecisionSpace(fewer);
  EXPECT_THAT(error(other), testing::AllOf(HasSubstr("m.h5"), HasSubstr("2 decisions")));
  std::vector<Decision> renamed = space.decisions.decisions();
  renamed[1].name = "store";
  other.decisions = DecisionSpace(renamed);
  EXPECT_THAT(error(other), testing::AllOf(HasSubstr("'store'"), HasSubstr("'memory'")));
  std::vector<Decision> changed = space.decisions.decisions();
  changed[2].choices[0] = "6";
  other.decisions = DecisionSpace(changed);
  EXPECT_THAT(error(other), HasSubstr("bandwidth"));
  other = space;
  other.definition = "2";
  EXPECT_THAT(error(other), HasSubstr("holds fixed"));
}

}  // namespace
}  // namespace dovetail
