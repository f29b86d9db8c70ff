// Every strategy in a real study: neither the number of workers nor the process changes a byte.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "base/files/paths.h"
#include "nas/strategy/strategies.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

class StrategyInStudy : public StudyTest, public testing::WithParamInterface<std::string> {
 protected:
  StudyConfig config() const {
    const bool exhaustive = GetParam() == "exhaustive";
    return files_.config(
        "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
        "0.1}, reward: {kind: nahas_hard, targets: {latency_ms: 0.005, area_mm2: baseline}}}\n"
        "evaluations: 60\nseeds: [1]\nstrategy: {name: " +
        GetParam() + (exhaustive ? ", max_points: 100000" : "") + "}\n");
  }
};

TEST_P(StrategyInStudy, FourWorkersInAnotherProcessGiveTheSameTrials) {
  const StudySetup setup(config());
  ASSERT_TRUE(run(setup, options("here", 1)).complete);
  const pid_t pid = fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    const StudySetup again(config());
    _exit(run(again, options("there", 4)).complete ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(content("there"), content("here"));
}

TEST_P(StrategyInStudy, ARestrictedStudyAsksForNothingElse) {
  StudyConfig restricted = config();
  restricted.evaluations = 30;
  restricted.restrict = {{"k*", {"3", "5"}}, {"e0", {"4"}}, {"hw.pes_*", {"2", "4"}}};
  const StudySetup setup(restricted);
  ASSERT_TRUE(run(setup, options("out")).complete);
  const StudyStore store =
      StudyStore::open(files_.path() / "out/study.db", StudyStore::Access::kRead);
  const SearchSpace& space = setup.space("joint");
  std::set<Choices> asked;
  for (const StoredTrial& trial : store.all()) {
    EXPECT_NO_THROW(space.require_candidate(trial.record.choices));
    asked.insert(space.canonical(trial.record.choices));
  }
  // But by what draws what it believes in, nothing is asked for twice.
  const bool again = GetParam() == "ppo" || GetParam() == "reinforce";
  EXPECT_EQ(store.all().size(), 30U);
  EXPECT_GE(asked.size(), again ? 10U : 30U);
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const StrategyInfo& info : strategies()) names.push_back(info.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Table, StrategyInStudy, testing::ValuesIn(names()),
                         [](const auto& name) { return name.param; });

class StudyWithoutStrategy : public StudyTest {
 protected:
  /// The tiny study without its line, and with others instead.
  StudyConfig config(const std::string& changes) const {
    std::string text = read_file(files_.write_study(changes));
    const std::size_t line = text.find("strategy:");
    text.erase(line, text.find('\n', line) + 1 - line);
    return StudyConfig::load(files_.folder().write("study.yaml", text));
  }
};

TEST_F(StudyWithoutStrategy, GetsTheBestKnownForItsBudgetAndSaysWhich) {
  const StudySetup few(config("evaluations: 100\n"));
  EXPECT_EQ(few.config().strategy, "ehvi");
  EXPECT_NE(few.strategy_reason().find("2000 evaluations"), std::string::npos);
  EXPECT_NE(few.description().facts.configuration.find("name: ehvi"), std::string::npos);
  const StudySetup all(config("evaluations: 10000\n"));
  EXPECT_EQ(all.config().strategy, "exhaustive");  // of 5,184 points
  EXPECT_EQ(StudySetup(files_.config()).strategy_reason(), "");
}

TEST_F(StudyWithoutStrategy, RunsAndResumesLikeOneThatNamesIt) {
  const StudySetup setup(config("evaluations: 60\n"));
  ASSERT_TRUE(run(setup, options("out")).complete);
  StudyOptions resuming = options("out");
  resuming.resume = true;
  EXPECT_TRUE(run(setup, resuming).complete);
  const StudySetup named(files_.config("evaluations: 60\nstrategy: {name: ehvi}\n"));
  ASSERT_TRUE(run(named, options("named")).complete);
  EXPECT_EQ(content("named"), content("out"));
}

TEST_F(StudyWithoutStrategy, ThatIsRestrictedToFewPointsHasEachOnce) {
  const StudySetup setup(config(
      "scope: hardware\nnetwork: {space: ./net.yaml, fixed: {k0: 5, e0: 4, k1: 3, e1: 4, d: 2}}\n"
      "restrict: [{decision: simd_units, choices: [16]}, {decision: hw.local_memory_mib, choices: "
      "[2]}]\nevaluations: 12\n"));
  EXPECT_EQ(setup.config().strategy, "exhaustive");
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  std::set<Choices> asked;
  for (const StoredTrial* trial : found.results().runs.front().searched) {
    asked.insert(trial->record.choices);
  }
  EXPECT_EQ(asked.size(), 12U);
}

class HotStart : public StudyTest {
 protected:
  static std::string strategy(const std::string& start) {
    return "evaluations: 40\nstrategy: {name: nsga2, population: 10, start: [" + start + "]}\n";
  }
  static constexpr const char* kStart =
      "{net.k0: 5, net.e0: 4, net.k1: 3, net.e1: 2, net.d: 2, hw.pes_x: 2, hw.pes_y: 4, "
      "hw.simd_units: 64, hw.local_memory_mib: 2, hw.compute_lanes: 4}";
};

TEST_F(HotStart, IsAskedFirstInEverySearchAndTheStudyResumesTheSame) {
  const StudySetup setup(files_.config(strategy(kStart) + "comparison: fixed_hardware\n"));
  const FoundStudy found = run(setup, options("one", 1));
  for (const RunResult& result : found.results().runs) {
    const Candidate first =
        setup.space(result.run.label).decode(result.searched.front()->record.choices);
    EXPECT_EQ(setup.network().space->decisions().decode(first.network).at("k0"), "5");
  }
  StudyOptions stopping = options("two", 2);
  int batches = 0;
  stopping.keep_going = [&] { return ++batches < 3; };
  EXPECT_FALSE(run(setup, stopping).complete);
  StudyOptions resuming = options("two", 2);
  resuming.resume = true;
  const StudySetup again(
      StudyConfig::from_yaml(YamlNode::parse(setup.config().to_yaml(), "again"), ""));
  ASSERT_TRUE(run(again, resuming).complete);
  EXPECT_EQ(content("two"), content("one"));
}

TEST_F(HotStart, OfAnUnknownDecisionOrChoiceIsAnInputError) {
  for (const auto& [from, to, said] : {std::tuple{"net.k0: 5", "net.k0: 4", "k0"},
                                       {"net.k0", "net.kO", "net.kO"},
                                       {"net.k0: 5, ", "", "net.k0"}}) {
    std::string start = kStart;
    start.replace(start.find(from), std::string(from).size(), to);
    const std::string message =
        message_of<InputError>([&] { StudySetup(files_.config(strategy(start))); });
    EXPECT_NE(message.find(": strategy.start, candidate 1"), std::string::npos) << message;
    EXPECT_NE(message.find("study.yaml:"), std::string::npos) << message;
    EXPECT_NE(message.find(said), std::string::npos) << message;
  }
}

TEST_F(HotStart, MayBeATrialOfAnotherStudyOrNamed) {
  const StudySetup first(files_.config("evaluations: 20\nstrategy: {name: random}\n"));
  const FoundStudy found = run(first, options("first", 1));
  const TrialRecord& trial = found.results().runs.front().searched[7]->record;
  const DecisionSpace& decisions = first.space("joint").decisions();
  const auto start_of = [&](const std::string& start) {
    return StudySetup(files_.config(strategy(start))).start(decisions).front();
  };
  const std::string stored =
      fmt::format("study: {}, trial: {}", options("first", 1).folder.string(), trial.id);
  EXPECT_EQ(start_of("{" + stored + "}"), trial.choices);
  // A part of it is given otherwise.
  Choices changed = trial.choices;
  const std::size_t pes = decisions.find("hw.pes_x");
  changed[pes] = changed[pes] == 0 ? 1 : 0;
  EXPECT_EQ(start_of("{" + stored + ", hw.pes_x: " + decisions[pes].choices[changed[pes]] + "}"),
            changed);
  // What is written of it needs the other study no more.
  const StudyConfig config = StudySetup(files_.config(strategy("{" + stored + "}"))).config();
  EXPECT_EQ(config.to_yaml().find("trial"), std::string::npos);

  const Choices named = start_of(
      "{network: 'tiny:k0=5,e0=4,k1=3,e1=2,d=2', accelerator: 'nahas_baseline_streamed:pes_x=2'}");
  EXPECT_EQ(decisions.decode(named).at("net.k0"), "5");
  EXPECT_EQ(decisions.decode(named).at("hw.pes_x"), "2");
  for (const auto& [start, said] :
       {std::pair{"{study: " + options("first", 1).folder.string() + "}", "need each other"},
        {"{study: nowhere, trial: 1}", "nowhere"},
        {"{study: " + options("first", 1).folder.string() + ", trial: 9999}", "9999"},
        {"{network: mobilenet_v2}", "'mobilenetv2_1.0_224' is no point of space 'tiny'"},
        {"{network: mobilenet_v3}", "mobilenet_v3"},
        {"{network: 'tiny:k0=5,e0=4,k1=3,e1=2,d=2'}", "hw.pes_x"}}) {
    const std::string message = message_of<InputError>([&] { start_of(start); });
    EXPECT_NE(message.find("strategy.start, candidate 1"), std::string::npos) << message;
    EXPECT_NE(message.find(said), std::string::npos) << message;
  }
}

TEST_F(HotStart, MayBeANetworkThatIsAPointOfTheSpace) {
  const auto start_of = [&](const std::string& network) {
    return StudySetup(files_.config("network: {space: nahas_s1}\naccuracy: {source: none}\n"
                                    "objective: {pareto: [latency_ms, area_mm2], reference: "
                                    "{latency_ms: 9, area_mm2: 900}}\n" +
                                    strategy("{network: " + network +
                                             ", accelerator: nahas_baseline_streamed}")))
        .config()
        .start.front()
        .choices;
  };
  const auto start = start_of("mobilenetv2_1.0_224");
  for (int i = 0; i < 17; ++i) EXPECT_EQ(start.at("net.k" + std::to_string(i)), "3");
  for (int i = 1; i < 17; ++i) EXPECT_EQ(start.at("net.e" + std::to_string(i)), "6");

  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "nahas_s1"));
  Rng rng(1);
  const Choices drawn = networks.decisions().sample(rng);
  files_.folder().write("mine.yaml", networks.to_yaml(drawn));
  for (const auto& [decision, choice] : networks.decisions().decode(drawn)) {
    EXPECT_EQ(start_of("mine.yaml").at("net." + decision), choice);
  }
}

