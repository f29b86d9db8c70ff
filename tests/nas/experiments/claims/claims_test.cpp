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

/// Of the tiny study remains the constraint on area.
const std::string kStudyWithAreaLimit =
    "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
    "0.1}, reward: {kind: nahas_hard, targets: {latency_ms: 0.005, area_mm2: baseline}}}\n"
    "scope: phase\nphase: {hardware_evaluations: 20}\n"
    "network: {space: ./net.yaml, fixed: {k0: 5, e0: 4, k1: 3, e1: 4, d: 2}}\n"
    "strategy: {name: regularized_evolution, population: 10, tournament: 3}\n"
    "evaluations: 60\nseeds: [1, 2]\n";
const std::string kStudy = kStudyWithAreaLimit + "constraints: {energy_mj: 1000}\n";

class ClaimsTest : public testing::Test {
 protected:
  ClaimsOptions options(const std::string& folder, int workers) const {
    ClaimsOptions options;
    options.latency_targets_ms = {0.004};
    options.folder = files_.path() / folder;
    options.workers = workers;
    return options;
  }
  TinyStudy files_;
};

TEST_F(ClaimsTest, EveryFigureIsThatOfTheStoredTrials) {
  const StudyConfig study = files_.config(kStudy);
  const ClaimsResults results = run_claims(study, options("out", 1));
  ASSERT_EQ(results.searches.size(), claims_variants().size() * 2);
  for (const ClaimsSearch& search : results.searches) {
    const std::string folder =
        format_number(search.target_ms) + "ms/" + claims_variant(search.variant).name + "/study.db";
    const StudyStore store =
        StudyStore::open(files_.path() / "out" / folder, StudyStore::Access::kRead);
    const double area = *store.description().facts.baseline_area_mm2;
    EXPECT_EQ(area, results.baseline_area_mm2);
    double best_top1 = 0, best_reward = -1;
    bool misses_latency = true, misses_area = true;
    std::int64_t evaluations = 0;
    for (const TrialRecord& trial : store.trials(search.seed - 1, Stage::kSearch)) {
      ++evaluations;
      if (!trial.evaluation.ok()) continue;
      const Costs& m = trial.evaluation.costs;
      const bool holds = m.latency_ms <= search.target_ms && m.area_mm2 <= area;
      if (holds) best_top1 = std::max(best_top1, trial.evaluation.accuracy.top1_percent);
      if (*trial.reward > best_reward) {
        best_reward = *trial.reward;
        misses_latency = m.latency_ms > search.target_ms;
        misses_area = m.area_mm2 > area;
      }
    }
    EXPECT_EQ(search.evaluations, evaluations);
    EXPECT_EQ(search.best ? search.best->top1_percent : 0, best_top1);
    EXPECT_EQ(search.misses_latency, misses_latency);
    EXPECT_EQ(search.misses_area, misses_area);
    if (!search.best) continue;
    ASSERT_EQ(search.best->hardware.size(), results.parameters.size());
    EXPECT_GT(search.best->peak_tops, 0);
    EXPECT_LE(search.best->area_mm2, area);
  }
  EXPECT_EQ(split(trim(without_comments(claims_csv(results))), '\n').size(),
            results.searches.size() + 1);
  EXPECT_NE(claims_text(results).find("joint over fixed hardware"), std::string::npos);
}

TEST_F(ClaimsTest, EachVariantIsWhatItIsCalled) {
  const StudyConfig study = files_.config(kStudy);
  using enum ClaimsVariant;
  const auto of = [&](ClaimsVariant variant) { return claims_study(study, variant, 0.004); };
  EXPECT_EQ(of(kJoint).scope, Scope::kJoint);
  EXPECT_EQ(of(kJoint).constraints.size(), 1U);
  ASSERT_EQ(of(kJointLimited).constraints.size(), 2U);
  EXPECT_FALSE(of(kJointLimited).constraints[1].value.has_value());
  EXPECT_EQ(of(kFixedHardware).scope, Scope::kNetwork);
  EXPECT_EQ(of(kPhase).planned_phases().size(), 2U);
  EXPECT_EQ(of(kPhase).phase->hardware_reward, nullptr);
  EXPECT_EQ(of(kPhaseSoft).phase->hardware_reward, &find_reward_kind("nahas_soft"));
  EXPECT_EQ(of(kPhaseTwice).evaluations, 2 * study.evaluations);
  EXPECT_EQ(of(kPhaseCycles).planned_phases().size(), 6U);
  EXPECT_EQ(of(kTwoStage).planned_phases()[0].scope, Scope::kNetwork);
  for (const ClaimsVariantInfo& info : claims_variants()) {
    const StudyConfig config = of(info.variant);
    EXPECT_EQ(config.reward->terms[0].target.value, 0.004);
    EXPECT_EQ(StudyConfig::from_yaml(YamlNode::parse(config.to_yaml(), "e"), "/").to_yaml(),
              config.to_yaml());
  }
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
    return message_of<InputError>(
        [&] { claims_study(files_.config(changes), ClaimsVariant::kJoint, 0.1); });
  };
  EXPECT_NE(refused("").find("scope must be 'phase'"), std::string::npos);
  EXPECT_NE(refused(kStudy + "cost: {model: surrogate_then_simulation, surrogate: {labels: 100}}\n")
                .find("cost.model must be 'simulation'"),
            std::string::npos);
  EXPECT_NE(refused(kStudyWithAreaLimit).find("leave it to them"), std::string::npos);
}

}  // namespace
}  // namespace dovetail
