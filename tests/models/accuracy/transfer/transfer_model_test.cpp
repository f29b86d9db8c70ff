#include "models/accuracy/transfer/transfer_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/files/paths.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "models/accuracy/transfer/transfer_predictor.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<int> stages_of(const std::string& network) {
  std::vector<int> stages;
  for (const MbconvBlock& block : mbconv_blocks(find_network(network))) {
    stages.push_back(block.stage);
  }
  return stages;
}

TEST(MbconvBlocks, AreReadFromTheLayers) {
  EXPECT_EQ(stages_of("mobilenet_v2"),
            (std::vector<int>{0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 5}));
  EXPECT_EQ(stages_of("efficientnet_b0"),
            (std::vector<int>{0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 5, 5}));
  const std::vector<MbconvBlock> blocks = mbconv_blocks(find_network("efficientnet_b0"));
  EXPECT_EQ(blocks[0].expansion, 1);
  EXPECT_EQ(blocks[3].kernel, 5);
  EXPECT_EQ(blocks[3].expansion, 6);
  EXPECT_EQ(blocks[3].in_channels, 24);
  EXPECT_EQ(blocks[3].out_channels, 40);
  EXPECT_EQ(blocks[3].in_height, 56);
  EXPECT_EQ(blocks[3].out_height, 28);
  EXPECT_TRUE(blocks[3].squeeze_excite);
  EXPECT_FALSE(mbconv_blocks(find_network("mobilenet_v2"))[3].squeeze_excite);
  EXPECT_THAT(message_of<InputError>([] { mbconv_blocks(find_network("resnet_18")); }),
              AllOf(HasSubstr("resnet_18"), HasSubstr("no MBConv block")));
  EXPECT_THAT(
      message_of<InputError>([] { mbconv_blocks(find_network("efficientnet_edgetpu_s_224")); }),
      HasSubstr("no MBConv block"));
}

/// Effects that are easy to add up: kernel k is worth k / 100, expansion e e / 10, a block 1.
MbconvEffects simple_effects() {
  MbconvEffects effects;
  effects.stem_channels = 16;
  int channels = 16;
  for (StageEffects& stage : effects.stages) {
    stage.kernel = {{3, 0.03}, {5, 0.05}, {7, 0.07}};
    stage.expansion = {{3, 0.3}, {6, 0.6}};
    stage.blocks = {{2, 0}, {3, 1}, {4, 1.5}};
    stage.channels = channels;
    channels += 8;
  }
  return effects;
}

std::vector<MbconvBlock> ten_blocks() {
  std::vector<MbconvBlock> blocks;
  for (int stage = 1; stage < kMbconvStages; ++stage) {
    for (int i = 0; i < 2; ++i) blocks.push_back({stage, 3, 3, 32, 32, 14, 14, false});
  }
  return blocks;
}

TEST(MbconvEffects, AddUpOverBlocksAndStages) {
  const MbconvEffects effects = simple_effects();
  std::vector<MbconvBlock> blocks = ten_blocks();
  const double plain = 10 * 0.33;
  EXPECT_NEAR(effects.points(blocks), plain, 1e-12);
  blocks[4].kernel = 7;
  EXPECT_NEAR(effects.points(blocks), plain + 0.04, 1e-12);
  blocks[4].expansion = 4.5;
  EXPECT_NEAR(effects.points(blocks), plain + 0.04 + 0.15, 1e-12);
  blocks[4].expansion = 6.05;  // rounded to a multiple of 8 channels
  EXPECT_NEAR(effects.points(blocks), plain + 0.04 + 0.3, 1e-12);
  blocks.push_back(blocks[9]);
  blocks.push_back(blocks[9]);
  EXPECT_NEAR(effects.points(blocks), plain + 0.34 + 1.5 + 0.66, 1e-12);
  blocks.push_back(blocks[9]);  // beyond the known numbers: the last known step
  EXPECT_NEAR(effects.points(blocks), plain + 0.34 + 2 + 0.99, 1e-12);
  blocks.erase(blocks.begin());  // one block in stage 1
  EXPECT_NEAR(effects.points(blocks), plain + 0.34 + 2 + 0.99 - 0.33 - 1, 1e-12);
  blocks.insert(blocks.begin(), {0, 5, 1, 16, 16, 112, 112, false});
  EXPECT_NEAR(effects.points(blocks), plain + 0.34 + 2 + 0.99 - 1.33 + 0.05, 1e-12);
}

