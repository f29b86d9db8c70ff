#include "nas/experiments/regret/regret.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/experiments/regret/benchmark_accuracies.h"
#include "nas/experiments/regret/overhead.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/table/tiny_table.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RegretTest : public testing::Test {
 protected:
  std::shared_ptr<NetworkSpace> networks() const {
    return std::make_shared<NetworkSpace>(
        NetworkSpace::load(folder_.write("networks.yaml", kTinyTableNetworks)));
  }
  std::shared_ptr<DesignSpace> accelerators() const {
    return std::make_shared<DesignSpace>(
        DesignSpace::load(folder_.write("accelerators.yaml", kTinyTableAccelerators)));
  }
  /// More work, more accuracy.
  static std::vector<double> top1() { return {60, 70, 80, 70, 75, 84, 80, 84, 90}; }
  RegretProblem problem() const {
    RegretSettings settings;
    settings.limits = {{"area_mm2", 60}};
    settings.area_known = true;
    settings.target_latency_ms = 0.01;
    settings.front = {{"top1_percent", 50}, {"latency_ms", 1}};
    return RegretProblem(networks(), accelerators(),
                         CostTable::enumerate(*networks(), *accelerators(), {}), top1(), settings);
  }
  TemporaryFolder folder_;
};

TEST_F(RegretTest, OptimumIsThatOfAllPairsAndEnumeratingItLeavesNoRegret) {
  const RegretProblem problem = this->problem();
  double best = 0;
  std::size_t points = 0;
  for (std::uint64_t i = 0; i < *problem.decisions().count(); ++i) {
    const Outcome outcome = problem.outcome(problem.decisions().from_index(i));
    EXPECT_EQ(outcome.valid && *problem.predicted_violation(problem.decisions().from_index(i)) > 0,
              outcome.valid && outcome.violation > 0);
    if (outcome.acceptable()) best = std::max(best, outcome.reward);
    points += outcome.acceptable();
  }
  EXPECT_GT(points, 5u);
  EXPECT_EQ(problem.best_reward(), best);

  RegretOptions options;
  options.strategies = {StrategyChoice::parse("exhaustive"), StrategyChoice::parse("random")};
  options.seeds = 3;
  options.evaluations = 54;
  const auto runs = run_regret(problem, options);
  EXPECT_EQ(runs[0][0].evaluations, 54u);
  EXPECT_DOUBLE_EQ(runs[0][0].hypervolume_ratio, 1);
  EXPECT_DOUBLE_EQ(runs[0][0].reward_ratio, 1);
  // All 54 points: so many violate as an enumeration finds, and the best is among them.
  std::uint64_t violating = 0, first_near = 0, acceptable = 0;
  for (std::uint64_t i = 0; i < 54; ++i) {
    const Outcome outcome = problem.outcome(problem.decisions().from_index(i));
    violating += outcome.valid && outcome.violation > 0;
    const bool near = outcome.acceptable() && outcome.reward >= 0.99 * best;
    if (first_near == 0) acceptable += outcome.acceptable();
    if (near && first_near == 0) first_near = i + 1;
  }
  EXPECT_EQ(runs[0][0].acceptable_until_near_optimum, acceptable);
  EXPECT_EQ(runs[0][0].violating, violating);
  EXPECT_EQ(runs[0][0].near_optimum_after, first_near);
  for (const RegretRun& run : runs[1]) {
    EXPECT_GT(run.hypervolume_ratio, 0);
    EXPECT_LE(run.hypervolume_ratio, 1);
    EXPECT_LE(run.reward_ratio, 1);
    EXPECT_EQ(run.near_optimum_after > 0, run.reward_ratio >= kNearOptimum);
    EXPECT_LE(run.violating + run.acceptable, run.evaluations);
  }
}

