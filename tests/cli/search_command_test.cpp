// What a user meets at the command line: search, resume, Ctrl-C, export, plot.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/files/atomic_file.h"
#include "base/text/digits.h"
#include "base/text/text.h"
#include "nas/study/study_store.h"
#include "tests/base/text/csv_rows.h"
#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

class SearchCommandTest : public testing::Test {
 protected:
  test::CommandResult dovetail(const std::vector<std::string>& args) const {
    return command_.run(args);
  }

  /// Trials stored so far; 0 if the study is not there yet.
  std::int64_t stored(const std::string& folder) const {
    const fs::path file = files_.path() / folder / "study.db";
    return fs::exists(file) ? StudyStore::open(file, StudyStore::Access::kRead).count() : 0;
  }

  const test::CommandRunner command_;
  const TinyStudy files_{command_.folder()};
};

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
  }
}

TEST_F(SearchCommandTest, EndsWithTablesAndTheNamesOfTheFiles) {
  files_.write_study("comparison: fixed_hardware\nseeds: [1, 2]\n");
  const test::CommandResult result = dovetail({"search", "./study.yaml", "-o", "found", "-w", "2"});
  ASSERT_EQ(result.status, 0) << result.err;
  expect_parts(result.out,
               {"Best pairs", "joint", "fixed_hardware", "PEs", "hypervolume", "over 2 seeds",
                "Joint against fixed hardware", "found/pareto.csv", "found/study.db"});
  EXPECT_EQ(stored("found"), 2 * (96 + 63));

  const test::CommandResult again = dovetail({"search", "./study.yaml", "-o", "found"});
  EXPECT_EQ(again.status, 2);
  expect_parts(again.err, {"holds a study already", "--resume"});
  const test::CommandResult resumed =
      dovetail({"search", "./study.yaml", "-o", "found", "--resume"});
  EXPECT_EQ(resumed.status, 0);
  EXPECT_EQ(resumed.out, result.out);
}

