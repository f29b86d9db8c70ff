// Studies of several networks, accelerators or both: every figure is that of the simulator, and
// what is wrong is told with its place.
#include <gmock/gmock.h>

#include "base/text/csv.h"
#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"
#include "nas/analysis/best_trials.h"
#include "nas/analysis/trial_table.h"
#include "tests/base/text/csv_rows.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kHead = "schema: dovetail.study/1\nname: set\ncost: {model: simulation}\n";
constexpr const char* kNetworks =
    "networks:\n"
    "  - {network: mobilenetv1_0.25_128, name: first, weight: 3, latency_ms: 1}\n"
    "  - {network: mobilenetv2_0.35_96}\n";
constexpr const char* kHardware =
    "scope: hardware\n"
    "hardware: {space: ./hw.yaml}\n"
    "objective: {pareto: [latency_ratio_max, area_mm2], reference: {latency_ratio_max: 5, "
    "area_mm2: 100}}\n"
    "strategy: {name: exhaustive}\nevaluations: 48\nseeds: [1]\n";
constexpr const char* kTargets =
    "scope: network\n"
    "network: {space: ./net.yaml}\n"
    "targets:\n"
    "  - {accelerator: nahas_baseline, name: large, latency_ms: 0.2}\n"
    "  - {accelerator: './hw.yaml-3', name: small, weight: 2, latency_ms: 0.3}\n"
    "accuracy: {source: predictor, file: ./predictor.json}\n"
    "objective: {pareto: [top1_percent, latency_ms@small, latency_ratio_mean], reference: "
    "{top1_percent: 60, latency_ms@small: 1, latency_ratio_mean: 3}}\n"
    "constraints: {latency_ms@large: 0.5}\n"
    "strategy: {name: random}\nevaluations: 12\nseeds: [1]\n";

class StudySetTest : public StudyTest {
 protected:
  StudyConfig config(const std::string& text) const {
    return StudyConfig::load(files_.folder().write("set.yaml", kHead + text));
  }
  std::string refusal(const std::string& text) const {
    return message_of<InputError>([&] { StudySetup{config(text)}; });
  }
};

TEST_F(StudySetTest, ManyNetworksOnOneChipAreSimulatedOnEach) {
  const StudySetup setup(config(std::string(kNetworks) + kHardware));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  const std::vector<StoredTrial>& trials = found.results().study.trials;
  ASSERT_EQ(trials.size(), 48U);
  Simulator simulator(totals_only());
  const Network a = find_network("mobilenetv1_0.25_128"), b = find_network("mobilenetv2_0.35_96");
  const double base = simulator.run(b, setup.hardware().baseline).latency_ms;
  int within = 0;
  for (const StoredTrial& trial : trials) {
    const AcceleratorConfig accelerator =
        setup.space("fixed_network").decode(trial.record.choices).accelerator;
    const SimulationResult on_a = simulator.run(a, accelerator),
                           on_b = simulator.run(b, accelerator);
    const Evaluation& found_here = trial.record.evaluation;
    ASSERT_EQ(found_here.ok(), on_a.feasible() && on_b.feasible());
    if (!found_here.ok()) continue;
    const auto value = [&](const std::string& key) { return found_here.value(find_metric(key)); };
    EXPECT_EQ(value("latency_ms@first"), on_a.latency_ms);
    EXPECT_EQ(value("latency_ms@mobilenetv2_0.35_96"), on_b.latency_ms);
    EXPECT_EQ(value("latency_ms"), std::max(on_a.latency_ms, on_b.latency_ms));
    EXPECT_EQ(value("latency_ms_mean"), (3 * on_a.latency_ms + on_b.latency_ms) / 4);
    EXPECT_EQ(value("latency_ratio_max"), std::max(on_a.latency_ms, on_b.latency_ms / base));
    EXPECT_FALSE(found_here.has(find_metric("top1_percent")));  // nobody asked for it
    const bool acceptable = found.results().study.outcome(trial).acceptable();
    EXPECT_EQ(acceptable, on_a.latency_ms <= 1);
    within += acceptable ? 1 : 0;
  }
  EXPECT_GT(within, 0);
  const auto header = csv_rows(trials_csv(found.results().study, {&trials.front()}))[0];
  EXPECT_THAT(header, AllOf(Contains("latency_ms@first"), Contains("latency_ratio_max")));
  const auto pareto = csv_rows(read_file(options("out").folder / "pareto.csv"));
  EXPECT_THAT(pareto[0], Contains("energy_mj@mobilenetv2_0.35_96"));
  EXPECT_GT(pareto.size(), 2U);
  BestQuery query;
  query.by = "latency_ms@other";
  EXPECT_THAT(message_of<InputError>([&] { best_trials(found.results().study, query); }),
              HasSubstr("unknown metric of study 'set' 'latency_ms@other'"));
}

