// Fitting accuracy predictors at the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/files/paths.h"
#include "base/text/text.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "models/accuracy/transfer/transfer_model.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// 81 networks.
constexpr const char* kSpace = R"(schema: dovetail.network_space/1
name: small
input: {height: 32, width: 32, channels: 3}
decisions:
  - {name: k0, choices: [3, 5, 7]}
  - {name: e0, choices: [2, 4, 6]}
  - {name: k1, choices: [3, 5, 7]}
  - {name: e1, choices: [2, 4, 6]}
blocks:
  - conv k=3 s=2 c=16 act=relu
  - mb k=$k0 s=2 e=$e0 c=24 act=relu
  - mb k=$k1 s=2 e=$e1 c=32 act=relu
  - pool
  - fc c=10
)";

class FitCommandsTest : public testing::Test {
 protected:
  FitCommandsTest() {
    dovetail_.folder().write("small.yaml", kSpace);
    std::string rows = "arch,kernel,val acc\n";
    std::string json = "{";
    for (int i = 0; i < 81; ++i) {
      const std::string digits{static_cast<char>('0' + i / 27), static_cast<char>('0' + i / 9 % 3),
                               static_cast<char>('0' + i / 3 % 3), static_cast<char>('0' + i % 3)};
      const std::string top1 = std::to_string(70 + i / 27 + 2 * (i / 9 % 3) + i / 3 % 3 + i % 3);
      rows += digits + ",x," + top1 + "\n";
      json += (i > 0 ? ",\n\"" : "\"") + digits + "\": {\"mean_acc\": " + top1 + "}";
    }
    dovetail_.folder().write("rows.csv", rows);
    dovetail_.folder().write("rows.json", json + "}\n");
  }
  /// Splits a stored command as a shell would, as far as it is used here.
  static std::vector<std::string> words_of(const std::string& command) {
    std::vector<std::string> words;
    bool quoted = false, open = false;
    for (const char c : command) {
      if (c == '\'') {
        quoted = !quoted;
      } else if (c == ' ' && !quoted) {
        open = false;
      } else {
        if (!open) words.emplace_back();
        open = true;
        words.back() += c;
      }
    }
    return words;
  }
  const CommandRunner dovetail_;
};

TEST_F(FitCommandsTest, ReadEveryFormatAndStoreTheCommandThatMadeThem) {
  const CommandResult csv = dovetail_.run(
      {"fit-accuracy", "--space", "./small.yaml", "--data", "rows.csv", "--accuracy-column",
       "val acc", "--digits-column", "arch", "-o", "csv.json", "--splits", "1"});
  ASSERT_EQ(csv.status, 0) << csv.err;
  EXPECT_THAT(csv.out, AllOf(HasSubstr("81 rows, 81 networks: 65 to fit, 16 held out"),
                             HasSubstr("columns not used: kernel")));
  const CommandResult json = dovetail_.run({"fit-accuracy", "--space", "./small.yaml", "--data",
                                            "rows.json", "-o", "json.json", "--splits", "1"});
  ASSERT_EQ(json.status, 0) << json.err;
  const RidgeModel a = RidgeModel::load(dovetail_.path("csv.json"));
  const RidgeModel b = RidgeModel::load(dovetail_.path("json.json"));
  EXPECT_EQ(a.ridge.single, b.ridge.single);
  EXPECT_LT(a.held_out_error.rmse_points, 0.3);

  std::vector<std::string> words = words_of(a.command);
  ASSERT_EQ(words.front(), "dovetail");
  words.erase(words.begin());
  const std::string before = dovetail_.folder().read("csv.json");
  EXPECT_EQ(dovetail_.run(words).status, 0) << a.command;
  EXPECT_EQ(dovetail_.folder().read("csv.json"), before);
}

TEST_F(FitCommandsTest, NetworksLeftOutAreReported) {
  const CommandResult result =
      dovetail_.run({"fit-accuracy", "--space", "./small.yaml", "--data", "rows.json", "-o",
                     "above.json", "--splits", "1", "--above", "73"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("not above 73 %"), HasSubstr("networks left out")));
  const RidgeModel model = RidgeModel::load(dovetail_.path("above.json"));
  ASSERT_TRUE(model.left_out);
  EXPECT_EQ(model.left_out->above_percent, 73);
  EXPECT_EQ(model.left_out->networks + model.networks, 81U);
  EXPECT_GT(model.left_out->networks, 10U);
  EXPECT_GE(model.fitted_min, 74);
  EXPECT_THAT(model.command, HasSubstr("--above 73"));
}

TEST_F(FitCommandsTest, BadOptionsAreErrors) {
  const auto refusal = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"fit-accuracy", "--space", "./small.yaml", "-o", "a.json"};
    words.insert(words.end(), more.begin(), more.end());
    const CommandResult result = dovetail_.run(words);
    EXPECT_EQ(result.status, 2);
    return result.err;
  };
  EXPECT_THAT(refusal({"--data", "rows.csv"}), HasSubstr("no column 'top1'"));
  EXPECT_THAT(refusal({"--data", "rows.csv", "--column", "k0"}), HasSubstr("DECISION=COLUMN"));
  EXPECT_THAT(refusal({"--data", "rows.csv", "--column", "k9=arch"}), HasSubstr("k9"));
  EXPECT_THAT(refusal({"--data", "rows.json", "--above", "101"}), HasSubstr("--above"));
  EXPECT_THAT(refusal({"--data", "rows.json", "--above", "99"}), HasSubstr("too few"));
}

TEST_F(FitCommandsTest, ATransferIsMadeAgainByItsCommand) {
  const auto file = configs_folder() / "accuracy" / "mbconv_transfer.json";
  const TransferModel model = TransferModel::load(file);
  std::vector<std::string> words = words_of(model.command);
  ASSERT_GT(words.size(), 2U);
  words.erase(words.begin());
  words.back() = "again.json";
  const CommandResult result = dovetail_.run(words);
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Leave-one-out error"), HasSubstr("efficientnet_b0_224"),
                                HasSubstr("without the effects")));
  EXPECT_NEAR(TransferModel::load(dovetail_.path("again.json")).error.rmse_points,
              model.error.rmse_points, 1e-4);
  const CommandResult unknown =
      dovetail_.run({"fit-transfer", "--from", "ofa_mbv2", "--networks", "a", "-o", "b.json"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("ofa_mbv3"));
}

}  // namespace
}  // namespace dovetail::test
