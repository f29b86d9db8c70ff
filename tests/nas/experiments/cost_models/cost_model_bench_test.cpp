#include "nas/experiments/cost_models/cost_model_report.h"

#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "nas/analysis/fronts.h"
#include "nas/analysis/stored_study.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

const std::string kStudy =
    "cost: {model: surrogate_then_simulation, surrogate: {labels: 100, epochs: 4}, resimulate: "
    "20}\nevaluations: 64\nseeds: [1, 2]\n";

class CostModelBenchTest : public testing::Test {
 protected:
  CostModelBenchOptions options(const std::string& folder) const {
    CostModelBenchOptions options;
    options.models = {"simulation", "roofline", "lookup_table", "log_linear", "mlp"};
    options.folder = files_.path() / folder;
    return options;
  }
  TinyStudy files_;
};

TEST_F(CostModelBenchTest, EveryFigureIsThatOfTheStoredStudy) {
  const StudyConfig study = files_.config(kStudy);
  const auto searches = run_cost_model_bench(study, options("out"));
  ASSERT_EQ(searches.size(), 10U);
  for (const CostModelSearch& search : searches) {
    const StoredStudy stored = StoredStudy::load(files_.path() / "out" / search.model /
                                                 ("seed" + std::to_string(search.seed)));
    const TrialList front = front_of(stored.objective, final_of(stored, stored.all_trials()));
    EXPECT_EQ(search.hypervolume, hypervolume_of(stored.objective, front)) << search.model;
    EXPECT_GT(search.seconds, 0);
    EXPECT_EQ(search.asked, 64);
    if (search.model == "simulation") {
      EXPECT_EQ(search.simulated, 64);
      EXPECT_FALSE(search.latency_error_percent.has_value());
    } else {
      EXPECT_LE(search.simulated, 120);
      EXPECT_GT(*search.latency_error_percent, 0);
    }
  }
  EXPECT_NE(cost_models_text(searches).find("lookup_table"), std::string::npos);
}

TEST_F(CostModelBenchTest, ACompleteRunIsReadAgainAndAnIncompleteOneBegunAnew) {
  const StudyConfig study = files_.config(kStudy);
  const std::string first = cost_models_csv(run_cost_model_bench(study, options("out")));
  EXPECT_EQ(cost_models_csv(run_cost_model_bench(study, options("out"))), first);

  std::filesystem::remove(files_.path() / "out" / "log_linear" / "seed2" / "wall_seconds");
  const auto again = run_cost_model_bench(study, options("out"));
  CostModelBenchOptions stopped = options("stopped");
  int asked = 0;
  stopped.keep_going = [&] { return ++asked < 20; };
  EXPECT_THROW(run_cost_model_bench(study, stopped), RunError);
  const auto whole = run_cost_model_bench(study, options("stopped"));
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].hypervolume, whole[i].hypervolume);
  }
}

TEST_F(CostModelBenchTest, AStudyThatDoesNotFitIsAnInputError) {
  const auto refused = [&](const std::string& changes) {
    return message_of<InputError>(
        [&] { with_cost_model(files_.config(changes), "simulation", 0); });
  };
  EXPECT_NE(refused("").find("surrogate.labels"), std::string::npos);
  EXPECT_NE(refused(kStudy + "comparison: fixed_hardware\n").find("'comparison' must be none"),
            std::string::npos);
}

}  // namespace
}  // namespace dovetail
