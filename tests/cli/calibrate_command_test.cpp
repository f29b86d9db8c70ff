// What a user meets at the command line: calibrate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::HasSubstr;

constexpr const char* kFile =
    "schema: dovetail.calibration/1\n"
    "name: mine\n"
    "groups:\n"
    "  - name: board\n"
    "    accelerator: nahas_baseline\n"
    "    quantity: latency_ms\n"
    "    tolerance: 0.25\n"
    "    source: measured here\n"
    "    points:\n"
    "      - {network: mobilenetv1_0.25_128, published: 0.06}\n"
    "      - {network: mobilenet_v2, published: 0.3}\n"
    "parameters:\n"
    "  - {name: layer_launch_cycles, values: [400, 800]}\n";

class CalibrateCommandTest : public testing::Test {
 protected:
  void SetUp() override { files_.write("mine.yaml", kFile); }
  CommandResult calibrate(std::vector<std::string> more) const {
    more.insert(more.begin(), {"calibrate", "./mine.yaml"});
    return dovetail_.run(more);
  }
  CommandRunner dovetail_;
  const TemporaryFolder& files_ = dovetail_.folder();
};

TEST_F(CalibrateCommandTest, PrintsTablesAndWritesThem) {
  const CommandResult result = calibrate({"--json", "c.json", "--markdown", "c.md"});
  ASSERT_EQ(result.status, 0) << result.err;
  for (const char* words : {"mobilenetv2_1.0_224", "0.3", "yes (25 %)", "exact", "measured here",
                            "2 combinations", "layer_launch_cycles", "Leave-one-out"}) {
    EXPECT_THAT(result.out, HasSubstr(words));
    EXPECT_THAT(files_.read("c.md"), HasSubstr(words));
  }
  const auto json = nlohmann::json::parse(files_.read("c.json"));
  EXPECT_EQ(json["groups"][0]["points"].size(), 2U);
  EXPECT_GT(json["fit"]["left_out_error"], 0);

  const CommandResult other = calibrate({"-w", "1", "--json", "d.json"});
  EXPECT_EQ(other.out, result.out);
  EXPECT_EQ(files_.read("d.json"), files_.read("c.json"));
}

TEST_F(CalibrateCommandTest, WithoutParametersNothingIsFitted) {
  std::string text = kFile;
  files_.write("mine.yaml", text.substr(0, text.find("parameters:")));
  const CommandResult result = calibrate({});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("exact"));
  EXPECT_THAT(result.out, testing::Not(HasSubstr("Leave-one-out")));
}

TEST_F(CalibrateCommandTest, AnExistingDocumentIsChangedOnlyWhereItSaysSo) {
  files_.write(
      "doc.md",
      "kept\n<!-- dovetail calibrate -->\nold\n<!-- end of dovetail calibrate -->\nalso\n");
  ASSERT_EQ(calibrate({"-q", "--markdown", "doc.md"}).status, 0);
  const std::string document = files_.read("doc.md");
  EXPECT_THAT(document, testing::StartsWith("kept\n<!-- dovetail calibrate -->\n\nPublished"));
  EXPECT_THAT(document, testing::EndsWith("<!-- end of dovetail calibrate -->\nalso\n"));
  EXPECT_THAT(document, testing::Not(HasSubstr("old")));

  files_.write("other.md", "no place here\n");
  const CommandResult refused = calibrate({"--markdown", "other.md"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("other.md"));
  EXPECT_EQ(files_.read("other.md"), "no place here\n");
}

TEST_F(CalibrateCommandTest, ErrorsNameThePlace) {
  std::string text = kFile;
  files_.write("mine.yaml", text.replace(text.find("tolerance"), 9, "tolerence"));
  const CommandResult typo = calibrate({});
  EXPECT_EQ(typo.status, 2);
  EXPECT_THAT(typo.err, HasSubstr("mine.yaml:"));
  EXPECT_THAT(typo.err, HasSubstr("tolerance"));
  const CommandResult unknown = dovetail_.run({"calibrate", "edge_tpus"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("'edge_tpu'"));
}

}  // namespace
}  // namespace dovetail::test
