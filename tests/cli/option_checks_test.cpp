// What holds for the options of all commands: numbers, texts, and files that are inputs or outputs.
#include "cli/option_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OptionChecksTest : public testing::Test {
 protected:
  void expect_refused(const std::vector<std::string>& words, const std::string& says) const {
    const CommandResult result = command_.run(words);
    EXPECT_EQ(result.status, 2) << testing::PrintToString(words) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr(says)) << testing::PrintToString(words);
  }
  void expect_done(const std::vector<std::string>& words) const {
    const CommandResult result = command_.run(words);
    EXPECT_EQ(result.status, 0) << testing::PrintToString(words) << result.err;
  }
  std::string read(const std::string& name) const { return command_.folder().read(name); }
  void label(const std::string& file, const std::string& seed = "0") const {
    expect_done({"-q", "label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "80", "--seed",
                 seed, "-o", file});
  }

  const CommandRunner command_;
  const TinyStudy files_{command_.folder()};
};

TEST_F(OptionChecksTest, ANumberIsDecimalFiniteAndFits) {
  const auto with_seed = [](const std::string& seed) {
    return std::vector<std::string>{"label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c",
                                    "5",     "-o", "x.h5",       "--seed",     seed};
  };
  for (const char* seed :
       {"-1", "18446744073709551616", "010", "0x10", "", " 1", "1.0", "+1", "1e3"}) {
    expect_refused(with_seed(seed), "--seed: found '" + std::string(seed) + "', allowed a whole");
  }
  expect_done(with_seed("18446744073709551615"));
  expect_refused({"train", "-d", "x.h5", "-o", "m.h5", "--epochs", "-1"}, "found '-1', allowed a");
  for (const char* number : {"nan", "inf", "-inf", "", "1,5", "0x1p3", "1e999"}) {
    for (const char* option : {"--checkpoint-seconds", "--dropout", "--learning-rate"}) {
      expect_refused({"train", "-d", "x.h5", "-o", "m.h5", option, number},
                     std::string("found '") + number + "', allowed a number");
    }
  }
  expect_refused({"label", "-s", "", "-c", "5", "-o", "x.h5"}, "--space: found an empty text");
  expect_refused({"label", "-s", "./net.yaml", "-c", "5", "-o", ""}, "--output: found an empty");
}

TEST_F(OptionChecksTest, SeedsOfTheCommandLineAreThoseOfAFile) {
  expect_refused({"search", "./study.yaml", "--seed", "1,1"}, "found seed 1 twice");
  expect_refused({"search", "./study.yaml", "--seed", "9223372036854775808"}, "not in range");
  expect_done({"-q", "search", "./study.yaml", "-o", "out", "--seed", "9223372036854775807,0"});
  expect_done({"-q", "study", "export", "out", "-t", "1", "-o", "pair"});
}

TEST_F(OptionChecksTest, AListHasNoEmptyElement) {
  for (const char* list : {"1,,2", "1,", ",1", ","}) {
    const std::string says = std::string("found '") + list + "', allowed a list without empty";
    expect_refused({"search", "./study.yaml", "--seed", list}, "--seed: " + says);
    expect_refused({"search", "./study.yaml", std::string("--seed=") + list}, "--seed: " + says);
    expect_refused({"train", "-d", "x.h5", "-o", "m.h5", "--hidden", list}, "--hidden: " + says);
    expect_refused({"study", "compare", "out", "--run", list}, "--run: " + says);
  }
  // A comma in what is no list is a comma.
  expect_refused({"simulate", "-n", "./no,,such.yaml", "-a", "nahas_baseline"}, "no,,such.yaml");
}

TEST_F(OptionChecksTest, AStudyTakesMoreEvaluationsAndSeeds) {
  expect_done({"-q", "search", "./study.yaml", "-o", "grown", "-e", "20"});
  expect_done(
      {"-q", "search", "./study.yaml", "-o", "grown", "--resume", "-e", "40", "--seed", "1,3"});
  expect_done({"-q", "search", "./study.yaml", "-o", "whole", "-e", "40", "--seed", "1,3"});
  EXPECT_EQ(read("grown/pareto.csv"), read("whole/pareto.csv"));
  EXPECT_EQ(read("grown/study.db"), read("whole/study.db"));
  expect_refused({"search", "./study.yaml", "-o", "grown", "--resume", "-e", "39", "--seed", "1,3"},
                 "found 39 evaluations, begun with 40");
}

