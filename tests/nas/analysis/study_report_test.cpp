#include "nas/analysis/study_report.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/nas/study/found_study.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StudyReport, SaysOfWhichParametersTheWholeJointFrontIsAtABound) {
  const TinyStudy files;
  const StudySetup setup(files.config("comparison: fixed_hardware\n"));
  StudyOptions options;
  options.folder = files.path() / "out";
  options.progress = ProgressMode::kQuiet;
  const FoundStudy found = run_and_report(setup, options);
  const std::string text = results_text(setup, found.results());
  const TrialList& front = found.results().fronts.at("joint");
  const DesignSpace& space = *setup.hardware().space;
  std::size_t at_bounds = 0;
  for (std::size_t d = 0; d < space.decisions().size(); ++d) {
    std::set<std::size_t> choices;
    for (const StoredTrial* trial : front) {
      choices.insert(setup.space("joint").decode(trial->record.choices).hardware[d]);
    }
    const Decision& decision = space.decisions()[d];
    const std::size_t last = decision.choices.size() - 1;
    const bool smallest = choices == std::set<std::size_t>{0};
    const bool largest = choices == std::set<std::size_t>{last};
    EXPECT_EQ(
        testing::Value(text, HasSubstr(fmt::format("of the joint front {} the {} {} ({})",
                                                   front.size() == 1 ? "has" : "have",
                                                   smallest ? "smallest" : "largest", decision.name,
                                                   decision.choices[smallest ? 0 : last]))),
        smallest || largest)
        << decision.name;
    at_bounds += smallest || largest;
  }
  EXPECT_GE(at_bounds, 1U);
  // What does not decide the hardware has not chosen it.
  EXPECT_THAT(text, Not(HasSubstr("the fixed_hardware front")));
}

}  // namespace
}  // namespace dovetail