TEST_F(RegretTest, AKnownOptimumGivesTheSameWithoutEnumerating) {
  const RegretProblem enumerated = this->problem();
  const KnownOptimum known =
      KnownOptimum::load(folder_.write("optimum.json", enumerated.optimum().to_json()));
  EXPECT_EQ(known.to_json(), enumerated.optimum().to_json());
  const RegretProblem simulated(networks(), accelerators(), known, top1(), true);
  RegretOptions options;
  options.strategies = {StrategyChoice::parse("exhaustive"), StrategyChoice::parse("nsga2")};
  options.seeds = 2;
  options.evaluations = 54;
  EXPECT_EQ(regret_runs_csv(simulated, options, run_regret(simulated, options)),
            regret_runs_csv(enumerated, options, run_regret(enumerated, options)));
}

TEST_F(RegretTest, AKnownOptimumThatIsNotTodaysIsAnInputError) {
  const KnownOptimum known = this->problem().optimum();
  const auto refusal = [&](const KnownOptimum& optimum, std::vector<double> accuracies) {
    return message_of<InputError>(
        [&] { RegretProblem(networks(), accelerators(), optimum, std::move(accuracies), false); });
  };
  KnownOptimum slower = known;
  slower.front[0].latency_ms *= 1.001;
  EXPECT_THAT(refusal(slower, top1()), HasSubstr("enumerate again with --table"));
  std::vector<double> accuracies = top1();
  accuracies[known.front[0].network] += 1;
  EXPECT_THAT(refusal(known, accuracies), HasSubstr("enumerate again with --table"));
  std::string text = known.to_json();
  EXPECT_THROW(KnownOptimum::load(folder_.write("half.json", text.substr(0, text.size() / 2))),
               InputError);
  text.replace(text.find("known_optimum/2"), 15, "known_optimum/9");
  EXPECT_THROW(KnownOptimum::load(folder_.write("other.json", text)), InputError);
}

TEST_F(RegretTest, SearchesDoNotDependOnTheNumberOfWorkers) {
  const RegretProblem problem = this->problem();
  RegretOptions options;
  for (const std::string& name : default_regret_strategies()) {
    options.strategies.push_back(StrategyChoice::parse(name));
  }
  options.seeds = 2;
  options.evaluations = 30;
  const std::string one = regret_runs_csv(problem, options, run_regret(problem, options));
  options.workers = 2;
  EXPECT_EQ(one, regret_runs_csv(problem, options, run_regret(problem, options)));
  EXPECT_EQ(split(trim(without_comments(one)), '\n').size(), 1 + 2 * options.strategies.size());
}

TEST_F(RegretTest, AConstraintThatNothingHoldsIsAnError) {
  RegretSettings settings;
  settings.limits = {{"area_mm2", 0.01}};
  EXPECT_THROW(
      RegretProblem(networks(), accelerators(),
                    CostTable::enumerate(*networks(), *accelerators(), {}), top1(), settings),
      InputError);
}

TEST_F(RegretTest, ALimitMayBeOfTheMemoryInUseIfTheTableKnowsIt) {
  const CostTable table = CostTable::enumerate(*networks(), *accelerators(), {});
  RegretSettings settings = problem().settings();
  double largest = 0;
  for (std::size_t n = 0; n < table.networks(); ++n) {
    for (std::size_t a = 0; a < table.accelerators(); ++a) {
      largest = std::max(largest, table.peak_local_memory_kib(n, a));
    }
  }
  const auto optimum = [&](double limit) {
    settings.limits = {{"peak_local_memory_kib", limit}};
    return RegretProblem(networks(), accelerators(), table, top1(), settings).optimum();
  };
  const KnownOptimum all = optimum(largest);
  EXPECT_EQ(all.acceptable_pairs, all.feasible_pairs);
  EXPECT_LT(optimum(0.9 * largest).acceptable_pairs, all.feasible_pairs);

  const std::filesystem::path assets =
      std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/cost/table/assets";
  const auto old_networks = std::make_shared<NetworkSpace>(
      NetworkSpace::load(resolve_config("spaces", "nas_bench_macro")));
  const auto old_accelerators =
      std::make_shared<DesignSpace>(DesignSpace::load(assets / "one_accelerator.yaml"));
  const std::string message = message_of<InputError>([&] {
    RegretProblem(
        old_networks, old_accelerators,
        CostTable::load(assets / "cost_table_2.h5", *old_networks, *old_accelerators, "16nm"),
        std::vector<double>(6561, 90), settings);
  });
  EXPECT_THAT(message, HasSubstr("the table has it not"));
}