TEST_F(StudySetTest, OneNetworkForManyChipsIsSimulatedOnEach) {
  const StudySetup setup(config(kTargets));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  Simulator simulator(totals_only());
  const AcceleratorConfig large = find_accelerator("nahas_baseline"),
                          small = find_accelerator("./hw.yaml-3", files_.path());
  for (const StoredTrial& trial : found.results().study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    ASSERT_TRUE(evaluation.ok()) << evaluation.reason;
    const Network network = setup.space("fixed_hardware").build_network(trial.record.choices);
    const double on_large = simulator.run(network, large).latency_ms,
                 on_small = simulator.run(network, small).latency_ms;
    const auto value = [&](const std::string& key) { return evaluation.value(find_metric(key)); };
    EXPECT_EQ(value("latency_ms@large"), on_large);
    EXPECT_EQ(value("latency_ms@small"), on_small);
    EXPECT_EQ(value("latency_ratio_mean"), (on_large / 0.2 + 2 * (on_small / 0.3)) / 3);
  }
}

TEST_F(StudySetTest, NetworksOnTargetsAreEveryPair) {
  const StudySetup setup(config(
      "scope: network\n"
      "networks: [{space: ./net.yaml, name: own}, {network: mobilenetv1_0.25_128, name: other}]\n"
      "targets: [{accelerator: nahas_baseline, name: x}, {accelerator: './hw.yaml-3', name: y}]\n"
      "accuracy: {source: predictor, file: ./predictor.json}\n"
      "objective: {pareto: [top1_percent, latency_ms@own@y], reference: {top1_percent: 60, "
      "latency_ms@own@y: 1}}\n"
      "constraints: {latency_ms@other@x: 1}\n"
      "strategy: {name: random}\nevaluations: 6\nseeds: [1]\n"));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  std::set<double> others;
  for (const StoredTrial& trial : found.results().study.trials) {
    EXPECT_EQ(trial.record.evaluation.costs.of_set.count("latency_ms@own@x"), 1U);
    others.insert(trial.record.evaluation.value(find_metric("latency_ms@other@y")));
  }
  EXPECT_EQ(others.size(), 1U);  // that network and that accelerator are fixed
}

TEST_F(StudySetTest, ResumedOrWithMoreWorkersItIsTheSame) {
  const StudySetup setup(config(std::string(kNetworks) + kHardware));
  run(setup, options("whole"));
  run(setup, options("workers", 3));
  EXPECT_EQ(content("whole"), content("workers"));
  StudyOptions stopped = options("stopped");
  int asked = 0;
  stopped.keep_going = [&] { return ++asked < 40; };
  run_study(setup, stopped);
  StudyOptions resumed = options("stopped");
  resumed.resume = true;
  run(setup, resumed);
  EXPECT_EQ(content("whole"), content("stopped"));
}

TEST_F(StudySetTest, TheEffectiveStudyReadsBackToItself) {
  for (const std::string& text : {std::string(kNetworks) + kHardware, std::string(kTargets)}) {
    const std::string yaml = config(text).to_yaml();
    const StudyConfig again =
        StudyConfig::from_yaml(YamlNode::parse(yaml, "again.yaml"), files_.path());
    EXPECT_EQ(again.to_yaml(), yaml);
  }
}

TEST_F(StudySetTest, WhatIsWrongIsToldWithItsPlace) {
  const auto networks = [&](const std::string& items, const std::string& rest = kHardware) {
    return refusal("networks: [" + items + "]\n" + rest);
  };
  const std::string good = "{network: mobilenetv1_0.25_128}";
  EXPECT_THAT(networks("{net: x}"), AllOf(HasSubstr("set.yaml:4:"), HasSubstr("'net'")));
  EXPECT_THAT(networks("{name: x}"), HasSubstr("allowed is one of 'network' and 'space'"));
  EXPECT_THAT(networks(good + ", " + good), HasSubstr("'mobilenetv1_0.25_128' twice"));
  EXPECT_THAT(networks("{space: ./net.yaml}"), HasSubstr("searches no network"));
  EXPECT_THAT(networks("{network: mobilenetv1_0.25_128, name: 'a b'}"),
              HasSubstr("the name 'a b'"));
  EXPECT_THAT(networks("{network: mobilenetv1_0.25_128, weight: 0}"), HasSubstr("weight"));
  EXPECT_THAT(networks(good, std::string(kHardware) + "network: {fixed: mobilenet_v2}\n"),
              HasSubstr("'networks' has those of the study"));
  EXPECT_THAT(networks(good, std::string(kHardware) + "constraints: {latency_ms@other: 1}\n"),
              AllOf(HasSubstr("constraints"), HasSubstr("unknown name 'other'")));
  EXPECT_THAT(networks(good, std::string(kHardware) + "constraints: {top1_percent: 70}\n"),
              HasSubstr("'accuracy' is missing"));
  EXPECT_THAT(refusal(std::string(kTargets) + "hardware: {baseline: nahas_baseline}\n"),
              HasSubstr("'targets' has the accelerators of the study"));
  EXPECT_THAT(refusal("network: {fixed: mobilenetv1_0.25_128}\n" + std::string(kHardware)),
              HasSubstr("'networks' and 'targets' are missing"));
}

}  // namespace
}  // namespace dovetail
