// Every study in configs/studies can be loaded, and the quick ones are run.
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "nas/study/study.h"
#include "tests/base/files/test_files.h"
#include "tests/nas/study/found_study.h"

namespace dovetail {
namespace {

TEST(StudyConfigs, EveryOneLoadsWithEverythingThatItNames) {
  const std::vector<std::string> names = list_configs("studies");
  ASSERT_GE(names.size(), 2u);
  for (const std::string& name : names) {
    const StudyConfig config = StudyConfig::load(resolve_config("studies", name));
    EXPECT_EQ(config.name, name);
    EXPECT_NO_THROW(StudySetup setup(config)) << name;
  }
}

class QuickStudy : public testing::TestWithParam<const char*> {};

TEST_P(QuickStudy, EndsWithFrontsOfBothKindsWithinTheConstraints) {
  const TemporaryFolder folder;
  const StudySetup setup(StudyConfig::load(resolve_config("studies", GetParam())));
  StudyOptions options;
  options.folder = folder.path() / "out";
  options.workers = 2;
  options.progress = ProgressMode::kQuiet;
  const FoundStudy outcome = run_and_report(setup, options);
  ASSERT_TRUE(outcome.complete);
  EXPECT_FALSE(outcome.results().comparisons.empty());
  for (const std::string& label : setup.labels()) {
    const auto& front = outcome.results().fronts.at(label);
    EXPECT_GT(front.size(), 3u) << label;
    for (const StoredTrial* member : front) {
      EXPECT_LE(member->record.evaluation.costs.area_mm2, setup.baseline_area_mm2());
      for (const Constraint& constraint : setup.objective().constraints) {
        EXPECT_LE(member->record.evaluation.value(*constraint.metric), constraint.limit)
            << constraint.metric->key;
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(StudyConfigs, QuickStudy, testing::Values("quick", "energy"));

}  // namespace
}  // namespace dovetail
