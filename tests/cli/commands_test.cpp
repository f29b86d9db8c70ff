// Every command as a user meets it: what it prints, what it writes, how it fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/text/text.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string config(const std::string& kind, const std::string& name) {
  return read_file(resolve_config(kind, name));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

/// Exit code 2 and one message on stderr, nothing on stdout.
void expect_input_error(const CommandResult& result, const std::vector<std::string>& says) {
  EXPECT_EQ(result.status, 2) << result.out << result.err;
  EXPECT_EQ(result.out, "");
  for (const std::string& words : says) EXPECT_THAT(result.err, HasSubstr(words));
}

TEST(Commands, SimulatePrintsAndWrites) {
  const CommandRunner dovetail;
  const CommandResult result =
      dovetail.run({"simulate", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--json", "r.json",
                    "--csv", "r.csv", "--trace", "t.json"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("blocks.16.project"));
  EXPECT_THAT(result.out, HasSubstr("ms"));
  const json report = json::parse(dovetail.folder().read("r.json"));
  EXPECT_NEAR(report["macs"].get<double>(), 300.8e6, 0.002 * 300.8e6);
  EXPECT_GT(report["latency_ms"].get<double>(), 0);
  const json trace = json::parse(dovetail.folder().read("t.json"));
  EXPECT_GT(trace["traceEvents"].size(), 100u);
  EXPECT_FALSE(dovetail.folder().read("r.csv").empty());
}

TEST(Commands, AnAcceleratorThatExploreNamesIsTakenEverywhere) {
  const CommandRunner dovetail;
  for (const char* command : {"simulate", "map", "explain"}) {
    const CommandResult run =
        dovetail.run({command, "-n", "mobilenetv1_0.25_128", "-a", "nahas_edge-3778"});
    EXPECT_EQ(run.status, 0) << run.err;
  }
  const CommandResult area = dovetail.run({"area", "-a", "nahas_edge-3778"});
  EXPECT_THAT(area.out, HasSubstr("nahas_edge-3778"));
  EXPECT_EQ(dovetail.run({"export", "-a", "nahas_edge-3778", "-o", "chip.yaml"}).status, 0);
  EXPECT_EQ(dovetail.run({"area", "-a", "chip.yaml"}).out, area.out);
  EXPECT_THAT(dovetail.run({"list", "accelerators", "nahas_edge:pes_x=8,pes_y=2"}).out,
              HasSubstr("8x2"));
  expect_input_error(dovetail.run({"area", "-a", "nahas_edge"}), {"'nahas_edge-0'"});
  expect_input_error(dovetail.run({"export", "-a", "nahas_edge-1"}), {"-a ACCELERATOR -o FILE"});
  expect_input_error(dovetail.run({"export", "-n", "mobilenet_v2", "--onnx", "m.onnx", "-o", "x"}),
                     {"-o beside -n"});
}

TEST(Commands, SimulateComparesSeveralPairs) {
  const CommandRunner dovetail;
  const std::vector<std::string> words{"simulate",
                                       "-n",
                                       "mobilenetv1_0.25_128",
                                       "-n",
                                       "mobilenetv2_0.35_96",
                                       "-a",
                                       "nahas_baseline",
                                       "-a",
                                       "nahas_edge-0",
                                       "--json",
                                       "r.json"};
  const CommandResult result = dovetail.run(words);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("mobilenetv2_0.35_96: A is nahas_baseline, B is nahas_edge-0"));
  const json reports = json::parse(dovetail.folder().read("r.json"));
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_EQ(reports[3]["network"], "mobilenetv2_0.35_96");
  EXPECT_EQ(reports[3]["accelerator"]["name"], "nahas_edge-0");
  const CommandResult one = dovetail.run({"simulate", "-n", "mobilenetv2_0.35_96", "-a",
                                          "nahas_edge-0", "--summary", "--json", "one.json"});
  EXPECT_EQ(json::parse(dovetail.folder().read("one.json")), reports[3]);
  std::vector<std::string> traced = words;
  traced.insert(traced.end(), {"--trace", "t.json"});
  expect_input_error(dovetail.run(traced), {"--trace", "one network on one accelerator"});
}

