#include "cost/surrogate/correction/corrected_costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "base/text/error.h"
#include "cost/cost_models.h"
#include "cost/surrogate/correction/correction_fit.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/trainer.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class CorrectedCostsTest : public testing::Test {
 protected:
  CorrectedCostsTest() {
    LabellingOptions labelling;
    Dataset labels = empty_dataset(networks_, accelerators_, labelling);
    label_pairs(labels, networks_, accelerators_, 100, labelling, {});
    TrainingOptions options;
    options.epochs = 2;
    options.hidden = {8, 8};
    base_ = std::make_unique<Surrogate>(train_surrogate(labels, options).model);
    Measurements measured;
    for (std::size_t i = 0; i < 30; ++i) {
      measured.network.push_back(labels.network(i));
      measured.hardware.push_back(labels.hardware(i));
      const double slower = 1.5 + 0.4 * labels.hardware(i)[0];
      measured.costs.push_back(
          {slower * labels.label(i).latency_ms, 0.8 * labels.label(i).energy_mj});
    }
    const auto used = simulate_measured(measured, networks_, accelerators_, "16nm");
    correction_ = std::make_shared<SimulatorCorrection>(
        fit_correction(*base_, used, probe_simulator(networks_, accelerators_, "16nm")).correction);
    Rng rng(2);
    for (int i = 0; i < 30; ++i) {
      pairs_.push_back({networks_.canonical(networks_.decisions().sample(rng)),
                        accelerators_.decisions().sample(rng)});
    }
  }
  std::shared_ptr<CostModel> costs(std::shared_ptr<const SimulatorCorrection> correction,
                                   int workers = 1, const std::string& technology = "16nm") const {
    CostModelInputs inputs{
        pair_domain(networks_, accelerators_), {technology, workers, {}, {}}, nullptr};
    inputs.correction = std::move(correction);
    return find_cost_model("simulation").make(inputs);
  }
  std::string refusal(std::shared_ptr<const SimulatorCorrection> correction,
                      const PairDomain& domain, const std::string& technology = "16nm") const {
    return message_of<InputError>(
        [&] { CorrectedCosts(costs(nullptr), correction, domain, technology); });
  }
  /// The same but for a change of what is inside.
  template <typename Change>
  std::shared_ptr<const SimulatorCorrection> changed(const Change& change) const {
    auto impl = std::make_unique<Surrogate::Impl>(base_->impl());
    change(*impl);
    return std::make_shared<SimulatorCorrection>(Surrogate(std::move(impl)),
                                                 probe_simulator(networks_, accelerators_, "16nm"));
  }

  struct TinySpaces : TemporaryFolder {
    TinySpaces() { write_tiny_spaces(*this); }
  } folder_;
  NetworkSpace networks_ = NetworkSpace::load(folder_.path() / "net.yaml");
  DesignSpace accelerators_ = DesignSpace::load(folder_.path() / "hw.yaml");
  std::unique_ptr<Surrogate> base_;
  std::shared_ptr<const SimulatorCorrection> correction_;
  std::vector<Pair> pairs_;
};

TEST_F(CorrectedCostsTest, LatencyAndEnergyAreSimulatedTimesTheRatios) {
  const auto simulated = costs(nullptr)->costs(pairs_);
  const auto found = costs(correction_)->costs(pairs_);
  ASSERT_EQ(found.size(), pairs_.size());
  const Figure &power = find_figure("power_mw"), &delay = find_figure("edp_mj_ms");
  for (std::size_t i = 0; i < found.size(); ++i) {
    const CostRatios ratios = correction_->ratios(pairs_[i]);
    EXPECT_GT(ratios[0], 1.2);
    EXPECT_NEAR(ratios[1], 0.8, 1e-3);
    const Costs &mine = found[i].checked(), &its = simulated[i].checked();
    EXPECT_EQ(mine.latency_ms, its.latency_ms * ratios[0]);
    EXPECT_EQ(mine.energy_mj, its.energy_mj * ratios[1]);
    EXPECT_DOUBLE_EQ(power.of(mine), power.of(its) * ratios[1] / ratios[0]);
    EXPECT_DOUBLE_EQ(delay.of(mine), delay.of(its) * ratios[1] * ratios[0]);
    EXPECT_EQ(mine.area_mm2, its.area_mm2);
    EXPECT_EQ(mine.peak_local_memory_kib, its.peak_local_memory_kib);
    EXPECT_EQ(mine.cycles, its.cycles);
    const Costs back = uncorrected(mine, ratios);
    EXPECT_DOUBLE_EQ(back.latency_ms, its.latency_ms);
    EXPECT_DOUBLE_EQ(back.energy_mj, its.energy_mj);
  }
}

