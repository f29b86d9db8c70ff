// Searches that go in several steps: phases (hardware, then network) and rounds (search on
// predictions, simulate, refit).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text/error.h"
#include "nas/analysis/study_report.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

constexpr const char* kReward =
    "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
    "0.1}, reward: {kind: nahas_hard, targets: {latency_ms: 0.005, area_mm2: baseline}}}\n";

const std::string kPhaseStudy =
    std::string(kReward) +
    "scope: phase\nnetwork: {space: ./net.yaml, fixed: {k0: 5, e0: 4, k1: 3, e1: 4, d: 2}}\n"
    "strategy: {name: regularized_evolution, population: 10, tournament: 3}\n";
const std::string kPhases = kPhaseStudy + "phase: {hardware_evaluations: 40}\n";
/// The literal reading of NAHAS: the argmax of the soft reward.
const std::string kSoftPhases =
    kPhaseStudy + "phase: {hardware_evaluations: 40, hardware_reward: nahas_soft}\n";
const std::string kCycles = kPhaseStudy + "phase: {hardware_evaluations: 41, cycles: 3}\n";
const std::string kTwoStage =
    std::string(kReward) +
    "scope: phase\nphase: {first: network, hardware_evaluations: 30}\n"
    "network: {space: ./net.yaml}\n"
    "strategy: {name: regularized_evolution, population: 10, tournament: 3}\n";

const std::string kRounds =
    "cost: {model: surrogate_then_simulation, surrogate: {labels: 100}, resimulate: 20, rounds: 3, "
    "explore_share: 0.25, stop_gain_percent: 0}\nevaluations: 64\n";

class PhasesTest : public StudyTest {
 protected:
  StudyStore stored(const std::string& folder) const {
    return StudyStore::open(files_.path() / folder / "study.db", StudyStore::Access::kRead);
  }
  std::string refusal(const std::string& changes) const {
    return message_of<InputError>([&] { files_.config(changes); });
  }
  /// Trials of a step, and the part of their choices that belongs to the network (or hardware).
  static std::set<Choices> sides(const std::vector<TrialRecord>& trials, std::int64_t step,
                                 bool network) {
    constexpr std::ptrdiff_t kNetworkDecisions = 5;
    std::set<Choices> sides;
    for (const TrialRecord& trial : trials) {
      if (trial.step != step) continue;
      const auto middle = trial.choices.begin() + kNetworkDecisions;
      sides.insert(network ? Choices(trial.choices.begin(), middle)
                           : Choices(middle, trial.choices.end()));
    }
    return sides;
  }
};

TEST_F(PhasesTest, OfARestrictedStudyAskForNothingTwiceAndEndWithItsPoints) {
  const StudySetup setup(files_.config(
      kPhases +
      "restrict: [{decision: simd_units, choices: [16]}, {decision: hw.local_memory_mib, choices: "
      "[2]}, {decision: k*, choices: [3]}]\n"));
  ASSERT_TRUE(run(setup, options("out")).complete);
  const std::vector<TrialRecord> trials = stored("out").trials(0, Stage::kSearch);
  for (const std::int64_t step : {0, 1}) {
    SCOPED_TRACE(step);
    const auto count = std::ranges::count_if(
        trials, [step](const TrialRecord& trial) { return trial.step == step; });
    EXPECT_EQ(sides(trials, step, step == 1).size(), static_cast<std::size_t>(count));
    EXPECT_GT(count, 5);
    EXPECT_LE(count, 12);  // of 12 accelerators, and of 12 networks
  }
}

