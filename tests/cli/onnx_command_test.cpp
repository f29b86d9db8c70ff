// ONNX files as a user meets them: export, simulate what was exported, and what goes wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json simulated(const CommandRunner& dovetail, const std::string& network) {
  const CommandResult result =
      dovetail.run({"simulate", "-q", "-n", network, "-a", "nahas_baseline", "--json", "r.json"});
  EXPECT_EQ(result.status, 0) << result.err;
  return json::parse(dovetail.folder().read("r.json"));
}

TEST(OnnxCommands, AnExportedNetworkIsSimulatedToTheSameReport) {
  const CommandRunner dovetail;
  for (const char* network : {"mobilenet_v3_small", "efficientnet_b0", "resnet18"}) {
    const CommandResult result = dovetail.run(
        {"export", "-n", network, "--onnx", "n.onnx", "--weights", "zero", "--external-data"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("n.onnx ("));
    EXPECT_THAT(result.out, HasSubstr("n.onnx.data ("));
    EXPECT_THAT(result.out, HasSubstr("weights, float32, zero"));
    EXPECT_EQ(simulated(dovetail, "n.onnx"), simulated(dovetail, network));
  }
}

TEST(OnnxCommands, TheDataOfANetworkIsNoOutput) {
  const CommandRunner dovetail;
  ASSERT_EQ(
      dovetail.run({"export", "-n", "mobilenetv1_0.25_128", "--onnx", "N.ONNX", "--external-data"})
          .status,
      0);
  const std::string data = dovetail.folder().read("N.ONNX.data");
  const CommandResult result = dovetail.run(
      {"simulate", "-q", "-n", "N.ONNX", "-a", "nahas_baseline", "--json", "N.ONNX.data"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("is read by this command"));
  EXPECT_TRUE(dovetail.folder().read("N.ONNX.data") == data);
}

TEST(OnnxCommands, ASeedIsAllThatWeightsDependOn) {
  const CommandRunner dovetail;
  const auto bytes = [&](const std::string& seed) {
    EXPECT_EQ(
        dovetail
            .run({"export", "-q", "-n", "mobilenetv1_0.25_128", "--onnx", "n.onnx", "--seed", seed})
            .status,
        0);
    return dovetail.folder().read("n.onnx");
  };
  const std::string first = bytes("3");
  EXPECT_TRUE(bytes("3") == first);
  EXPECT_FALSE(bytes("4") == first);
}

TEST(OnnxCommands, FilesOfOthersAreSimulated) {
  const CommandRunner dovetail;
  const std::filesystem::path files =
      std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/models/network/onnx/onnx_files";
  int networks = 0;
  for (const auto& entry : std::filesystem::directory_iterator(files)) {
    if (entry.path().extension() != ".onnx") continue;
    const json report = simulated(dovetail, entry.path().string());
    EXPECT_GT(report["cycles"].get<double>(), 0) << entry.path();
    EXPECT_GT(report["macs"].get<double>(), 1000) << entry.path();
    // with data, too: one of them on every operator that a file can give
    const CommandResult result = dovetail.run({"simulate", "-n", entry.path().string(), "-a",
                                               "coral_edge_tpu", "--summary", "--functional"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("bit for bit")) << entry.path();
    ++networks;
  }
  EXPECT_GE(networks, 10);
}

TEST(OnnxCommands, MistakesAreNamed) {
  const CommandRunner dovetail;
  const auto error = [&](const std::vector<std::string>& args) {
    const CommandResult result = dovetail.run(args);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    return result.err;
  };
  EXPECT_THAT(error({"simulate", "-n", "no.onnx", "-a", "nahas_baseline"}),
              HasSubstr("no.onnx: cannot open: No such file"));
  dovetail.folder().write("cut.onnx", "\x3a\x50");
  EXPECT_THAT(error({"simulate", "-n", "cut.onnx", "-a", "nahas_baseline"}),
              HasSubstr("cut.onnx: not an ONNX model, or cut off"));
  EXPECT_THAT(error({"export"}), HasSubstr("found none of -n, -a and -s"));
  EXPECT_THAT(error({"export", "-n", "mobilenet_v2"}), HasSubstr("--onnx"));
  EXPECT_THAT(error({"export", "--onnx", "n.onnx"}), HasSubstr("--network"));
  EXPECT_THAT(error({"export", "--study", "out", "-n", "mobilenet_v2"}), HasSubstr("--"));
  EXPECT_THAT(error({"export", "-n", "mobilenet_v2", "--onnx", "n.onnx", "--weights", "one"}),
              HasSubstr("one"));
  EXPECT_THAT(error({"export", "-n", "mobilenet_v22", "--onnx", "n.onnx"}),
              HasSubstr("did you mean 'mobilenet_v2'"));
  EXPECT_THAT(error({"export", "-n", "mobilenet_v2", "--onnx", "no/n.onnx"}),
              HasSubstr("no/n.onnx"));
  EXPECT_EQ(dovetail.folder().count(), 1U);
}

TEST(OnnxCommands, OperatorsAreListed) {
  const CommandRunner dovetail;
  const CommandResult result = dovetail.run({"list", "onnx-operators"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("QLinearConv"));
  EXPECT_THAT(result.out, HasSubstr("com.microsoft.QLinearAdd"));
}

}  // namespace
}  // namespace dovetail::test