class PredictedLimits : public StudyTest {
 protected:
  std::size_t over_limits(const std::string& cost) const {
    const StudySetup setup(files_.config(
        "scope: network\ncost: " + cost +
        "\nconstraints: {latency_ms: 0.005}\nstrategy: {name: random}\nevaluations: 60\n"));
    const FoundStudy found = run(setup, options("out" + std::to_string(cost.size())));
    std::size_t over = 0;
    for (const RunResult& result : found.results().runs) {
      for (const StoredTrial* trial : result.searched) {
        const Outcome outcome = setup.objective().outcome(trial->record.evaluation);
        over += outcome.valid && outcome.violation > 0;
      }
    }
    return over;
  }
};

/// On one platform, where a latency is nearly a sum over decisions.
TEST_F(PredictedLimits, AreHeldByWhatIsAskedFor) {
  const std::size_t learned = over_limits("{model: simulation}");
  EXPECT_GT(learned, 10U);
  EXPECT_LT(over_limits("{model: simulation, predicted_limits: 200}"), learned / 4);
}

TEST_F(PredictedLimits, AreThoseOfAnyNumberOfWorkersAndOfAResumedStudy) {
  const StudySetup setup(files_.config(
      "cost: {model: simulation, predicted_limits: 100}\nconstraints: {latency_ms: 0.005}\n"));
  ASSERT_TRUE(run(setup, options("one", 1)).complete);
  StudyOptions stopping = options("two", 2);
  int batches = 0;
  stopping.keep_going = [&] { return ++batches < 4; };
  EXPECT_FALSE(run(setup, stopping).complete);
  StudyOptions resuming = options("two", 2);
  resuming.resume = true;
  ASSERT_TRUE(run(setup, resuming).complete);
  EXPECT_EQ(content("two"), content("one"));
}

}  // namespace
}  // namespace dovetail