TEST(Commands, SimulateTwiceGivesTheSameBytes) {
  const CommandRunner dovetail;
  for (const char* file : {"a.json", "b.json"}) {
    EXPECT_EQ(dovetail
                  .run({"simulate", "-q", "-n", "efficientnet_b0", "-a", "nahas_baseline", "--json",
                        file})
                  .status,
              0);
  }
  EXPECT_EQ(dovetail.folder().read("a.json"), dovetail.folder().read("b.json"));
  EXPECT_EQ(dovetail
                .run({"simulate", "-q", "-n", "efficientnet_b0", "-a", "nahas_baseline", "--json",
                      "c.json", "--no-reuse"})
                .status,
            0);
  EXPECT_EQ(dovetail.folder().read("a.json"), dovetail.folder().read("c.json"));
}

TEST(Commands, FunctionalModeEqualsTheReference) {
  const CommandRunner dovetail;
  const CommandResult result =
      dovetail.run({"simulate", "-n", "mobilenetv1_0.25_128", "-a", "coral_edge_tpu", "--summary",
                    "--functional", "--seed", "7"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("bit for bit"));
  EXPECT_EQ(dovetail.run({"simulate", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--seed", "7"})
                .status,
            2);
}

TEST(Commands, MapExplainsALayer) {
  const CommandRunner dovetail;
  const CommandResult result =
      dovetail.run({"map", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--layer", "blocks.3.dw"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("chosen"));
  EXPECT_THAT(result.out, HasSubstr("slower: moving data"));
  expect_input_error(
      dovetail.run({"map", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--layer", "blocks.3.dv"}),
      {"blocks.3.dw"});
}

TEST(Commands, ExplainSaysTheBoundAndWhatStepsChange) {
  const CommandRunner dovetail;
  const CommandResult result =
      dovetail.run({"explain", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--json", "e.json",
                    "--csv", "e.csv"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("mobilenetv2_1.0_224 is bound by "));
  EXPECT_THAT(result.out, HasSubstr("io_bandwidth_gbps"));
  const json file = json::parse(dovetail.folder().read("e.json"));
  EXPECT_THAT(result.out, HasSubstr(file["bound"].get<std::string>()));
  EXPECT_EQ(file["steps"].size(), 14u);
  EXPECT_EQ(dovetail.run({"plot", "tornado", "e.json", "-o", "e.png"}).status, 0);
  expect_input_error(
      dovetail.run({"explain", "-n", "mobilenet_v2", "-a", "nahas_baseline", "-l", "blocks.3.dv"}),
      {"blocks.3.dw"});
}

TEST(Commands, AnInfeasiblePairIsAResult) {
  const CommandRunner dovetail;
  dovetail.folder().write("tiny.yaml", replaced(config("accelerators", "nahas_baseline"),
                                                "register_file_kib: 32", "register_file_kib: 0.5"));
  const CommandResult result =
      dovetail.run({"simulate", "-n", "mobilenet_v2", "-a", "tiny.yaml", "--json", "r.json"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("register_file_too_small"));
  EXPECT_EQ(json::parse(dovetail.folder().read("r.json"))["reason"], "register_file_too_small");
}

TEST(Commands, AreaAddsUp) {
  const CommandRunner dovetail;
  const CommandResult result =
      dovetail.run({"area", "-a", "nahas_baseline", "--json", "area.json"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("local_memory"));
  const json area = json::parse(dovetail.folder().read("area.json"));
  double sum = 0;
  for (const auto& part : area["components_mm2"]) sum += part.get<double>();
  EXPECT_NEAR(sum, area["area_mm2"].get<double>(), 1e-9);
}

TEST(Commands, ListKnowsItsKinds) {
  const CommandRunner dovetail;
  for (const char* kind : {"networks", "accelerators", "spaces", "strategies", "technologies",
                           "studies", "infeasible-reasons", "accuracy-sources"}) {
    const CommandResult result = dovetail.run({"list", kind});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_FALSE(result.out.empty()) << kind;
  }
  expect_input_error(dovetail.run({"list", "netwroks"}), {"networks"});
}

TEST(Commands, EveryAcceleratorAndTechnologyOfConfigsRuns) {
  const CommandRunner dovetail;
  for (const std::string& accelerator : list_configs("accelerators")) {
    for (const std::string& technology : list_configs("technology")) {
      EXPECT_EQ(dovetail.run({"area", "-a", accelerator, "--technology", technology}).status, 0)
          << accelerator << " " << technology;
    }
  }
}

TEST(Commands, HelpIsThereForEveryCommand) {
  const CommandRunner dovetail;
  for (const char* command :
       {"simulate", "map", "explain", "area", "sample", "search", "label", "train", "validate",
        "fit-accuracy", "fit-transfer", "plot", "export", "list"}) {
    const CommandResult result = dovetail.run({command, "--help"});
    EXPECT_EQ(result.status, 0) << command;
    EXPECT_THAT(result.out, HasSubstr("Usage: dovetail")) << command;
  }
  EXPECT_EQ(dovetail.run({"simulat"}).status, 2);
  EXPECT_EQ(dovetail.run({"simulate", "-n", "mobilenet_v2"}).status, 2);
}

TEST(Commands, TyposInYamlNameThePlaceAndTheNearestKey) {
  const CommandRunner dovetail;
  const TemporaryFolder& files = dovetail.folder();
  files.write("acc.yaml",
              replaced(config("accelerators", "nahas_baseline"), "simd_units:", "simd_unit:"));
  expect_input_error(dovetail.run({"simulate", "-n", "mobilenet_v2", "-a", "acc.yaml"}),
                     {"acc.yaml:", "simd_unit", "simd_units"});
  files.write("net.yaml", replaced(config("networks", "mobilenetv2_1.0_224"), "s=2", "stride=2"));
  expect_input_error(dovetail.run({"simulate", "-n", "net.yaml", "-a", "nahas_baseline"}),
                     {"net.yaml:", "stride"});
  files.write("tech.yaml", replaced(config("technology", "16nm"), "mac_mm2:", "mac_mm:"));
  expect_input_error(dovetail.run({"area", "-a", "nahas_baseline", "--technology", "./tech.yaml"}),
                     {"tech.yaml:", "mac_mm2"});
  files.write("space.yaml", replaced(config("spaces", "ofa_mbv3"), "decisions:", "decision:"));
  expect_input_error(dovetail.run({"label", "-s", "space.yaml", "-c", "1", "-o", "l.h5"}),
                     {"space.yaml:", "decisions"});
  files.write("hw.yaml", replaced(config("spaces", "nahas_edge"), "pes_x", "pes_z"));
  expect_input_error(
      dovetail.run({"label", "-s", "ofa_mbv3", "--hardware", "hw.yaml", "-c", "1", "-o", "l.h5"}),
      {"hw.yaml:", "pes_z"});
  files.write("study.yaml", replaced(config("studies", "quick"), "evaluations:", "evaluation:"));
  expect_input_error(dovetail.run({"search", "study.yaml", "-o", "out"}),
                     {"study.yaml:", "evaluations"});
  EXPECT_FALSE(std::filesystem::exists(dovetail.path("out/study.db")));
}

TEST(Commands, ValuesOutOfRangeSayWhatIsAllowed) {
  const CommandRunner dovetail;
  dovetail.folder().write("acc.yaml", replaced(config("accelerators", "nahas_baseline"),
                                               "clock_ghz: 0.8", "clock_ghz: 800"));
  expect_input_error(dovetail.run({"area", "-a", "acc.yaml"}), {"clock_ghz", "800", "5"});
}

TEST(Commands, UnknownNamesListTheNearest) {
  const CommandRunner dovetail;
  expect_input_error(dovetail.run({"simulate", "-n", "mobilenet_v22", "-a", "nahas_baseline"}),
                     {"mobilenet_v22", "mobilenet_v2"});
  expect_input_error(dovetail.run({"simulate", "-n", "mobilenet_v2", "-a", "nahas_basline"}),
                     {"nahas_baseline"});
  expect_input_error(dovetail.run({"area", "-a", "nahas_baseline", "--technology", "16mn"}),
                     {"16nm"});
}

TEST(Commands, MissingFilesAreNamed) {
  const CommandRunner dovetail;
  expect_input_error(dovetail.run({"simulate", "-n", "no/such.yaml", "-a", "nahas_baseline"}),
                     {"no/such.yaml"});
  expect_input_error(dovetail.run({"train", "-d", "missing.h5", "-o", "m.h5"}), {"missing.h5"});
  expect_input_error(dovetail.run({"validate", "-m", "missing.h5", "-o", "v.json"}),
                     {"missing.h5"});
  expect_input_error(dovetail.run({"search", "missing.yaml"}), {"missing.yaml"});
  expect_input_error(
      dovetail.run({"plot", "layers", "l.json", "-o", "p.png", "--layers", "\x1b[31mred"}),
      {"--layers: plot 'layers' does not take it; allowed with trace"});
  expect_input_error(dovetail.run({"plot", "pareto", "missing.csv", "-o", "p.png"}),
                     {"missing.csv"});
  expect_input_error(dovetail.run({"export", "--study", "missing", "-t", "1", "-o", "pair"}),
                     {"missing"});
}

TEST(Commands, OutputThatCannotBeWrittenIsRefusedAndLeavesNothing) {
  const CommandRunner dovetail;
  dovetail.folder().write("file", "in the way");
  expect_input_error(dovetail.run({"simulate", "-q", "-n", "mobilenet_v2", "-a", "nahas_baseline",
                                   "--json", "file/r.json"}),
                     {"file"});
  expect_input_error(dovetail.run({"label", "-s", "ofa_mbv3", "-c", "10", "-o", "file/l.h5"}),
                     {"file"});
  expect_input_error(dovetail.run({"search", "quick", "-o", "file/out"}), {"file"});
  EXPECT_EQ(dovetail.folder().count(), 1u);
}

/// A plan of pairs of ofa_mbv3 x nahas_edge with latencies: what a model says, times a factor.
std::string filled_plan(const CommandRunner& dovetail, const std::string& plan,
                        const std::string& model, double factor) {
  std::vector<std::vector<std::string>> rows;  // the first are the names
  std::string requests, filled;
  for (const std::string& line : split(dovetail.folder().read(plan), '\n')) {
    if (line.empty() || line.starts_with("#")) continue;
    rows.push_back(split(line, ','));
    if (rows.size() == 1) continue;
    json request{{"network", {{"space", "ofa_mbv3"}}}, {"accelerator", {{"space", "nahas_edge"}}}};
    for (std::size_t c = 0; c + 2 < rows[0].size(); ++c) {
      const std::string& name = rows[0][c];
      const std::size_t dot = name.find('.');
      const bool network = name.starts_with("network.");
      request[network ? "network" : "accelerator"]["choices"][name.substr(dot + 1)] =
          rows.back()[c];
    }
    requests += request.dump() + "\n";
  }
  dovetail.folder().write("requests.jsonl", requests);
  const CommandResult answers = dovetail.run({"evaluate", "-i", "requests.jsonl", "-m", model});
  const std::vector<std::string> lines = split(answers.out, '\n');
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) {
      const json figures = json::parse(lines[i - 1]).at("figures");
      rows[i][rows[i].size() - 2] = std::to_string(factor * figures.at("latency_ms").get<double>());
    }
    filled += join(rows[i], ",") + "\n";
  }
  return filled;
}

TEST(Commands, LabelTrainValidateAndTheirBrokenFiles) {
  const CommandRunner dovetail;
  ASSERT_EQ(dovetail.run({"label", "-q", "-s", "ofa_mbv3", "-c", "600", "-o", "l.h5"}).status, 0);
  ASSERT_EQ(dovetail.run({"train", "-q", "-d", "l.h5", "-o", "m.h5", "--epochs", "2"}).status, 0);
  const CommandResult validated =
      dovetail.run({"validate", "-m", "m.h5", "-c", "100", "-o", "v.json", "--worst", "3"});
  EXPECT_EQ(validated.status, 0) << validated.err;
  EXPECT_THAT(validated.out, HasSubstr("energy: mean relative error (MAPE)"));
  EXPECT_THAT(validated.out, HasSubstr("near infeasible"));
  EXPECT_THAT(validated.out, HasSubstr("latency: worst pairs"));
  const json written = json::parse(dovetail.folder().read("v.json"));
  EXPECT_EQ(written["regions"].size(), 7U);
  EXPECT_EQ(written["worst"]["energy"].size(), 3U);
  const json& errors = written["errors"];
  EXPECT_GT(errors["energy"]["mape_percent"].get<double>(), 0);
  EXPECT_EQ(errors["energy"]["pairs"], errors["latency"]["pairs"]);

  ASSERT_EQ(dovetail.run({"dataset", "export-csv", "l.h5", "-o", "l.csv"}).status, 0);
  const CommandResult tuned = dovetail.run(
      {"train", "--fine-tune", "l.csv", "-m", "m.h5", "-o", "t.h5", "--check", "l.csv"});
  EXPECT_EQ(tuned.status, 0) << tuned.err;
  EXPECT_THAT(tuned.out, HasSubstr("MAPE before, %"));
  EXPECT_EQ(dovetail.run({"validate", "-q", "-m", "t.h5", "-c", "100", "-o", "t.json"}).status, 0);
  EXPECT_LT(json::parse(dovetail.folder().read("t.json"))["errors"]["latency"]["mape_percent"],
            errors["latency"]["mape_percent"]);
  expect_input_error(dovetail.run({"train", "--fine-tune", "l.csv", "-o", "x.h5"}), {"--model"});
  expect_input_error(
      dovetail.run({"train", "--fine-tune", "l.csv", "-m", "m.h5", "-o", "x.h5", "--epochs", "3"}),
      {"--epochs"});
  expect_input_error(dovetail.run({"train", "-o", "x.h5"}), {"--data", "--fine-tune", "--propose"});

  // Which pairs to measure: a plan that is refused until it is filled in.
  const CommandResult plan =
      dovetail.run({"train", "--propose", "5", "-m", "m.h5", "-o", "plan.csv"});
  EXPECT_EQ(plan.status, 0) << plan.err;
  EXPECT_THAT(plan.out, AllOf(HasSubstr("5 pairs to measure"), HasSubstr("latency_ms [ms]"),
                              HasSubstr("--fine-tune plan.csv -m m.h5")));
  expect_input_error(dovetail.run({"train", "--fine-tune", "plan.csv", "-m", "m.h5", "-o", "x.h5"}),
                     {"plan.csv:5", "latency_ms, energy_mj: found nothing"});
  expect_input_error(dovetail.run({"train", "--propose", "5", "-o", "x.csv"}), {"--model"});
  expect_input_error(
      dovetail.run({"train", "--propose", "5", "-m", "m.h5", "-o", "x.csv", "--epochs", "3"}),
      {"--epochs does not go with --propose"});
  expect_input_error(dovetail.run({"train", "--propose", "5", "-m", "m.h5", "-o", "m.h5"}),
                     {"m.h5"});
  expect_input_error(dovetail.run({"train", "--propose", "0", "-m", "m.h5", "-o", "x.csv"}),
                     {"--propose"});

  // In microseconds: a warning that says what is wanted.
  dovetail.folder().write("us.csv", filled_plan(dovetail, "plan.csv", "m.h5", 1000));
  const CommandResult doubted =
      dovetail.run({"train", "--fine-tune", "us.csv", "-m", "m.h5", "-o", "us.h5"});
  EXPECT_EQ(doubted.status, 0) << doubted.err;
  EXPECT_THAT(doubted.err, AllOf(HasSubstr("warning: us.csv: latency_ms"),
                                 HasSubstr("the column wants ms"), Not(HasSubstr("energy_mj"))));
  EXPECT_THAT(tuned.err, Not(HasSubstr("warning")));
  dovetail.folder().write("bad.csv", "network.depth1,latency_ms\n");
  expect_input_error(dovetail.run({"train", "--fine-tune", "bad.csv", "-m", "m.h5", "-o", "x.h5"}),
                     {"bad.csv:1"});

  const std::string data = dovetail.folder().read("l.h5"), model = dovetail.folder().read("m.h5");
  dovetail.folder().write("l2.h5", data.substr(0, data.size() / 2));
  dovetail.folder().write("m2.h5", model.substr(0, model.size() / 2));
  dovetail.folder().write("junk.h5", "not a data set");
  expect_input_error(dovetail.run({"train", "-d", "l2.h5", "-o", "x.h5"}), {"l2.h5"});
  expect_input_error(dovetail.run({"train", "-d", "junk.h5", "-o", "x.h5"}), {"junk.h5"});
  expect_input_error(dovetail.run({"validate", "-m", "m2.h5", "-o", "x.json"}), {"m2.h5"});
  expect_input_error(dovetail.run({"validate", "-m", "l.h5", "-o", "x.json"}), {"l.h5"});
  EXPECT_FALSE(std::filesystem::exists(dovetail.path("x.h5")));
  EXPECT_FALSE(std::filesystem::exists(dovetail.path("x.json")));
}

}  // namespace
}  // namespace dovetail::test
