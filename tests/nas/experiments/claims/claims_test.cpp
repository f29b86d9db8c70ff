#include "nas/experiments/claims/claims.h"
#include "nas/experiments/claims/claims_report.h"

#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

const std::string kStudy =
    "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
    "0.1}, reward: {kind: nahas_hard, targets: {latency_ms: 0.005, area_mm2: baseline}}}\n"
    "scope: phase\nphase: {hardware_evaluations: 20}\n"
    "network: {space: ./net.yaml, fixed: {k0: 5, e0: 4, k1: 3, e1: 4, d: 2}}\n"
    "strategy: {name: regularized_evolution, population: 10, tournament: 3}\n"
    "evaluations: 60\nseeds: [1, 2]\n";

class ClaimsTest : public testing::Test {
 protected:
  ClaimsOptions options(const std::string& folder, int workers) const {
    ClaimsOptions options;
    options.latency_targets_ms = {0.004, 0.008};
    options.folder = files_.path() / folder;
    options.workers = workers;
    return options;
  }
  TinyStudy files_;
};

TEST_F(ClaimsTest, EveryFigureIsThatOfTheStoredTrials) {
  const StudyConfig study = files_.config(kStudy);
  const std::vector<ClaimsSearch> searches = run_claims(study, options("out", 1));
  ASSERT_EQ(searches.size(), 2U * 4 * 2);
  for (const ClaimsSearch& search : searches) {
    const bool twice = search.variant == 3;
    // There are only 63 networks, and none is asked for twice.
    EXPECT_EQ(search.evaluations, twice ? 40 + 63 : 60);
    const std::string folder = format_number(search.target_ms) + "ms/" +
                               claims_variants()[search.variant].name + "/study.db";
    const StudyStore store =
        StudyStore::open(files_.path() / "out" / folder, StudyStore::Access::kRead);
    const double area = *store.description().facts.baseline_area_mm2;
    double best_top1 = 0, best_reward = -1;
    bool violates = true;
    for (const TrialRecord& trial : store.trials(search.seed - 1, Stage::kSearch)) {
      if (!trial.evaluation.ok()) continue;
      const Costs& m = trial.evaluation.costs;
      const bool holds = m.latency_ms <= search.target_ms && m.area_mm2 <= area;
      if (holds) best_top1 = std::max(best_top1, trial.evaluation.accuracy.top1_percent);
      if (*trial.reward > best_reward) {
        best_reward = *trial.reward;
        violates = !holds;
      }
    }
    EXPECT_EQ(search.top1_percent.value_or(0), best_top1);
    EXPECT_EQ(search.violates, violates);
    if (search.variant == 0 && search.latency_at_fixed_top1_ms) {
      EXPECT_GT(*search.latency_at_fixed_top1_ms, 0);
    }
  }
  EXPECT_EQ(split(trim(without_comments(claims_csv(searches))), '\n').size(), searches.size() + 1);
  EXPECT_NE(claims_text(searches).find("joint over fixed hardware"), std::string::npos);
}

TEST_F(ClaimsTest, WorkersChangeNothingAndACompleteRunIsReadAgain) {
  const StudyConfig study = files_.config(kStudy);
  const std::string one = claims_csv(run_claims(study, options("one", 1)));
  EXPECT_EQ(claims_csv(run_claims(study, options("two", 2))), one);
  EXPECT_EQ(claims_csv(run_claims(study, options("two", 2))), one);
}

TEST_F(ClaimsTest, AStoppedRunGoesOn) {
  const StudyConfig study = files_.config(kStudy);
  const std::string whole = claims_csv(run_claims(study, options("whole", 1)));
  ClaimsOptions stopping = options("stopped", 1);
  int asked = 0;
  stopping.keep_going = [&] { return ++asked <= 4; };
  EXPECT_THROW(run_claims(study, stopping), RunError);
  EXPECT_EQ(claims_csv(run_claims(study, options("stopped", 1))), whole);
}

TEST_F(ClaimsTest, AStudyThatDoesNotFitIsAnInputError) {
  const auto refused = [&](const std::string& changes) {
    return message_of<InputError>([&] { claims_study(files_.config(changes), 0, 0.1); });
  };
  EXPECT_NE(refused("").find("scope must be 'phase'"), std::string::npos);
  EXPECT_NE(refused(kStudy + "cost: {model: surrogate_then_simulation, surrogate: {labels: 100}}\n")
                .find("cost.model must be 'simulation'"),
            std::string::npos);
}

}  // namespace
}  // namespace dovetail
