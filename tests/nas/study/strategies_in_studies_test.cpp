// Every strategy in a real study: neither the number of workers nor the process changes a byte.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

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

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const StrategyInfo& info : strategies()) names.push_back(info.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Table, StrategyInStudy, testing::ValuesIn(names()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace dovetail
