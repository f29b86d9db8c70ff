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

TEST_F(TrainCommand, ResidualFormIsReadByWhateverReadsAModel) {
  const auto run = [&](const std::vector<std::string>& args) { return dovetail_.run(args); };
  std::vector<std::string> args = {"train", "-d",       "l.h5", "--form",   "residual", "-o",
                                   "r.h5",  "--epochs", "2",    "--hidden", "8"};
  ASSERT_EQ(run(args).status, 0);
  EXPECT_THAT(dovetail_.folder().read("r.h5"), testing::StartsWith("dovetail.surrogate/5 "));
  EXPECT_THAT(dovetail_.folder().read("r.report.json"), HasSubstr("\"form\": \"residual\""));
  const CommandResult validated = run({"validate", "-m", "r.h5", "-c", "40", "--worst", "1"});
  EXPECT_EQ(validated.status, 0) << validated.err;
  EXPECT_THAT(validated.out, HasSubstr("Kendall tau"));
  EXPECT_EQ(run({"train", "--propose", "3", "-m", "r.h5", "-o", "plan.csv"}).status, 0);
  const CommandResult gradient = run({"bench", "gradient", "-n", "ofa_mbv3", "--accuracy",
                                      "ofa_mbv3", "-m", "r.h5", "--targets", "0.5", "-o", "out"});
  EXPECT_EQ(gradient.status, 2);
  EXPECT_THAT(gradient.err, AllOf(HasSubstr("r.h5"), HasSubstr("residual form")));

  // The same data and options but for the form is another training.
  args[4] = "plain";
  args.push_back("--resume");
  const CommandResult plain = run(args);
  EXPECT_EQ(plain.status, 2);
  EXPECT_THAT(plain.err, HasSubstr("form \"residual\""));
  args[4] = "ratio";
  const CommandResult unknown = run(args);
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err,
              AllOf(HasSubstr("--form"), HasSubstr("plain"), HasSubstr("residual_compute")));
  args[4] = "residual";
  args.pop_back();
  args.insert(args.end(), {"-s", "nahas_s1"});
  const CommandResult space = run(args);
  EXPECT_EQ(space.status, 2);
  EXPECT_THAT(space.err, HasSubstr("is for another network space"));
}

}  // namespace
}  // namespace dovetail::test