TEST(MbconvEffects, OutsideWhatIsKnownTheyAreAnError) {
  const MbconvEffects effects = simple_effects();
  std::vector<MbconvBlock> blocks = ten_blocks();
  blocks[2].kernel = 9;
  EXPECT_THAT(message_of<InputError>([&] { effects.points(blocks); }),
              AllOf(HasSubstr("kernel 9 in stage 2"), HasSubstr("3 5 7")));
  blocks = ten_blocks();
  blocks[2].expansion = 1;
  EXPECT_THAT(message_of<InputError>([&] { effects.points(blocks); }), HasSubstr("expansion 1"));
  blocks = ten_blocks();
  blocks.insert(blocks.begin(), {0, 3, 4, 16, 16, 112, 112, false});
  EXPECT_THROW(effects.points(blocks), InputError);
}

TEST(MbconvEffects, WidthCountsMultiplyAccumulatesAgainstTheSpacesOwnChannels) {
  MbconvEffects effects = simple_effects();
  // One block, 10 x 10, 3 x 3, expansion 2: 100 (c 2c + 9 x 2c + 2c d) for c to d channels.
  const std::vector<MbconvBlock> one{{1, 3, 2, 32, 40, 10, 10, false}};
  effects.stages[1].channels = 24;
  const auto macs = [](double c, double d) { return 100 * (2 * c * c + 18 * c + 2 * c * d); };
  EXPECT_NEAR(effects.width_log2(one), std::log2(macs(32, 40) / macs(16, 24)), 1e-12);
  const std::vector<MbconvBlock> same{{1, 3, 2, 16, 24, 10, 10, false}};
  EXPECT_NEAR(effects.width_log2(same), 0, 1e-12);
}

class CommittedTransfer : public testing::Test {
 protected:
  std::filesystem::path file_ = configs_folder() / "accuracy" / "mbconv_transfer.json";
  TransferModel model_ = TransferModel::load(file_);
};

TEST_F(CommittedTransfer, IsDerivedAgainFromThePredictorAndTheZoo) {
  const RidgeModel predictor = RidgeModel::load(configs_folder() / "accuracy" / "ofa_mbv3.json");
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  std::vector<Network> networks;
  for (const CalibrationNetwork& n : model_.networks) networks.push_back(find_network(n.name));
  TransferModel again =
      fit_transfer(average_effects(predictor, space, model_.sampled, model_.seed), networks);
  EXPECT_NEAR(again.error.rmse_points, model_.error.rmse_points, 1e-4);
  EXPECT_NEAR(again.offset, model_.offset, 1e-4);
  EXPECT_NEAR(again.width, model_.width, 1e-4);
  EXPECT_NEAR(again.squeeze_excite, model_.squeeze_excite, 1e-4);
  for (std::size_t s = 1; s < kMbconvStages; ++s) {
    const StageEffects &a = again.effects.stages[s], &b = model_.effects.stages[s];
    ASSERT_EQ(a.kernel.size(), b.kernel.size());
    ASSERT_EQ(a.expansion.size(), b.expansion.size());
    ASSERT_EQ(a.blocks.size(), b.blocks.size());
    for (std::size_t i = 0; i < a.kernel.size(); ++i) {
      EXPECT_NEAR(a.kernel[i].second, b.kernel[i].second, 1e-4);
      EXPECT_NEAR(a.expansion[i].second, b.expansion[i].second, 1e-4);
      EXPECT_NEAR(a.blocks[i].second, b.blocks[i].second, 1e-4);
    }
  }
}

TEST_F(CommittedTransfer, TheErrorIsThatOfNetworksThatTheFitHasNotSeen) {
  std::vector<Network> networks;
  for (const CalibrationNetwork& n : model_.networks) networks.push_back(find_network(n.name));
  double squares = 0, largest = 0;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    std::vector<Network> others = networks;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const TransferModel rest = fit_transfer(model_.effects, others);
    const double error = rest.predict(networks[i]) - model_.networks[i].published_percent;
    EXPECT_NEAR(rest.predict(networks[i]), model_.networks[i].left_out_percent, 1e-4);
    squares += error * error;
    largest = std::max(largest, std::abs(error));
  }
  EXPECT_NEAR(model_.error.rmse_points, std::sqrt(squares / static_cast<double>(networks.size())),
              1e-4);
  EXPECT_NEAR(model_.error.max_points, largest, 1e-4);
}

