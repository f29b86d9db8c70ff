// What a user meets at the command line: scale.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/text/csv_rows.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::vector<std::string> kSmall{"scale", "-n", "mobilenetv2_0.35_96", "-a", "nahas_baseline"};

class ScaleCommandTest : public testing::Test {
 protected:
  CommandResult scale(const std::vector<std::string>& more) const {
    std::vector<std::string> args = kSmall;
    args.insert(args.end(), more.begin(), more.end());
    return dovetail_.run(args);
  }
  CommandRunner dovetail_;
};

TEST_F(ScaleCommandTest, WritesThePathAndTheNetworkThatItEndsWith) {
  const CommandResult result = scale({"--latency-growth", "0.05,0.2", "-o", "out"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("22 published networks of 'mobilenetv2'"),
                    HasSubstr("mobilenetv2_0.35_96 on nahas_baseline"), HasSubstr("channels"),
                    HasSubstr("compound"), HasSubstr("out/scaling.csv")));
  const auto rows = csv_rows(dovetail_.folder().read("out/scaling.csv"));
  ASSERT_GT(rows.size(), 10U);
  EXPECT_EQ(rows[1][1], "joint");
  std::string cycles, macs;  // of the last answer of the joint way
  for (const auto& row : rows) {
    if (row[1] == "joint" && !row[14].empty()) cycles = row[7], macs = row[9];
  }

  // The network that was written takes what the table says, as YAML and as ONNX.
  for (const char* file : {"./out/network.yaml", "./out/network.onnx"}) {
    const CommandResult again =
        dovetail_.run({"simulate", "-n", file, "-a", "nahas_baseline", "--json", "s.json"});
    ASSERT_EQ(again.status, 0) << again.err;
    const std::string json = dovetail_.folder().read("s.json");
    EXPECT_THAT(json, HasSubstr("\"cycles\": " + cycles + ",")) << file;
    EXPECT_THAT(json, HasSubstr("\"macs\": " + macs + ",")) << file;
  }

  // It is scaled further, from either file; and the same again is the same.
  const std::string csv = dovetail_.folder().read("out/scaling.csv");
  ASSERT_EQ(scale({"--latency-growth", "0.05,0.2", "-o", "again", "-q"}).status, 0);
  EXPECT_EQ(dovetail_.folder().read("again/scaling.csv"), csv);
  std::string from_yaml;
  for (const char* file : {"./out/network.yaml", "./out/network.onnx"}) {
    const CommandResult further =
        dovetail_.run({"scale", "-n", file, "-a", "nahas_baseline", "--latency-growth", "0.02"});
    ASSERT_EQ(further.status, 0) << further.err;
    if (from_yaml.empty()) from_yaml = further.out;
    EXPECT_EQ(further.out, from_yaml);
  }
}

TEST_F(ScaleCommandTest, ComparesAccelerators) {
  const CommandResult result = scale({"-a", "coral_usb", "--latency-growth", "0", "-o", "both"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("on nahas_baseline"), HasSubstr("on coral_usb")));
  EXPECT_EQ(dovetail_.folder().read("both/scaling.csv").find("network.yaml"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(dovetail_.path("both/network.yaml")));
}

TEST_F(ScaleCommandTest, SaysWhatIsWrong) {
  const auto refused = [&](const std::vector<std::string>& args) {
    const CommandResult result = dovetail_.run(args);
    EXPECT_EQ(result.status, 2) << result.out;
    return result.err;
  };
  EXPECT_THAT(refused({"scale", "-n", "resnet_18", "-a", "nahas_baseline"}),
              AllOf(HasSubstr("network 'resnet_18': found no family"), HasSubstr("mobilenetv2")));
  std::vector<std::string> args = kSmall;
  args.insert(args.end(), {"--latency-ms", "0.0001"});
  EXPECT_THAT(refused(args), HasSubstr("found a budget of 0.0001 ms, allowed are at least the"));
  args = kSmall;
  args.insert(args.end(), {"--latency-growth", "0.2,0.1"});
  EXPECT_THAT(refused(args), HasSubstr("do not ascend"));
  args = kSmall;
  args.insert(args.end(), {"-a", "nahas_baseline"});
  EXPECT_THAT(refused(args), HasSubstr("accelerator 'nahas_baseline' is given twice"));
}

}  // namespace
}  // namespace dovetail::test
