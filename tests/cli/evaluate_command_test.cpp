#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

class EvaluateCommandTest : public testing::Test {
 protected:
  CommandResult run(const std::string& requests, std::vector<std::string> options = {}) const {
    dovetail_.folder().write("requests.jsonl", requests);
    std::vector<std::string> args{"evaluate", "-i", "requests.jsonl"};
    args.insert(args.end(), options.begin(), options.end());
    return dovetail_.run(args);
  }

  CommandRunner dovetail_;
  const std::string pair_ = R"({"network": "mobilenet_v3_small", "accelerator": "nahas_baseline"})";
};

TEST_F(EvaluateCommandTest, AnswersEachLineAlsoTheLastWithoutAnEnd) {
  const CommandResult result = run("\n" + pair_ + "\n\n  \nno JSON\n" + pair_, {"-w", "1"});
  EXPECT_EQ(result.status, 0) << result.err;
  std::vector<std::string> lines;
  std::istringstream out(result.out);
  for (std::string line; std::getline(out, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(Json::parse(lines[0]).at("status"), "ok");
  EXPECT_THAT(lines[1], HasSubstr("line 5: this is no JSON"));
  EXPECT_EQ(lines[2], lines[0]);
}

TEST_F(EvaluateCommandTest, DefaultsOfTheCommandLineHoldForRequestsThatSayNothing) {
  const CommandResult result =
      run(pair_ + "\n", {"--accuracy", "{source: published}", "--technology", "7nm"});
  const Json with = Json::parse(result.out);
  EXPECT_GT(with.at("figures").at("top1_percent"), 50);
  const Json without = Json::parse(run(pair_ + "\n").out);
  EXPECT_LT(with.at("figures").at("area_mm2"), without.at("figures").at("area_mm2"));
  dovetail_.folder().write("accuracy.yaml", "source: published\n");
  EXPECT_EQ(run(pair_ + "\n", {"--accuracy", "accuracy.yaml", "--technology", "7nm"}).out,
            result.out);
}

TEST_F(EvaluateCommandTest, WhoAsksOneAndWaitsHasItsAnswer) {
  dovetail_.folder().write("ask.sh", "mkfifo in out\n" DOVETAIL_BINARY
                                     " evaluate < in > out &\n"
                                     "exec 3> in 4< out\n"
                                     "for i in 1 2 3; do\n"
                                     "  echo \"{\\\"id\\\": $i, \\\"accelerator\\\": "
                                     "\\\"nahas_baseline\\\"}\" >&3\n"
                                     "  read answer <&4\n"
                                     "  echo \"$answer\"\n"
                                     "done\n"
                                     "exec 3>&-\nwait $!\necho status $?\n");
  const std::string command =
      "cd " + dovetail_.folder().path().string() + " && timeout 60 sh ask.sh > printed.txt";
  EXPECT_EQ(std::system(command.c_str()), 0);
  const std::string printed = dovetail_.folder().read("printed.txt");
  EXPECT_THAT(printed, HasSubstr("{\"id\":3,\"status\":\"ok\""));
  EXPECT_THAT(printed, HasSubstr("status 0"));
}

TEST_F(EvaluateCommandTest, ALineWithoutEndIsRefusedAndTheNextAnswered) {
  const CommandResult result = run("{\"id\": \"" + std::string(20'000'000, 'x') + "\"}\n" + pair_);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("line 1: this is no JSON"));
  EXPECT_THAT(result.out, HasSubstr("\"status\":\"ok\""));
}

TEST_F(EvaluateCommandTest, WhatIsNotThereIsAnInputError) {
  EXPECT_EQ(dovetail_.run({"evaluate", "-i", "none.jsonl"}).status, 2);
  EXPECT_EQ(run(pair_, {"--accuracy", "none.yaml"}).status, 2);
}

}  // namespace
}  // namespace dovetail::test
