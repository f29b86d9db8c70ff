#include "nas/experiments/claims/surrogate_targets.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/study/study_store.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

const std::string kStudy =
    "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
    "0.1}, reward: {kind: nahas_hard, targets: {latency_ms: 0.005, area_mm2: baseline}}}\n"
    "cost: {model: surrogate_then_simulation, surrogate: {labels: 200, epochs: 3}, resimulate: "
    "20}\n"
    "strategy: {name: regularized_evolution, population: 10, tournament: 3}\n"
    "evaluations: 60\nseeds: [1, 2]\n";

class SurrogateTargetsTest : public testing::Test {
 protected:
  TargetsOptions options(const std::string& folder, int workers) const {
    TargetsOptions options;
    options.latency_targets_ms = {0.004, 0.008};
    options.folder = files_.path() / folder;
    options.workers = workers;
    return options;
  }
  TinyStudy files_;
};

TEST_F(SurrogateTargetsTest, EachDesignIsTheStoredOneOfTheHighestReward) {
  const auto searches = run_targets(files_.config(kStudy), options("out", 1));
  ASSERT_EQ(searches.size(), 2U * 2);
  int compared = 0;
  for (const TargetSearch& search : searches) {
    const StudyStore store = StudyStore::open(
        files_.path() / "out" / (format_number(search.target_ms) + "ms") / "study.db",
        StudyStore::Access::kRead);
    const auto highest = [&](Stage stage) {
      TrialRecord best;
      for (const TrialRecord& trial : store.trials(search.seed - 1, stage)) {
        if (!trial.evaluation.ok()) continue;
        if (!best.reward || *trial.reward > *best.reward) best = trial;
      }
      return best;
    };
    if (search.first) {
      EXPECT_EQ(search.first->predicted_ms, highest(Stage::kSearch).evaluation.costs.latency_ms);
      ++compared;
    }
    if (search.best) {
      const TrialRecord best = highest(Stage::kResimulate);
      EXPECT_EQ(search.best->simulated_ms, best.evaluation.costs.latency_ms);
      EXPECT_EQ(search.best->top1_percent, best.evaluation.accuracy.top1_percent);
      ++compared;
    }
  }
  EXPECT_GE(compared, 4);
  const std::string csv = targets_csv(searches);
  EXPECT_EQ(split(trim(without_comments(csv)), '\n').size(), searches.size() + 1);
  EXPECT_EQ(targets_csv(run_targets(files_.config(kStudy), options("two", 2))), csv);
  EXPECT_NE(targets_text(searches).find("off target [%]"), std::string::npos);
}

TEST_F(SurrogateTargetsTest, TheModelOfTheUserTakesThePlaceOfTheStudys) {
  run_targets(files_.config(kStudy), options("made", 1));
  TargetsOptions given = options("given", 1);
  given.surrogate = (files_.path() / "made" / "0.004ms" / "surrogate" / "model.h5").string();
  EXPECT_EQ(targets_csv(run_targets(files_.config(kStudy), given)),
            targets_csv(run_targets(files_.config(kStudy), options("made", 1))));
  EXPECT_FALSE(std::filesystem::exists(files_.path() / "given" / "0.004ms" / "surrogate"));
}

TEST_F(SurrogateTargetsTest, AStudyWithoutSurrogateOrTargetIsAnInputError) {
  const auto refused = [&](const std::string& changes) {
    return message_of<InputError>(
        [&] { run_targets(files_.config(changes), options("refused", 1)); });
  };
  EXPECT_NE(refused("").find("cost.model must be 'surrogate_then_simulation'"), std::string::npos);
  const std::string cost =
      "cost: {model: surrogate_then_simulation, surrogate: {labels: 100}, resimulate: 5";
  EXPECT_NE(refused(cost + "}\n").find("no target for latency_ms"), std::string::npos);
  EXPECT_NE(refused(cost + ", rounds: 2}\n").find("one round"), std::string::npos);
}

}  // namespace
}  // namespace dovetail