TEST_F(CommittedTransfer, SpeaksOfBothSpacesAndFlagsEveryAnswer) {
  for (const auto& [name, networks] :
       {std::pair{"nahas_s1", std::vector<std::string>{"mobilenet_v2"}},
        {"nahas_s2", std::vector<std::string>{"efficientnet_b0"}}}) {
    const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", name));
    const auto predictor = load_transfer_predictor(file_, space);
    EXPECT_THAT(predictor->description(),
                AllOf(HasSubstr("extrapolated"), HasSubstr("leave-one-out")));
    Rng rng(4);
    for (int i = 0; i < 200; ++i) {
      const Choices choices = space.decisions().sample(rng);
      const AccuracyEstimate estimate = predictor->accuracy(choices);
      EXPECT_TRUE(estimate.extrapolated);
      EXPECT_DOUBLE_EQ(estimate.top1_percent, model_.predict(space.build(choices)));
      EXPECT_GT(estimate.top1_percent, 65);
      EXPECT_LT(estimate.top1_percent, 80);
    }
    for (const std::string& network : networks) {
      const Network published = find_network(network);
      EXPECT_NEAR(model_.predict(published), *published.published.top1_percent, 2) << network;
    }
  }
}

TEST_F(CommittedTransfer, MoreOfAKernelOrExpansionIsWorthMore) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "nahas_s1"));
  const auto predictor = load_transfer_predictor(file_, space);
  const Choices small(space.decisions().size(), 0);
  const double base = predictor->accuracy(small).top1_percent;
  for (std::size_t d = 0; d < small.size(); ++d) {
    Choices larger = small;
    larger[d] = 1;
    EXPECT_GT(predictor->accuracy(larger).top1_percent, base) << space.decisions()[d].name;
  }
}

TEST_F(CommittedTransfer, RefusesASpaceThatItSaysNothingAbout) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "nas_bench_macro"));
  EXPECT_THAT(message_of<InputError>([&] { load_transfer_predictor(file_, space); }),
              HasSubstr("mbconv_transfer.json"));
}

TEST_F(CommittedTransfer, FileRoundTripAndDamage) {
  const TemporaryFolder folder;
  EXPECT_EQ(TransferModel::load(folder.write("a.json", model_.to_json())).to_json(),
            model_.to_json());
  const std::string whole = model_.to_json();
  const auto error = [&](const std::string& text) {
    const auto bad = folder.write("bad.json", text);
    return message_of<InputError>([&] { TransferModel::load(bad); });
  };
  EXPECT_THAT(error(whole.substr(0, whole.size() / 2)), HasSubstr("bad.json"));
  EXPECT_THAT(error("{}"), HasSubstr("schema"));
  std::string fewer = whole;
  fewer.replace(fewer.find("\"stages\""), 8, "\"stage_\"");
  EXPECT_THAT(error(fewer), AllOf(HasSubstr("bad.json"), HasSubstr("stages")));
}

TEST(TransferFit, NetworksThatCannotServeAreErrors) {
  std::vector<Network> networks;
  for (const char* name : {"mobilenetv2_0.75_224", "mobilenet_v2", "mobilenetv2_1.4_224",
                           "mnasnet_b1_1.0_224", "spnasnet_224", "efficientnet_lite0_224"}) {
    networks.push_back(find_network(name));
  }
  const MbconvEffects effects =
      TransferModel::load(configs_folder() / "accuracy" / "mbconv_transfer.json").effects;
  EXPECT_THAT(message_of<InputError>([&] { fit_transfer(effects, networks); }),
              HasSubstr("squeeze-and-excite"));
  EXPECT_THAT(message_of<InputError>([&] { fit_transfer(effects, std::span(networks).first(5)); }),
              HasSubstr("too few"));
  networks.push_back(find_network("fbnet_c"));
  EXPECT_THAT(message_of<InputError>([&] { fit_transfer(effects, networks); }),
              AllOf(HasSubstr("fbnet_c_224"), HasSubstr("expansion 1 in stage")));
  networks.back() = find_network("mobilenet_v2");
  networks.back().published.top1_percent.reset();
  EXPECT_THAT(message_of<InputError>([&] { fit_transfer(effects, networks); }),
              HasSubstr("no published"));
}

}  // namespace
}  // namespace dovetail