TEST_F(RegretTest, BenchmarkFileIsReadByTheDigitsOfItsKeys) {
  std::string json = "{";
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      json += fmt::format("\"{}{}\": {{\"mean_acc\": {}.5}},", a, b, 10 * a + b + 1);
    }
  }
  json.back() = '}';
  const auto nets = networks();
  const NetworkSpace& space = *nets;
  const auto top1 = read_benchmark_accuracies(folder_.write("b.json", json), space);
  ASSERT_EQ(top1.size(), 9u);
  EXPECT_EQ(top1[5], 13.5);  // "12"

  const auto message = [&](std::string text) -> std::string {
    try {
      read_benchmark_accuracies(folder_.write("bad.json", text), space);
    } catch (const InputError& e) {
      return e.what();
    }
    return "accepted";
  };
  std::string missing = json, wrong = json;
  missing.erase(missing.find("\"12\""), std::string("\"12\": {\"mean_acc\": 13.5},").size());
  wrong.replace(wrong.find("13.5"), 4, "-3.5");
  EXPECT_THAT(message(missing), AllOf(HasSubstr("bad.json: network"), HasSubstr("is missing")));
  EXPECT_THAT(message(wrong), HasSubstr("12: mean_acc: found -3.5"));
  EXPECT_THAT(message("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(message("{"), HasSubstr("is not JSON"));
}

TEST(StrategyChoices, ParametersAreReadAndChecked) {
  const StrategyChoice choice = StrategyChoice::parse("nsga2:population=20:crossover=0.5");
  EXPECT_EQ(choice.info->name, "nsga2");
  EXPECT_EQ(choice.parameters.at("population"), 20);
  EXPECT_EQ(choice.parameters.at("crossover"), 0.5);
  EXPECT_EQ(choice.parameters.at("mutations"), 1);
  for (const char* bad : {"nsga3", "nsga2:popluation=20", "nsga2:population=2.5",
                          "nsga2:population=x", "nsga2:population", "nsga2:crossover=2"}) {
    EXPECT_THROW(StrategyChoice::parse(bad), InputError) << bad;
  }
}

TEST(StrategyOverhead, IsATimePerTrial) {
  class Line : public SearchDomain {
   public:
    const DecisionSpace& decisions() const override { return decisions_; }

   private:
    DecisionSpace decisions_{{{"x", "", {"a", "b", "c"}, {}}}};
  } domain;
  const TemporaryFolder folder;
  const StrategyOverhead spent =
      strategy_overhead(domain, StrategyChoice::parse("random"), 1000, folder.path());
  EXPECT_GT(spent.ask_tell_us, 0);
  EXPECT_GT(spent.store_us, 0);
  EXPECT_EQ(folder.count(), 0U);
}

TEST(RegretGrids, ArePartsOfNahasEdge) {
  const DesignSpace whole = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
  for (const auto& [name, points] : {std::pair{"regret_grid", 512u}, {"regret_grid_2048", 2048u}}) {
    const DesignSpace part = DesignSpace::load(resolve_config("spaces", name));
    ASSERT_EQ(part.decisions().count(), points);
    for (std::uint64_t i = 0; i < points; ++i) {
      EXPECT_NO_THROW(whole.encode(part.decode(part.decisions().from_index(i)))) << i;
    }
  }
}

}  // namespace
}  // namespace dovetail