TEST_F(PhasesTest, SearchesHardwareForTheNetworkAndThenNetworksForTheBestHardware) {
  const StudySetup setup(files_.config(kPhases));
  const FoundStudy outcome = run(setup, options("out"));
  ASSERT_TRUE(outcome.complete);
  EXPECT_EQ(outcome.results().runs[0].run.label, "phase");
  const StudyStore store = stored("out");
  const std::vector<TrialRecord> trials = store.trials(0, Stage::kSearch);
  ASSERT_EQ(trials.size(), 96U);
  EXPECT_EQ(trials[39].step, 0);
  EXPECT_EQ(trials[40].step, 1);
  EXPECT_EQ(trials[40].number, 0);

  EXPECT_EQ(sides(trials, 0, true), (std::set<Choices>{{1, 1, 0, 1, 1}}));
  EXPECT_GT(sides(trials, 0, false).size(), 10U);
  EXPECT_GT(sides(trials, 1, true).size(), 10U);
  const std::set<Choices> hardware = sides(trials, 1, false);
  ASSERT_EQ(hardware.size(), 1U);

  // The fastest within the baseline's area and, of the equally fast, the smallest.
  double fastest_ms = 1e9, smallest_mm2 = 1e9;
  std::optional<Costs> chosen;
  for (std::size_t i = 0; i < 40; ++i) {
    if (!trials[i].evaluation.ok()) continue;
    const Costs& costs = trials[i].evaluation.costs;
    const Choices side(trials[i].choices.begin() + 5, trials[i].choices.end());
    if (hardware.contains(side)) chosen = costs;
    if (costs.area_mm2 > setup.baseline_area_mm2()) continue;
    if (costs.latency_ms < fastest_ms) smallest_mm2 = 1e9;
    fastest_ms = std::min(fastest_ms, costs.latency_ms);
    if (costs.latency_ms == fastest_ms) smallest_mm2 = std::min(smallest_mm2, costs.area_mm2);
  }
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->latency_ms, fastest_ms);
  EXPECT_EQ(chosen->area_mm2, smallest_mm2);
}

TEST_F(PhasesTest, TheLiteralReadingGoesOnWithTheHighestSoftReward) {
  const StudySetup setup(files_.config(kSoftPhases));
  ASSERT_TRUE(run(setup, options("out")).complete);
  const std::vector<TrialRecord> trials = stored("out").trials(0, Stage::kSearch);
  const std::set<Choices> hardware = sides(trials, 1, false);
  Reward soft = *setup.objective().reward;
  for (RewardTerm& term : soft.terms) {
    term.kind = &find_reward_kind("nahas_soft");
    term.weight = term.kind->default_weight;
  }
  double best = 0, chosen = -1;
  for (std::size_t i = 0; i < 40; ++i) {
    if (!setup.objective().outcome(trials[i].evaluation).acceptable()) continue;
    const double reward = soft(trials[i].evaluation);
    best = std::max(best, reward);
    const Choices side(trials[i].choices.begin() + 5, trials[i].choices.end());
    if (hardware.contains(side)) chosen = reward;
  }
  EXPECT_GT(best, 0);
  EXPECT_EQ(chosen, best);
}

TEST_F(PhasesTest, CyclesTakeTurnsAndNeverGoOnWithWorse) {
  const StudySetup setup(files_.config(kCycles));
  ASSERT_TRUE(run(setup, options("out")).complete);
  const std::vector<TrialRecord> trials = stored("out").trials(0, Stage::kSearch);
  std::map<std::int64_t, std::int64_t> of_step;
  for (const TrialRecord& trial : trials) ++of_step[trial.step];
  const std::map<std::int64_t, std::int64_t> planned{{0, 13}, {1, 18}, {2, 14},
                                                     {3, 18}, {4, 14}, {5, 19}};
  EXPECT_EQ(of_step, planned);
  for (const std::int64_t step : {0, 2, 4}) EXPECT_EQ(sides(trials, step, true).size(), 1U);
  for (const std::int64_t step : {1, 3, 5}) EXPECT_EQ(sides(trials, step, false).size(), 1U);

  // The network of step 2 is the best of step 1 or the one that was there before it.
  const Reward& reward = *setup.objective().reward;
  const Choices network = *sides(trials, 2, true).begin();
  const std::set<Choices> before = sides(trials, 0, true);
  double best = -1, chosen = -1;
  for (const TrialRecord& trial : trials) {
    if (trial.step != 1 || !trial.evaluation.ok()) continue;
    if (!setup.objective().outcome(trial.evaluation).acceptable()) continue;
    best = std::max(best, reward(trial.evaluation));
    if (Choices(trial.choices.begin(), trial.choices.begin() + 5) == network) {
      chosen = reward(trial.evaluation);
    }
  }
  if (!before.contains(network)) {
    EXPECT_EQ(chosen, best);
  }
}

TEST_F(PhasesTest, TwoStagesTakeTheMostAccurateNetworkWhateverItCosts) {
  const StudySetup setup(files_.config(kTwoStage));
  ASSERT_TRUE(run(setup, options("out")).complete);
  const std::vector<TrialRecord> trials = stored("out").trials(0, Stage::kSearch);
  ASSERT_EQ(sides(trials, 0, false).size(), 1U);
  const std::set<Choices> network = sides(trials, 1, true);
  ASSERT_EQ(network.size(), 1U);
  double best = 0, chosen = -1;
  for (const TrialRecord& trial : trials) {
    if (trial.step != 0 || !trial.evaluation.ok()) continue;
    best = std::max(best, trial.evaluation.accuracy.top1_percent);
    if (network.contains(Choices(trial.choices.begin(), trial.choices.begin() + 5))) {
      chosen = trial.evaluation.accuracy.top1_percent;
    }
  }
  EXPECT_EQ(chosen, best);
}

