// dovetail dataset and compare-surrogates as a user meets them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/text.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::HasSubstr;

void expect_input_error(const CommandResult& result, const std::vector<std::string>& says) {
  EXPECT_EQ(result.status, 2) << result.out << result.err;
  EXPECT_EQ(result.out, "");
  for (const std::string& words : says) EXPECT_THAT(result.err, HasSubstr(words));
}

void expect_success(const CommandResult& result, const std::vector<std::string>& says) {
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  for (const std::string& words : says) EXPECT_THAT(result.out, HasSubstr(words));
}

class DatasetCommands : public testing::Test {
 protected:
  void label(const std::string& file, const std::string& seed, const std::string& count,
             const std::string& space = "ofa_mbv3") const {
    const CommandResult result = dovetail_.run(
        {"label", "-q", "-s", space, "-c", count, "--seed", seed, "-w", "1", "-o", file});
    ASSERT_EQ(result.status, 0) << result.err;
  }

  CommandRunner dovetail_;
};

TEST_F(DatasetCommands, InfoSplitMergeAndExport) {
  label("a.h5", "1", "60");
  label("b.h5", "2", "40");
  expect_success(dovetail_.run({"dataset", "info", "a.h5", "b.h5"}),
                 {"dovetail.dataset/", "verified", "ofa_mbv3", "nahas_edge", "row i is its pair i",
                  "60 (60 distinct pairs)", "latency_ms", "mm2", "mJ"});
  expect_success(dovetail_.run({"dataset", "merge", "a.h5", "b.h5", "-o", "all.h5"}), {"100 rows"});
  expect_success(dovetail_.run({"dataset", "info", "all.h5"}), {"row 60 is not its pair 60"});
  for (const char* names : {"x y z", "p q r"}) {
    const auto out = split(names, ' ');
    expect_success(dovetail_.run({"dataset", "split", "all.h5", "-f", "0.7,0.2", "--seed", "4",
                                  "-o", out[0], out[1], out[2]}),
                   {"70 rows", "20 rows", "10 rows"});
  }
  EXPECT_EQ(dovetail_.folder().read("x"), dovetail_.folder().read("p"));
  EXPECT_EQ(dovetail_.folder().read("z"), dovetail_.folder().read("r"));
  expect_success(dovetail_.run({"dataset", "merge", "x", "y", "z", "-o", "again.h5"}),
                 {"100 rows"});
  expect_success(dovetail_.run({"dataset", "export-csv", "z", "-o", "z.csv"}), {"10 rows"});
  EXPECT_THAT(dovetail_.folder().read("z.csv"), HasSubstr("\nnetwork.ks0,"));
  EXPECT_EQ(dovetail_.folder().count(), 11U);  // and nothing half-written
}

TEST_F(DatasetCommands, WhatIsListedIsLabelled) {
  label("a.h5", "1", "20");
  expect_success(dovetail_.run({"dataset", "export-csv", "a.h5", "-o", "a.csv"}), {"20 rows"});
  expect_success(
      dovetail_.run({"label", "-s", "ofa_mbv3", "--pairs", "a.csv", "-w", "1", "-o", "b.h5"}),
      {"b.h5: 20 pairs"});
  expect_success(dovetail_.run({"dataset", "export-csv", "b.h5", "-o", "b.csv"}), {"20 rows"});
  const auto rows = [&](const std::string& file) {
    const std::string text = dovetail_.folder().read(file);
    return text.substr(text.find("\nnetwork."));
  };
  EXPECT_EQ(rows("a.csv"), rows("b.csv"));
  const std::string kept = dovetail_.folder().read("a.csv");
  for (const auto& [words, says] :
       std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>{
           {{"--pairs", "a.csv", "-c", "5", "-o", "c.h5"}, {"--pairs", "--count"}},
           {{"--pairs", "a.csv", "--seed", "5", "-o", "c.h5"}, {"--pairs", "--seed"}},
           {{"-o", "c.h5"}, {"--count", "--pairs"}},
           {{"--pairs", "none.csv", "-o", "c.h5"}, {"none.csv"}},
           {{"--pairs", "a.csv", "--hardware", "edge_fine", "-o", "c.h5"},
            {"a.csv:", "local_memory_mib: found"}},
           {{"--pairs", "a.csv", "-o", "a.csv"}, {"a.csv"}}}) {
    std::vector<std::string> args = {"label", "-s", "ofa_mbv3", "-w", "1"};
    args.insert(args.end(), words.begin(), words.end());
    expect_input_error(dovetail_.run(args), says);
  }
  EXPECT_EQ(dovetail_.folder().read("a.csv"), kept);
  dovetail_.folder().write("bad.csv", kept + "5,5\n");
  expect_input_error(
      dovetail_.run({"label", "-s", "ofa_mbv3", "--pairs", "bad.csv", "-w", "1", "-o", "c.h5"}),
      {"bad.csv:", "2 cells"});
}

