#include "models/network/space/training_decisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/network/space/network_space.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

/// Decisions `k` of {3, 5}, `train.lr` of {0.01, 0.1, 1}, `skip` of {no, yes}, and `e` of {1, 2},
/// which has no effect where `skip` is.
NetworkSpace space(const std::string& kernel = "$k") {
  return NetworkSpace::parse(
      "schema: dovetail.network_space/1\n"
      "name: trained\n"
      "input: {height: 8, width: 8, channels: 1}\n"
      "defaults: act=relu\n"
      "decisions:\n"
      "  - {name: k, choices: [3, 5]}\n"
      "  - {name: train.lr, choices: [0.01, 0.1, 1]}\n"
      "  - {name: skip, choices: [no, yes]}\n"
      "  - {name: e, choices: [1, 2]}\n"
      "blocks:\n"
      "  - conv k=" +
          kernel +
          " c=8\n"
          "  - mb k=$k e=$e c=8 when $skip == no\n"
          "  - pool\n"
          "  - fc c=4\n",
      "trained.yaml");
}

TEST(TrainingDecisionsTest, TheNetworkIsTheSameWhateverTheyAre) {
  const NetworkSpace trained = space();
  const Choices a{1, 0, 0, 1}, b{1, 2, 0, 1};
  EXPECT_EQ(trained.canonical_key(a), trained.canonical_key(b));
  EXPECT_EQ(trained.build(a).name(), trained.build(b).name());
  EXPECT_EQ(trained.build(a).layers(), trained.build(b).layers());
}

TEST(TrainingDecisionsTest, TheyHaveAnEffectAtEveryPoint) {
  const NetworkSpace trained = space();
  EXPECT_EQ(trained.active({0, 2, 1, 1}), (std::vector<bool>{true, true, true, false}));
  EXPECT_EQ(trained.canonical({0, 2, 1, 1}), (Choices{0, 2, 1, 0}));
  EXPECT_EQ(trained.canonical_points(), 2 * 3 * (2 + 1));
  const std::vector<Choices> near = trained.neighbours({0, 1, 1, 0});
  EXPECT_THAT(near, testing::IsSupersetOf({Choices{0, 0, 1, 0}, Choices{0, 2, 1, 0}}));
  EXPECT_EQ(near.size(), 4U) << "a step of the kernel and one to the block besides";
}

TEST(TrainingDecisionsTest, TheirKeyTellsTrainingsApart) {
  const NetworkSpace trained = space();
  EXPECT_EQ(training_decisions(trained.decisions()), std::vector<std::size_t>{1});
  EXPECT_EQ(training_key(trained.decisions(), {0, 1, 0, 0}), "train.lr=0.1");
  EXPECT_EQ(training_key(DecisionSpace({{"k", "", {"3"}, {3}}}), {0}), "");
}

TEST(TrainingDecisionsTest, NoBlockMayReadThem) {
  EXPECT_THAT(input_error([] { space("$train.lr"); }), HasSubstr("train.lr"));
}

}  // namespace
}  // namespace dovetail
