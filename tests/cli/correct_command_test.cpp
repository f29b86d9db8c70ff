// dovetail train --correct, and a study with what it writes, as a user meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text/text.h"
#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class CorrectCommandTest : public testing::Test {
 protected:
  CorrectCommandTest() : files_(dovetail_.folder()) {
    must({"label", "-q", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "120", "-o", "l.h5"});
    must({"train", "-q", "-d", "l.h5", "--epochs", "3", "--hidden", "16,16", "-o", "m.h5"});
    must({"dataset", "export-csv", "-q", "l.h5", "-o", "l.csv"});
  }
  void must(const std::vector<std::string>& words) const {
    const CommandResult result = dovetail_.run(words);
    ASSERT_EQ(result.status, 0) << result.err;
  }
  /// The exported rows with their latencies times a factor.
  void write_measured(const std::string& name, double factor) const {
    std::string text;
    std::size_t column = 0;
    bool named = false;
    for (const std::string& line : split(dovetail_.folder().read("l.csv"), '\n')) {
      std::vector<std::string> cells = split(line, ',');
      if (line.empty() || line[0] == '#') continue;
      if (!named) {
        while (cells.at(column) != "latency_ms") ++column;
      } else if (!cells.at(column).empty()) {
        cells[column] = format_number(factor * std::stod(cells[column]));
      }
      named = true;
      text += join(cells, ",") + "\n";
    }
    dovetail_.folder().write(name, text);
  }
  CommandResult correct(const std::vector<std::string>& more,
                        const std::string& rows = "d.csv") const {
    std::vector<std::string> words{"train",      "--correct",  rows,        "-m", "m.h5", "-s",
                                   "./net.yaml", "--hardware", "./hw.yaml", "-o", "c.h5"};
    words.insert(words.end(), more.begin(), more.end());
    return dovetail_.run(words);
  }

  CommandRunner dovetail_;
  TinyStudy files_;
};

TEST_F(CorrectCommandTest, WritesACorrectionThatAStudyUses) {
  write_measured("d.csv", 2.5);
  const CommandResult done = correct({"--check", "d.csv"});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("120 measurements"), HasSubstr("not corrected"),
                              HasSubstr("on 120 other measurements"), HasSubstr("60.00"),
                              HasSubstr("c.report.json")));
  EXPECT_EQ(done.err, "");
  const json report = json::parse(dovetail_.folder().read("c.report.json"));
  EXPECT_EQ(report["schema"], "dovetail.correction_report/1");
  EXPECT_TRUE(report["corrections"]["latency"][0]["corrected"]);
  EXPECT_FALSE(report["corrections"]["energy"][0]["corrected"]);

  files_.write_study("cost: {model: simulation, correction: ./c.h5}\nevaluations: 20\n");
  must({"search", "-q", "study.yaml", "-o", "corrected"});
  files_.write_study("evaluations: 20\nstrategy: {name: random}\n");
  must({"study", "export", "-q", "corrected", "-t", "1", "-o", "pair"});
  must({"simulate", "-q", "-n", "pair/network.yaml", "-a", "pair/accelerator.yaml", "--json",
        "s.json"});
  const double simulated_ms = json::parse(dovetail_.folder().read("s.json"))["latency_ms"];
  const YamlNode pair = YamlNode::load(dovetail_.path("pair/pair.yaml"));
  YamlMap figures = pair.map();
  EXPECT_NEAR(figures.required("latency_ms").as_double() / simulated_ms, 2.5, 1e-4);
  EXPECT_EQ(figures.required("costs_from").as_string(), "simulation, corrected");
  must({"report", "-q", "corrected", "-o", "r.html"});
  EXPECT_THAT(dovetail_.folder().read("r.html"),
              HasSubstr("The figures of the front are corrected by what was measured"));
}

TEST_F(CorrectCommandTest, WhatDoesNotGoTogetherIsRefused) {
  write_measured("d.csv", 1000);
  const auto refused = [](const CommandResult& result, const std::string& says) {
    EXPECT_EQ(result.status, 2) << result.out;
    EXPECT_THAT(result.err, HasSubstr(says));
  };
  const CommandResult doubted = correct({});
  EXPECT_EQ(doubted.status, 0) << doubted.err;
  EXPECT_THAT(doubted.err, HasSubstr("warning: d.csv: latency_ms: what was measured is about 1000 "
                                     "times what the simulator says"));
  refused(correct({"--epochs", "3"}), "--epochs does not go with --correct");
  refused(correct({"-d", "l.h5"}), "--data does not go with --correct");
  refused(correct({"-o", "m.h5"}), "");
  refused(correct({}, "none.csv"), "none.csv");
  refused(dovetail_.run({"train", "--correct", "d.csv", "-m", "m.h5", "-o", "x.h5"}), "tiny");
  refused(dovetail_.run({"train", "--correct", "d.csv", "-o", "x.h5"}), "--correct needs --model");
  refused(dovetail_.run({"train", "--correct", "d.csv", "-m", "c.h5", "-o", "x.h5"}),
          "c.h5: has schema dovetail.correction/1, expected dovetail.surrogate/");
  refused(dovetail_.run({"train", "-d", "l.h5", "-s", "./net.yaml", "-o", "x.h5"}),
          "--space and --hardware go with --correct");
  refused(dovetail_.run({"train", "-o", "x.h5"}), "--fine-tune, --correct or --propose is needed");
}

}  // namespace
}  // namespace dovetail::test
