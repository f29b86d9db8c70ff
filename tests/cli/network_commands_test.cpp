// Networks and their spaces as a user meets them: list and sample.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "models/network/zoo.h"
#include "tests/base/text/csv_rows.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(NetworkCommands, ListsFitATerminalOf100Columns) {
  const CommandRunner dovetail;
  for (const char* kind : {"networks", "spaces"}) {
    const CommandResult result = dovetail.run({"list", kind});
    ASSERT_EQ(result.status, 0) << result.err;
    for (const std::string& line : lines_of(result.out)) EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(NetworkCommands, TheListOfNetworksHasTheirFiguresAndWhereTheyStand) {
  const CommandRunner dovetail;
  const std::string list = dovetail.run({"list", "networks"}).out;
  for (const ZooEntry& entry : list_zoo()) EXPECT_THAT(list, HasSubstr("\n" + entry.name + " "));
  for (const char* name : {"mobilenetv1_0.25_128", "mobilenetv1_0.5_160", "mobilenetv1_0.75_192",
                           "mobilenetv1_1.0_224"}) {
    EXPECT_THAT(list, HasSubstr(name));
  }
  EXPECT_THAT(list, ContainsRegex("\nmobilenetv2_1.0_224 +224x224 +[0-9]+ +300.8 +3.50 +71.8 +"));
  EXPECT_THAT(list, ContainsRegex("\nmobilenet_v2, mobilenetv2_100 +mobilenetv2_1.0_224\n"));
  EXPECT_THAT(list, HasSubstr("\nSources of the published ImageNet top-1\n  1  "));
}

TEST(NetworkCommands, ListTakesNamesAndFiles) {
  const CommandRunner dovetail;
  const std::string onnx = (std::filesystem::path(DOVETAIL_SOURCE_DIR) /
                            "tests/models/network/onnx/onnx_files/mlp_opset9.onnx")
                               .string();
  const CommandResult networks = dovetail.run({"list", "networks", "resnet50", onnx});
  EXPECT_EQ(networks.status, 0) << networks.err;
  EXPECT_THAT(networks.out, AllOf(HasSubstr("\nresnet_50 "), HasSubstr("\nmlp_opset9 "),
                                  HasSubstr("He et al., CVPR 2016")));
  const CommandResult spaces = dovetail.run({"list", "spaces", "ofa_mbv3", "nahas_edge"});
  EXPECT_THAT(spaces.out, ContainsRegex("ofa_mbv3 +networks +45 +2.95e.21 +2.18e.19\n"));
  EXPECT_THAT(spaces.out, ContainsRegex("nahas_edge +accelerators +7 +50000 +50000\n"));
  EXPECT_EQ(lines_of(spaces.out).size(), 6U);
  const CommandResult wrong = dovetail.run({"list", "strategies", "ppo"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("names may follow networks, accelerators, spaces"));
  EXPECT_EQ(dovetail.run({"list", "networks", "resnet51"}).status, 2);
}

TEST(NetworkCommands, SamplesAreNetworksThatCanBeSimulated) {
  const CommandRunner dovetail;
  const CommandResult result =
      dovetail.run({"sample", "-s", "anb_effnet", "-c", "3", "--seed", "4", "-o", "drawn"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("anb_effnet:"), HasSubstr("drawn/networks.csv")));
  const std::string csv = dovetail.folder().read("drawn/networks.csv");
  EXPECT_THAT(csv, HasSubstr("file,e0,e1,"));
  EXPECT_EQ(csv_rows(csv).size(), 4U);
  for (const char* network : {"drawn/network_0.yaml", "drawn/network_2.yaml"}) {
    EXPECT_EQ(dovetail.run({"simulate", "-n", network, "-a", "nahas_baseline"}).status, 0);
  }
  EXPECT_EQ(dovetail.run({"sample", "-s", "anb_effnet", "-c", "3", "--seed", "4"}).out + "drawn",
            result.out.substr(0, result.out.rfind("drawn") + 5));
  const CommandResult wrong = dovetail.run({"sample", "-s", "nahas_edge"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("dovetail.network_space/1"));
  EXPECT_EQ(dovetail.run({"sample", "-s", "nahas_s3"}).status, 2);
}

}  // namespace
}  // namespace dovetail::test