TEST_F(CorrectedCostsTest, WorkersChangeNothingAndStoppingGivesThePrefix) {
  const auto here = costs(correction_)->costs(pairs_), there = costs(correction_, 2)->costs(pairs_);
  ASSERT_EQ(here.size(), there.size());
  for (std::size_t i = 0; i < here.size(); ++i) EXPECT_EQ(here[i].costs, there[i].costs);
  EXPECT_TRUE(costs(correction_)->costs(pairs_, [] { return false; }).empty());
  EXPECT_TRUE(costs(correction_)->simulates());
}

TEST_F(CorrectedCostsTest, PredictionsOfTheSimulatorAreCorrectedLikewise) {
  std::vector<Choices> networks, hardware;
  for (const Pair& pair : pairs_) {
    networks.push_back(pair.network);
    hardware.push_back(pair.hardware);
  }
  const auto plain = base_->predict(networks, hardware);
  const PredictPairs predict = [&](std::span<const Choices> n, std::span<const Choices> h) {
    return base_->predict(n, h);
  };
  const auto found = corrected_predictions(predict, correction_)(networks, hardware);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const CostRatios ratios = correction_->ratios(pairs_[i]);
    EXPECT_EQ(found[i].costs.latency_ms, plain[i].costs.latency_ms * ratios[0]);
    EXPECT_EQ(found[i].costs.energy_mj, plain[i].costs.energy_mj * ratios[1]);
    EXPECT_EQ(found[i].costs.reason, plain[i].costs.reason);
  }
}

TEST_F(CorrectedCostsTest, APairItCannotSpeakAboutFailsAlone) {
  EXPECT_THAT(message_of<InputError>([&] {
                costs(correction_)->costs_of({{0}, {0}});
              }),
              HasSubstr("choice"));
  const auto boundless = changed([](Surrogate::Impl& impl) {
    impl.members[0].output_biases()[0] = std::numeric_limits<float>::max();
  });
  const auto found = costs(boundless)->costs(pairs_);
  ASSERT_EQ(found.size(), pairs_.size());
  EXPECT_THAT(message_of<InputError>([&] { found[0].checked(); }),
              HasSubstr("corrects the latency of a pair by a factor of inf"));
}

TEST_F(CorrectedCostsTest, RefusesWhatItIsNotAbout) {
  const PairDomain domain = pair_domain(networks_, accelerators_);
  EXPECT_NO_THROW(CorrectedCosts(costs(nullptr), correction_, domain, "16nm"));
  EXPECT_THAT(refusal(correction_, domain, "28nm"),
              HasSubstr("at technology '16nm', what is simulated here is at '28nm'"));
  PairDomain fixed = domain;
  fixed.network.space = nullptr;
  EXPECT_THAT(refusal(correction_, fixed), HasSubstr("a correction needs a network space"));
  // The same decisions around another accelerator.
  const std::string text = folder_.read("hw.yaml");
  const std::string base = "nahas_baseline_streamed";
  folder_.write("other.yaml",
                std::string(text).replace(text.find(base), base.size(), "nahas_baseline"));
  const DesignSpace other = DesignSpace::load(folder_.path() / "other.yaml");
  EXPECT_THAT(refusal(correction_, pair_domain(networks_, other)),
              HasSubstr("is for another hardware space"));
  EXPECT_THAT(refusal(std::make_shared<SimulatorCorrection>(
                          fit_correction(*base_, {}, "another").correction),
                      domain),
              HasSubstr("corrects another simulator"));
}

}  // namespace
}  // namespace dovetail