TEST_F(DatasetCommands, BadInputIsRefusedAndNothingWritten) {
  label("a.h5", "1", "30");
  label("s1.h5", "2", "5", "nahas_s1");
  label("b.h5", "1", "10");
  const std::string bytes = dovetail_.folder().read("a.h5");
  dovetail_.folder().write("cut.h5", bytes.substr(0, bytes.size() - 1000));
  for (const std::vector<std::string>& command : {std::vector<std::string>{"info", "cut.h5"},
                                                  {"merge", "a.h5", "cut.h5", "-o", "m.h5"},
                                                  {"split", "cut.h5", "-o", "m.h5", "n.h5"},
                                                  {"export-csv", "cut.h5", "-o", "m.h5"}}) {
    std::vector<std::string> args = {"dataset"};
    args.insert(args.end(), command.begin(), command.end());
    expect_input_error(dovetail_.run(args), {"cut.h5", "truncated"});
  }
  expect_input_error(dovetail_.run({"dataset", "merge", "a.h5", "s1.h5", "-o", "m.h5"}),
                     {"s1.h5", "a.h5", "network space is 'nahas_s1'", "ofa_mbv3"});
  expect_input_error(dovetail_.run({"dataset", "merge", "a.h5", "b.h5", "-o", "m.h5"}),
                     {"b.h5", "seed 1"});
  expect_input_error(dovetail_.run({"dataset", "split", "a.h5", "-o", "m.h5"}), {"allowed 2"});
  expect_input_error(dovetail_.run({"dataset", "split", "a.h5", "-o", "m.h5", "./m.h5"}), {"m.h5"});
  expect_input_error(
      dovetail_.run({"dataset", "split", "a.h5", "-f", "0.001", "-o", "m.h5", "n.h5"}),
      {"part 1 without a row"});
  expect_input_error(dovetail_.run({"dataset", "export-csv", "a.h5", "-o", "a.h5"}), {"a.h5"});
  EXPECT_EQ(dovetail_.folder().read("a.h5"), bytes);
  EXPECT_EQ(dovetail_.folder().count(), 4U);
}

TEST_F(DatasetCommands, CompareSurrogatesPrintsWritesAndDraws) {
  label("a.h5", "1", "400");
  expect_success(
      dovetail_.run({"compare-surrogates", "-d", "a.h5", "--labels", "100,300", "--models",
                     "roofline,lookup_table,log_linear", "--plot", "curve.svg"}),
      {"held-out", "latency MAPE %", "tau", "us/prediction", "log_linear", "curve.csv"});
  EXPECT_THAT(dovetail_.folder().read("curve.svg"), HasSubstr("held-out MAPE [%]"));
  expect_success(dovetail_.run({"plot", "learning_curve", "curve.csv", "-o", "again.svg"}),
                 {"again.svg"});
  EXPECT_EQ(dovetail_.folder().read("curve.svg"), dovetail_.folder().read("again.svg"));
  expect_input_error(dovetail_.run({"compare-surrogates", "-d", "a.h5", "--labels", "361"}),
                     {"361", "360"});
  expect_input_error(dovetail_.run({"compare-surrogates", "-d", "a.h5", "-s", "nahas_s1"}),
                     {"a.h5", "another network space"});
  expect_input_error(dovetail_.run({"compare-surrogates", "-d", "a.h5", "--models", "mpl"}),
                     {"mlp"});
}

}  // namespace
}  // namespace dovetail::test
