#include "models/accuracy/family/network_family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/files/paths.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ScalableNetwork scalable(const std::string& name) {
  return ScalableNetwork(find_block_network(name));
}

double top1(const NetworkFamily& family, const ScalableNetwork& network,
            const NetworkScale& scale) {
  const AccuracyAnswer answer = family.accuracy(network, scale);
  EXPECT_TRUE(answer.ok()) << answer.reason;
  return answer.estimate.top1_percent;
}

// A quadratic in the nominal width and resolution comes to 0.67 and 0.46 points on the same
// networks.
TEST(NetworkFamily, PredictsMembersThatAreLeftOut) {
  const ScalableNetwork v2 = scalable("mobilenetv2_0.5_160"), a1 = scalable("mnasnet_a1");
  EXPECT_LT(find_family(v2, "").error().rmse_points, 0.60);
  EXPECT_LT(find_family(a1, "").error().rmse_points, 0.43);
  EXPECT_EQ(find_family(v2, "").members().size(), 22U);
  EXPECT_EQ(find_family(a1, "").members().size(), 25U);
}

TEST(NetworkFamily, SaysWhatIsPublishedOfItsMembersUnflagged) {
  for (const char* name : {"mobilenetv2_0.5_160", "mnasnet_a1"}) {
    const NetworkFamily family = find_family(scalable(name), "");
    double squares = 0;
    for (const FamilyMember& member : family.members()) {
      const ScalableNetwork network = scalable(member.name);
      const AccuracyAnswer answer = family.accuracy(network, network.scale());
      ASSERT_TRUE(answer.ok()) << answer.reason;
      EXPECT_FALSE(answer.estimate.extrapolated) << member.name;
      const double error = answer.estimate.top1_percent - member.published_percent;
      squares += error * error;
    }
    // Fitted to all, no worse than fitted to the others.
    EXPECT_LT(std::sqrt(squares / static_cast<double>(family.members().size())),
              family.error().rmse_points);
  }
}

TEST(NetworkFamily, GainsByWidthResolutionAndDepth) {
  const ScalableNetwork network = scalable("mobilenetv2_0.5_160");
  const NetworkFamily family = find_family(network, "mobilenetv2");
  const double own = top1(family, network, network.scale());
  for (std::size_t s = 0; s < network.stages().size(); ++s) {
    NetworkScale wider = network.scale();
    wider.channels[s] += 8;
    EXPECT_GT(top1(family, network, wider), own) << s;
    if (network.stages()[s].stem) continue;
    NetworkScale deeper = network.scale();
    double before = own, step = 100;
    while (++deeper.blocks[s] <= NetworkFamily::kMostBlocks) {  // each is worth less than the last
      const double after = top1(family, network, deeper);
      EXPECT_GT(after, before) << s;
      EXPECT_LE(after - before, step * (1 + 1e-9)) << s;
      step = after - before;
      before = after;
      EXPECT_TRUE(family.accuracy(network, deeper).estimate.extrapolated);
    }
    EXPECT_THAT(family.accuracy(network, deeper).reason, HasSubstr("allowed at most 8"));
  }
  NetworkScale finer = network.scale();
  finer.resolution = 176;
  EXPECT_GT(top1(family, network, finer), own);
  EXPECT_FALSE(family.accuracy(network, finer).estimate.extrapolated);
}

// A deeper stage is no wider one: what depth is worth does not depend on the width.
TEST(NetworkFamily, CountsDepthByItself) {
  const ScalableNetwork narrow = scalable("mobilenetv2_0.35_128"),
                        wide = scalable("mobilenetv2_1.0_224");
  const NetworkFamily family = find_family(wide, "");
  const auto worth = [&](const ScalableNetwork& network) {
    NetworkScale deeper = network.scale();
    deeper.blocks[5] += 1;
    return top1(family, network, deeper) - top1(family, network, network.scale());
  };
  EXPECT_NEAR(worth(narrow), worth(wide), 1e-9);
  EXPECT_NEAR(worth(wide), 0.29405, 1e-4);  // of the fourth block of that stage, in the transfer
}

TEST(NetworkFamily, RefusesWhatLiesOutsideItsMembers) {
  const ScalableNetwork network = scalable("mobilenetv2_1.4_224");
  const NetworkFamily family = find_family(network, "");
  NetworkScale scale = network.scale();
  scale.resolution = 192;  // the widest were published at 224 alone
  EXPECT_EQ(family.accuracy(network, scale).status, AccuracyStatus::kRefused);
  EXPECT_THAT(family.accuracy(network, scale).reason, HasSubstr("outside what was published"));
  scale.resolution = 240;
  EXPECT_EQ(family.accuracy(network, scale).status, AccuracyStatus::kRefused);
}

TEST(NetworkFamily, SaysWhyANetworkIsNotOfIt) {
  EXPECT_THAT(input_error([] { find_family(scalable("efficientnet_b0"), ""); }),
              AllOf(HasSubstr("found no family"), HasSubstr("mnasnet_a1, mobilenetv2")));
  EXPECT_THAT(input_error([] { find_family(scalable("mnasnet_a1"), "mobilenetv2"); }),
              HasSubstr("stage 3 has kernel 5 instead of 3"));
  EXPECT_THAT(input_error([] { find_family(scalable("mnasnet_a1"), "mobilenet"); }),
              HasSubstr("unknown name in configs/families"));
}

TEST(NetworkFamily, RefusesAFileThatCannotBeFitted) {
  const auto refusal = [](const std::string& networks) {
    const auto file = write_yaml(
        "schema: dovetail.network_family/1\nname: f\nreference: mobilenetv2_1.0_224\n"
        "effects: mbconv_transfer\nnetworks: [" +
        networks + "]\n");
    return input_error([&] { NetworkFamily::load(file); });
  };
  EXPECT_THAT(refusal("mobilenetv2_1.0_224, mobilenetv2_0.5_160"),
              HasSubstr("found 2 networks that do not tell width from resolution"));
  EXPECT_THAT(refusal("mobilenetv2_1.0_224, mnasnet_a1"),
              AllOf(HasSubstr("networks[1]"), HasSubstr("kernel 5")));
  EXPECT_THAT(refusal("resnet_99"), HasSubstr("unknown network 'resnet_99'"));
}

}  // namespace
}  // namespace dovetail