TEST_F(SearchCommandTest, QuietPrintsNothing) {
  const test::CommandResult result = dovetail({"-q", "search", "./study.yaml"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out + result.err, "");
  EXPECT_TRUE(fs::exists(files_.path() / "out/tiny/pareto.csv"));
}

TEST_F(SearchCommandTest, AnErrorNamesThePlaceAndEndsWithTwo) {
  files_.write_study("evaluations: many\n");
  const test::CommandResult result = dovetail({"search", "./study.yaml"});
  EXPECT_EQ(result.status, 2);
  expect_parts(result.err, {"study.yaml:", "evaluations", "'many'"});
  EXPECT_FALSE(fs::exists(files_.path() / "out"));
  const test::CommandResult unknown = dovetail({"search", "quik"});
  EXPECT_EQ(unknown.status, 2);
  expect_parts(unknown.err, {"'quick'"});
}

TEST_F(SearchCommandTest, WithoutAnAnswerItFailsAndSaysWhy) {
  files_.write_study("constraints: {top1_percent: 99}\n");
  const test::CommandResult result = dovetail({"search", "./study.yaml", "-o", "found"});
  EXPECT_EQ(result.status, 1);
  expect_parts(result.err, {"no candidate holds the constraints", "96 ok"});
}

TEST_F(SearchCommandTest, CtrlCSavesAndResumeEndsTheSame) {
  files_.write_study("strategy: {name: random}\nevaluations: 40000\n");
  ASSERT_EQ(dovetail({"-q", "search", "./study.yaml", "-o", "whole"}).status, 0);

  test::CommandResult stopped;
  for (int attempt = 0; attempt == 0 || (stopped.status == 0 && attempt < 20); ++attempt) {
    fs::remove_all(files_.path() / "stopped");  // of a search that was over before the signal
    const pid_t pid = command_.start({"search", "./study.yaml", "-o", "stopped"});
    while (stored("stopped") == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    kill(pid, SIGINT);
    stopped = command_.finish(pid);
  }
  EXPECT_EQ(stopped.status, 1);
  const std::int64_t saved = stored("stopped");
  EXPECT_GT(saved, 0);
  expect_parts(stopped.err, {fmt::format("stopped; {} trials are saved in stopped", saved),
                             "dovetail search ./study.yaml --resume -o stopped"});
  EXPECT_FALSE(fs::exists(files_.path() / "stopped/pareto.csv"));

  ASSERT_EQ(dovetail({"-q", "search", "./study.yaml", "--resume", "-o", "stopped"}).status, 0);
  for (const char* file : {"pareto.csv", "hypervolume.csv", "convergence.csv", "effective.yaml"}) {
    EXPECT_EQ(read_file(files_.path() / "stopped" / file),
              read_file(files_.path() / "whole" / file))
        << file;
  }
}

TEST_F(SearchCommandTest, TrialsAreStreamedAsLinesOfJson) {
  const auto search = [&](const std::string& jsonl, const std::string& more) {
    return dovetail({"search", "./study.yaml", "-o", "found", "--jsonl", jsonl, more});
  };
  ASSERT_EQ(search("-", "-w1").status, 0);
  ASSERT_EQ(dovetail({"study", "export", "found", "--jsonl", "exported.jsonl"}).status, 0);
  std::string expected;
  for (const std::string& line : split(read_file(files_.path() / "exported.jsonl"), '\n')) {
    if (line.empty()) continue;
    auto trial = nlohmann::ordered_json::parse(line);
    trial.erase("evaluation_ms");
    trial.erase("stored_at");
    expected += trial.dump() + "\n";
  }
  EXPECT_EQ(std::ranges::count(expected, '\n'), 96);
  // Of a study that is complete: all that is stored.
  const test::CommandResult printed = search("-", "--resume");
  EXPECT_EQ(printed.status, 0) << printed.err;
  EXPECT_EQ(printed.out, expected);
  files_.folder().write("t.jsonl", "something else");
  ASSERT_EQ(search("t.jsonl", "--resume").status, 0);
  EXPECT_EQ(read_file(files_.path() / "t.jsonl"), expected);
  // While it runs: the same bytes, with any number of workers.
  fs::remove_all(files_.path() / "found");
  ASSERT_EQ(search("found/t.jsonl", "-w3").status, 0);
  EXPECT_EQ(read_file(files_.path() / "found/t.jsonl"), expected);
  // What is refused leaves the file as it was.
  EXPECT_EQ(search("t.jsonl", "-w1").status, 2);
  EXPECT_EQ(read_file(files_.path() / "t.jsonl"), expected);
  const test::CommandResult store = search("found/study.db", "--resume");
  EXPECT_EQ(store.status, 2);
  expect_parts(store.err, {"--jsonl", "found/study.db", "*.jsonl"});
}

TEST_F(SearchCommandTest, AnExportedPairSimulatesToTheFiguresOfItsTrial) {
  ASSERT_EQ(dovetail({"-q", "search", "./study.yaml", "-o", "found"}).status, 0);
  const auto cells = csv_rows(read_file(files_.path() / "found/pareto.csv")).at(1);
  ASSERT_EQ(dovetail({"export", "--study", "found", "-t", cells.at(2), "-o", "pair"}).status, 0);
  const test::CommandResult simulated =
      dovetail({"simulate", "-n", "pair/network.yaml", "-a", "pair/accelerator.yaml"});
  EXPECT_EQ(simulated.status, 0);
  expect_parts(simulated.out, {digits_text(std::stod(cells.at(4)), 4) + " ms"});
}

TEST_F(SearchCommandTest, FrontsAreDrawn) {
  ASSERT_EQ(dovetail({"-q", "search", "./study.yaml", "-o", "found"}).status, 0);
  EXPECT_EQ(dovetail({"plot", "pareto", "found/pareto.csv", "-o", "front.svg"}).status, 0);
  EXPECT_EQ(dovetail({"plot", "convergence", "found/convergence.csv", "-o", "curve.pdf"}).status,
            0);
  EXPECT_EQ(dovetail({"plot", "pareto", "found/pareto.csv", "-o", "energy.svg", "--x", "energy_mj",
                      "--colour", "power_mw"})
                .status,
            0);
  EXPECT_NE(read_file(files_.path() / "energy.svg").find("average power [mW]"), std::string::npos);
  const test::CommandResult no_column =
      dovetail({"plot", "pareto", "found/pareto.csv", "-o", "none.svg", "--x", "energy"});
  EXPECT_EQ(no_column.status, 2);
  expect_parts(no_column.err, {"energy_mj"});
  EXPECT_TRUE(fs::exists(files_.path() / "front.svg"));
  EXPECT_TRUE(fs::exists(files_.path() / "curve.pdf"));
  const test::CommandResult unknown =
      dovetail({"plot", "paretto", "found/pareto.csv", "-o", "front.svg"});
  EXPECT_EQ(unknown.status, 2);
  expect_parts(unknown.err, {"'pareto'"});
}

}  // namespace
}  // namespace dovetail