TEST_F(PhasesTest, StoppedAnywhereAndResumedAPhaseStudyEndsTheSame) {
  const StudySetup setup(files_.config(kCycles));
  ASSERT_TRUE(run(setup, options("whole")).complete);
  for (const int stop_after : {7, 13, 31, 32, 80}) {
    const std::string folder = fmt::format("stopped-{}", stop_after);
    StudyOptions stopping = options(folder);
    int asked = 0;
    stopping.keep_going = [&] { return ++asked <= stop_after; };
    EXPECT_FALSE(run(setup, stopping).complete);
    StudyOptions resuming = options(folder, 2);
    resuming.resume = true;
    ASSERT_TRUE(run(setup, resuming).complete);
    EXPECT_EQ(content(folder), content("whole")) << "stopped after " << stop_after;
    EXPECT_TRUE(run(setup, resuming).complete) << "a complete one is looked through again";
  }
}

TEST_F(PhasesTest, PhasesWithoutWhatTheyNeedAreInputErrors) {
  const std::string network = "network: {space: ./net.yaml}\n";
  const std::string fixed =
      "network: {space: ./net.yaml, fixed: {k0: 5, e0: 4, k1: 3, e1: 4, d: 2}}\n";
  EXPECT_NE(refusal("scope: phase\n" + fixed).find("objective.reward is missing"),
            std::string::npos);
  EXPECT_NE(refusal(kReward + ("scope: phase\n" + network)).find("fixed"), std::string::npos);
  EXPECT_NE(refusal("phase: {hardware_evaluations: 3}\n").find("only scope 'phase' uses it"),
            std::string::npos);
  EXPECT_NE(refusal(kPhases + "evaluations: 40\n").find("hardware_evaluations"), std::string::npos);
  EXPECT_NE(refusal(kPhases + "comparison: fixed_hardware\n").find("needs scope 'joint'"),
            std::string::npos);
  const std::string two_stage = "scope: phase\nphase: {first: network}\n";
  EXPECT_NE(refusal(kReward + two_stage + fixed).find("'fixed' has no effect"), std::string::npos);
  EXPECT_NE(refusal(kPhaseStudy + "phase: {first: network, cycles: 2}\n").find("phase.cycles"),
            std::string::npos);
  EXPECT_NE(refusal(kPhaseStudy + "phase: {hardware_weights: {area_mm2: 0}}\n").find("no weights"),
            std::string::npos);
  EXPECT_NE(refusal(kPhaseStudy + "phase: {hardware_evaluations: 2, cycles: 3}\n").find("cycles"),
            std::string::npos);
  EXPECT_NE(refusal(kPhaseStudy + "phase: {hardware_reward: nahas_sofd}\n").find("'nahas_soft'"),
            std::string::npos);
  EXPECT_NE(refusal("scope: phase\n" + fixed +
                    "objective: {pareto: [top1_percent], reference: {top1_percent: 60}, reward: "
                    "{kind: nahas_hard, targets: {energy_mj: 1}}}\n")
                .find("needs a target for latency_ms"),
            std::string::npos);
  for (const std::string& text : {kPhases, kSoftPhases, kCycles, kTwoStage}) {
    const StudyConfig config = files_.config(text);
    EXPECT_EQ(
        StudyConfig::from_yaml(YamlNode::parse(config.to_yaml(), "effective.yaml"), "/").to_yaml(),
        config.to_yaml());
  }
}

TEST_F(PhasesTest, EachRoundLearnsOfTheRoundsBeforeAndRepeatsNothing) {
  const StudySetup setup(files_.config(kRounds));
  StudyEvaluators evaluators = rough_evaluators(setup);
  std::vector<std::size_t> learned;
  evaluators.refit = [&, make = evaluators.search](const SearchSpace& space,
                                                   std::span<const TrialRecord> simulated) {
    learned.push_back(simulated.size());
    for (const TrialRecord& trial : simulated) EXPECT_TRUE(trial.evaluation.simulated);
    return make(space);
  };
  const FoundStudy outcome = run(setup, options("out"), evaluators);
  EXPECT_EQ(learned, (std::vector<std::size_t>{20, 40}));

  const std::vector<TrialRecord> simulated = stored("out").trials(0, Stage::kResimulate);
  std::set<Choices> distinct;
  for (const TrialRecord& trial : simulated) distinct.insert(trial.choices);
  EXPECT_EQ(simulated.size(), 60U);
  EXPECT_EQ(distinct.size(), 60U);

  ASSERT_EQ(outcome.results().rounds.size(), 3U);
  double before = 0;
  for (const RoundResult& round : outcome.results().rounds) {
    EXPECT_EQ(round.simulated, 20);
    EXPECT_GE(round.hypervolume, before);
    before = round.hypervolume;
    EXPECT_LE(round.acceptable, round.predicted_acceptable);
    EXPECT_GE(round.front, 1);
    EXPECT_LE(round.front, round.predicted_front);
    EXPECT_NEAR(*round.latency_error_percent, 2.5, 0.51);
  }
  EXPECT_EQ(before, outcome.results().runs[0].hypervolume);
  EXPECT_NE(results_text(setup, outcome.results()).find("survives [%]"), std::string::npos);
}

