// dovetail train as a user meets it, also when it is stopped or killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class TrainCommand : public testing::Test {
 protected:
  void SetUp() override {
    const CommandResult result =
        dovetail_.run({"label", "-q", "-s", "ofa_mbv3", "-c", "600", "-o", "l.h5"});
    ASSERT_EQ(result.status, 0) << result.err;
  }

  std::vector<std::string> train(const std::string& model, bool resume = false) const {
    std::vector<std::string> args = {"train",    "-d",  "l.h5",     "-o", model,
                                     "--epochs", "300", "--hidden", "64", "--checkpoint-seconds",
                                     "0.05"};
    if (resume) args.push_back("--resume");
    return args;
  }

  /// Starts a training and sends the signal once it has a checkpoint. On a busy machine the
  /// training may be over before the signal comes; then again.
  CommandResult interrupt(int signal) const {
    for (;;) {
      const pid_t pid = dovetail_.start(train("m.h5"));
      while (!fs::exists(dovetail_.path("m.checkpoint.h5")) &&
             !fs::exists(dovetail_.path("m.h5"))) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      ::kill(pid, signal);
      const CommandResult result = dovetail_.finish(pid);
      if (result.status != 0) return result;
      fs::remove(dovetail_.path("m.h5"));
    }
  }

  CommandRunner dovetail_;
};

TEST_F(TrainCommand, KilledOrInterruptedGoesOnToTheSameModel) {
  ASSERT_EQ(dovetail_.run(train("whole.h5")).status, 0);
  EXPECT_EQ(interrupt(SIGKILL).status, -SIGKILL);
  EXPECT_FALSE(fs::exists(dovetail_.path("m.h5")));
  ASSERT_EQ(dovetail_.run(train("m.h5", true)).status, 0);
  EXPECT_EQ(dovetail_.folder().read("m.h5"), dovetail_.folder().read("whole.h5"));

  fs::remove(dovetail_.path("m.h5"));
  const CommandResult stopped = interrupt(SIGINT);
  EXPECT_EQ(stopped.status, 1);
  EXPECT_THAT(stopped.err, AllOf(HasSubstr("m.checkpoint.h5"), HasSubstr("--resume")));
  ASSERT_EQ(dovetail_.run(train("m.h5", true)).status, 0);
  EXPECT_EQ(dovetail_.folder().read("m.h5"), dovetail_.folder().read("whole.h5"));
  EXPECT_FALSE(fs::exists(dovetail_.path("m.checkpoint.h5")));

  const CommandResult again = dovetail_.run(train("m.h5", true));
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("is trained already"));
  std::vector<std::string> other = train("m.h5", true);
  other[6] = "301";
  const CommandResult refused = dovetail_.run(other);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("epochs 300, now 301"));
}

}  // namespace
}  // namespace dovetail::test
