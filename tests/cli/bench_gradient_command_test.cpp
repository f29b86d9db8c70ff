// What a user meets at the command line: bench gradient and bench lambda.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/text.h"
#include "tests/base/files/test_files.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BenchGradientCommandTest : public testing::Test {
 protected:
  CommandResult bench(const std::string& name, std::vector<std::string> more) const {
    std::vector<std::string> arguments{"bench",   name,  "--targets", "0.5", "--seeds", "2",
                                       "--pairs", "500", "--steps",   "40",  "-o",      "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return dovetail_.run(arguments);
  }
  CommandRunner dovetail_;
};

TEST_F(BenchGradientCommandTest, FormulationsStandBesideRandomPairs) {
  const std::vector<std::string> small{
      "--relaxations", "softmax,ste", "--random-pairs", "20", "--samples", "3"};
  const CommandResult result = bench("gradient", small);
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("random"), HasSubstr("softmax"), HasSubstr("ste"),
                                HasSubstr("mean error")));
  const std::string csv = dovetail_.folder().read("out/gradient.csv");
  // A row for each of three kinds of search and two seeds, below the header.
  EXPECT_EQ(split(trim(without_comments(csv)), '\n').size(), 1U + 3 * 2);
}

TEST_F(BenchGradientCommandTest, LambdaIsTunedAndShortSearchesAreJudged) {
  const CommandResult result =
      bench("lambda", {"--budget", "6", "--grid", "5", "--short-steps", "10"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("mfbo"), HasSubstr("bisect"), HasSubstr("over-")));
  const std::string csv = dovetail_.folder().read("out/lambda_lengths.csv");
  EXPECT_EQ(split(trim(without_comments(csv)), '\n').size(), 1U + 2);
}

TEST_F(BenchGradientCommandTest, WhatIsWrongIsNamed) {
  const CommandResult relaxation = bench("gradient", {"--relaxations", "darts"});
  EXPECT_EQ(relaxation.status, 2);
  EXPECT_THAT(relaxation.err, AllOf(HasSubstr("darts"), HasSubstr("softmax")));
  const CommandResult lambdas =
      bench("lambda", {"--smallest-lambda", "5", "--largest-lambda", "1"});
  EXPECT_EQ(lambdas.status, 2);
  EXPECT_THAT(lambdas.err, HasSubstr("--smallest-lambda"));
  const CommandResult area = bench("gradient", {"--max-area", "0.5"});
  EXPECT_EQ(area.status, 2);
  EXPECT_THAT(area.err, HasSubstr("the smallest has"));
}

}  // namespace
}  // namespace dovetail::test