TEST_F(OptionChecksTest, AnOutputIsNoInput) {
  label("d.h5");
  expect_done({"-q", "search", "./study.yaml", "-o", "out"});
  command_.folder().write("a.yaml",
                          "schema: dovetail.network/1\nname: a\ninput: {height: 8, "
                          "width: 8, channels: 3}\nblocks:\n  - conv k=3 c=8 act=relu\n");
  fs::create_symlink("a.yaml", files_.path() / "link.yaml");
  const std::vector<std::vector<std::string>> commands{
      {"export", "-n", "./a.yaml", "--onnx", "a.yaml"},
      {"export", "-n", "./a.yaml", "--onnx", "link.yaml"},
      {"export", "-n", "./link.yaml", "--onnx", "a.yaml"},
      {"simulate", "-n", "./a.yaml", "-a", "nahas_baseline", "--json", "a.yaml"},
      {"label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "5", "-o", "hw.yaml"},
      {"train", "-d", "d.h5", "--epochs", "1", "-o", "d.h5"},
      {"dataset", "merge", "d.h5", "-o", "./d.h5"},
      {"dataset", "export-csv", "d.h5", "-o", "d.h5"},
      {"study", "export", "out", "--csv", "out/study.db"},
      {"study", "best", "out/study.db", "--csv", "out/study.db"},
      {"study", "best", "out", "--csv", "out/study.db-wal"},
      {"study", "best", "out/study.db", "--csv", "out/study.db-journal"},
      {"study", "export", "out", "--csv", "out/.lock"},
      {"study", "show", "out", "--json", "out/timings.csv"},
      {"fit-accuracy", "--space", "./net.yaml", "--data", "predictor.json", "-o", "predictor.json"},
      {"plot", "pareto", "out/pareto.csv", "-o", "out/pareto.csv"}};
  for (const auto& words : commands) {
    const std::string before = read("a.yaml") + read("hw.yaml") + read("d.h5") +
                               read("out/study.db") + read("out/timings.csv") +
                               read("predictor.json") + read("out/pareto.csv");
    expect_refused(words, "is read by this command");
    EXPECT_EQ(before, read("a.yaml") + read("hw.yaml") + read("d.h5") + read("out/study.db") +
                          read("out/timings.csv") + read("predictor.json") + read("out/pareto.csv"))
        << testing::PrintToString(words);
  }
}

TEST_F(OptionChecksTest, WhatAnInputNamesIsAnInput) {
  command_.folder().write("pareto.csv", read("predictor.json"));
  files_.write_study("accuracy: {source: predictor, file: ./pareto.csv}\n");
  expect_refused({"-q", "search", "./study.yaml", "-o", "."}, "is read by this command");
  EXPECT_EQ(read("pareto.csv"), read("predictor.json"));
}

TEST_F(OptionChecksTest, ATrainingDoesNotRemoveItsData) {
  label("q.checkpoint.h5");
  const std::string data = read("q.checkpoint.h5");
  expect_refused({"train", "-d", "q.checkpoint.h5", "--epochs", "1", "-o", "q.h5"},
                 "is read by this command");
  EXPECT_EQ(read("q.checkpoint.h5"), data);
}

TEST_F(OptionChecksTest, TwoOutputsHaveTwoNames) {
  label("d.h5");
  expect_refused(
      {"simulate", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--json", "x", "--csv", "./x"},
      "is written as");
  expect_refused({"dataset", "split", "d.h5", "-o", "a.h5", "./a.h5"}, "is written as");
  expect_done({"-q", "simulate", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--json",
               "/dev/null", "--csv", "/dev/null"});
  command_.folder().write(
      "p.yaml",
      "schema: dovetail.network/1\nname: pareto\ninput: {height: 8, width: 8, channels: "
      "3}\nblocks:\n  - conv k=3 c=8 act=relu\n");
  expect_refused({"explore", "-n", "./p.yaml", "-s", "./hw.yaml", "-o", "e"},
                 "is written as a table of all networks and as network 'pareto'");
}

TEST_F(OptionChecksTest, AnAnswerThatDoesNotArriveIsAnError) {
  expect_done({"-q", "search", "./study.yaml", "-o", "out"});
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"study", "best", "out"},
        {"study", "show", "out"},
        {"list", "networks"},
        {"area", "-a", "nahas_baseline"},
        {"--version"},
        {"search", "--help"},
        {"simulate", "-n", "mobilenet_v2", "-a", "nahas_baseline"}}) {
    const CommandResult result = command_.run(words, {"sh", "-c", "exec \"$@\" > /dev/full", "sh"});
    EXPECT_EQ(result.status, 1) << testing::PrintToString(words);
    EXPECT_THAT(result.err, HasSubstr("cannot write"));
  }
}

}  // namespace
}  // namespace dovetail::test