TEST_F(PhasesTest, AQuarterOfTheSimulationsIsDrawnAtRandom) {
  const StudySetup setup(files_.config(kRounds));
  run(setup, options("out"));
  const StudyStore store = stored("out");
  std::vector<TrialRecord> first = store.trials(0, Stage::kSearch);
  std::erase_if(first, [](const TrialRecord& trial) { return trial.step != 0; });
  const auto best = proposed_candidates(setup.objective(), first, 15);
  const std::vector<TrialRecord> simulated = store.trials(0, Stage::kResimulate);
  for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(simulated[i].choices, best[i]);
  const auto ranked = proposed_candidates(setup.objective(), first, 20);
  std::vector<Choices> drawn;
  for (std::size_t i = 15; i < 20; ++i) drawn.push_back(simulated[i].choices);
  EXPECT_NE(drawn, std::vector<Choices>(ranked.begin() + 15, ranked.end()));
}

TEST_F(PhasesTest, NoFurtherRoundOnceLittleIsGained) {
  std::string changes = kRounds;
  changes.replace(changes.find("stop_gain_percent: 0"), 20, "stop_gain_percent: 100");
  const FoundStudy outcome = run(StudySetup(files_.config(changes)), options("out"));
  EXPECT_EQ(outcome.results().rounds.size(), 2U);  // the second gained less than as much again
}

TEST_F(PhasesTest, StoppedAnywhereAndResumedRoundsEndTheSame) {
  const StudySetup setup(files_.config(kRounds));
  ASSERT_TRUE(run(setup, options("whole")).complete);
  for (const int stop_after : {30, 70, 90, 170, 230}) {
    const std::string folder = fmt::format("stopped-{}", stop_after);
    StudyOptions stopping = options(folder);
    int asked = 0;
    stopping.keep_going = [&] { return ++asked <= stop_after; };
    if (run(setup, stopping).complete) continue;
    StudyOptions resuming = options(folder, 2);
    resuming.resume = true;
    ASSERT_TRUE(run(setup, resuming).complete);
    EXPECT_EQ(content(folder), content("whole")) << "stopped after " << stop_after;
  }
}

TEST_F(PhasesTest, ARefitSurrogateKnowsWhatWasSimulated) {
  const char* changes =
      "cost: {model: surrogate_then_simulation, surrogate: {labels: 300, epochs: 30}, resimulate: "
      "40, rounds: 2, stop_gain_percent: 0}\nevaluations: 400\n";
  const StudySetup setup(files_.config(changes));
  const FoundStudy outcome = run_and_report(setup, options("out"));
  ASSERT_EQ(outcome.results().rounds.size(), 2U);
  // Errors of candidates new to it, near those that it has learned.
  EXPECT_LT(*outcome.results().rounds[1].latency_error_percent,
            *outcome.results().rounds[0].latency_error_percent);
  run_and_report(setup, options("again", 2));
  EXPECT_EQ(content("again"), content("out"));
}

TEST_F(PhasesTest, RoundSettingsWithoutRoundsAreInputErrors) {
  EXPECT_NE(refusal("cost: {model: surrogate_then_simulation, surrogate: {labels: 100}, "
                    "explore_share: 0.5}\n")
                .find("it needs 'rounds' above 1"),
            std::string::npos);
  EXPECT_NE(refusal("cost: {model: simulation, rounds: 3}\n").find("does not use it"),
            std::string::npos);
  EXPECT_NE(
      refusal("cost: {model: surrogate_then_simulation, rounds: 3, surrogate: {file: m.h5}}\n")
          .find("'surrogate.labels'"),
      std::string::npos);
}

}  // namespace
}  // namespace dovetail
