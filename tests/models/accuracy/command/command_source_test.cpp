#include "models/accuracy/command/command_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/text.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class CommandSourceTest : public testing::Test {
 protected:
  /// A shell script as the program; $1 and $2 are the two files.
  CommandSettings settings(const std::string& script) const {
    CommandSettings settings;
    settings.words = {"/bin/sh", "-c", script, "program"};
    settings.folder = folder_.path();
    settings.timeout_s = 100;
    return settings;
  }
  std::unique_ptr<AccuracySource> source(const CommandSettings& settings) const {
    return make_command_source(settings, space_, nullptr);
  }
  std::vector<AccuracyAnswer> ask(const CommandSettings& settings,
                                  const std::vector<Choices>& networks) const {
    std::vector<AccuracyAnswer> answers(networks.size());
    source(settings)->ask(networks,
                          [&](std::size_t i, const AccuracyAnswer& answer) {
                            EXPECT_EQ(answers[i], AccuracyAnswer()) << "answered twice";
                            answers[i] = answer;
                          },
                          {});
    return answers;
  }
  AccuracyAnswer ask_one(const CommandSettings& settings) const {
    return ask(settings, {network_}).front();
  }
  std::string refusal(std::vector<std::string> words) const {
    CommandSettings settings;
    settings.words = std::move(words);
    settings.folder = folder_.path();
    return message_of<InputError>([&] { source(settings); });
  }
  std::size_t calls() const {
    const std::string log = folder_.read("calls");
    return static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
  }

  TemporaryFolder folder_;
  std::shared_ptr<const NetworkSpace> space_ = std::make_shared<NetworkSpace>(small_space());
  Choices network_{1, 1, 2, 0, 1, 0};  // d=2 k0=5 e0=6 k1=3 e1=4
};

TEST_F(CommandSourceTest, GivesTheArchitectureAndReadsTheLastLine) {
  const AccuracyAnswer answer = ask_one(
      settings("cp $1 json; cp $2 onnx; echo epoch 1; "
               "echo '{\"top1_percent\": 75.3, \"epochs\": [1, 2]}'; echo; echo noise >&2"));
  EXPECT_EQ(answer, AccuracyAnswer::known({75.3, false}));

  const auto json = nlohmann::json::parse(folder_.read("json"));
  EXPECT_EQ(json["schema"], "dovetail.architecture/1");
  EXPECT_EQ(json["space"], "small");
  EXPECT_EQ(json["choices"],
            (nlohmann::json{{"d", 2}, {"k0", 5}, {"e0", 6}, {"k1", 3}, {"e1", 4}}));
  const Network network = space_->build(network_);
  EXPECT_EQ(json["network"], network.name());
  EXPECT_EQ(json["macs"], network.macs());
  EXPECT_EQ(json["parameters"], network.parameters());
  EXPECT_EQ(json["input"]["channels"], 3);
  EXPECT_EQ(json["blocks"].size(), 5u);
  EXPECT_THAT(json["blocks"][1].get<std::string>(), AllOf(StartsWith("mb "), HasSubstr("k=5")));
  EXPECT_EQ(load_onnx(folder_.write("network.onnx", folder_.read("onnx"))).macs(), network.macs());
}

TEST_F(CommandSourceTest, TheBlocksAreANetworkFile) {
  const auto json =
      nlohmann::json::parse(architecture_json(space_->build(network_), space_.get(), network_));
  std::string yaml =
      "schema: dovetail.network/1\nname: again\ninput: " + json["input"].dump() + "\nblocks:\n";
  for (const auto& block : json["blocks"]) yaml += "  - " + block.get<std::string>() + "\n";
  EXPECT_EQ(load_network(folder_.write("again.yaml", yaml)).macs(), space_->build(network_).macs());
}

TEST_F(CommandSourceTest, PlaceholdersStandForThePaths) {
  CommandSettings with = settings(
      "test -f \"$1\" && test ! -e $(dirname \"$1\")/network.onnx && test $# -eq 2 && "
      "echo \"{\\\"top1_percent\\\": 5$2}\"");
  with.words.insert(with.words.end(), {"{json}", "{slot}"});
  EXPECT_EQ(ask_one(with).estimate.top1_percent, 50);
  CommandSettings folder = settings(
      "test -f $1/network.json && test -f $1/network.onnx && test $# -eq 1 && "
      "echo '{\"top1_percent\": 60}'");
  folder.words.emplace_back("{folder}");
  EXPECT_EQ(ask_one(folder).estimate.top1_percent, 60);
  EXPECT_THAT(refusal({"sh", "--network={jsn}"}), AllOf(HasSubstr("'jsn'"), HasSubstr("'json'")));
  EXPECT_NO_THROW(source(settings("f() { true; }; echo {\"a\": 1}")));
}

TEST_F(CommandSourceTest, ANameInTwoBracesIsPlainText) {
  EXPECT_THAT(refusal({"awk", "{print}"}), HasSubstr("'{{print}}' is a plain '{print}'"));
  CommandSettings shell = settings(
      "x=5; test ${{x}} = 5 && test $1 = '{{slot}}' && test $2 = 0 && echo 66 | awk '{{print}}' | "
      "sed 's/.*/{\"top1_percent\": &}/'");
  shell.words.insert(shell.words.end(), {"{{slot}}", "{slot}"});
  EXPECT_EQ(ask_one(shell).estimate.top1_percent, 66);
}

TEST_F(CommandSourceTest, EveryAttemptHasAFolderOfItsOwnThatIsRemoved) {
  CommandSettings twice = settings("dirname $1 >> calls; ls $(dirname $1) >> files; exit 1");
  EXPECT_FALSE(ask_one(twice).ok());
  const auto folders = split(folder_.read("calls"), '\n');
  ASSERT_EQ(folders.size(), 3u);  // two lines
  EXPECT_NE(folders[0], folders[1]);
  EXPECT_FALSE(std::filesystem::exists(folders[0]));
  EXPECT_FALSE(std::filesystem::exists(folders[1]));
  EXPECT_EQ(folder_.read("files"), "network.json\nnetwork.onnx\nnetwork.json\nnetwork.onnx\n");
}

TEST_F(CommandSourceTest, AFailureIsTriedAgain) {
  CommandSettings flaky =
      settings("echo >> calls; test $(wc -l < calls) -ge 3 && echo '{\"top1_percent\": 70}'");
  flaky.retries = 2;
  EXPECT_EQ(ask_one(flaky), AccuracyAnswer::known({70, false}));
  EXPECT_EQ(calls(), 3u);

  CommandSettings broken = settings("echo >> calls; exit 4");
  broken.retries = 0;
  EXPECT_EQ(ask_one(broken).reason, "command: exit status 4; nothing on stderr");
  EXPECT_EQ(calls(), 4u);
  broken.retries = 3;
  EXPECT_THAT(ask_one(broken).reason, HasSubstr("(attempt 4)"));
  EXPECT_EQ(calls(), 8u);
}

TEST_F(CommandSourceTest, TheReasonHasTheEndOfStderr) {
  const AccuracyAnswer answer = ask_one(settings(
      "for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; printf 'bad \\033[1m\\377\\n\\n' >&2; "
      "exit 2"));
  EXPECT_EQ(answer.status, AccuracyStatus::kFailed);
  EXPECT_EQ(answer.reason,
            "command: exit status 2 (attempt 2); stderr: line 4 | line 5 | line 6 | line 7 | bad "
            "?[1m?");
}

TEST_F(CommandSourceTest, BadAnswersAreFailures) {
  const auto reason = [&](const std::string& script) {
    CommandSettings once = settings(script);
    once.retries = 0;
    const AccuracyAnswer answer = ask_one(once);
    EXPECT_EQ(answer.status, AccuracyStatus::kFailed);
    return answer.reason;
  };
  EXPECT_THAT(reason("true"), HasSubstr("nothing on stdout"));
  EXPECT_THAT(reason("echo 75.3"), HasSubstr("no JSON object: 75.3"));
  EXPECT_THAT(reason("echo '{\"top1_percent\": 75'"), HasSubstr("no JSON object"));
  EXPECT_THAT(reason("echo '{\"top1\": 75}'"), HasSubstr("no top1_percent"));
  for (const std::string value : {"0", "-1", "100.5", "null", "\\\"75\\\"", "NaN"}) {
    EXPECT_THAT(reason("echo '{\"top1_percent\": " + value + "}'"), HasSubstr("command: "))
        << value;
  }
  EXPECT_THAT(reason("echo '{\"top1_percent\": 75}'; kill -11 $$"), HasSubstr("signal 11"));
  CommandSettings late = settings("sleep 1000");
  late.retries = 0;
  late.timeout_s = 0.2;
  EXPECT_THAT(ask_one(late).reason, HasSubstr("no end within 0.2 s"));
}

TEST_F(CommandSourceTest, AnswersDoNotDependOnHowManyRunAtATime) {
  std::vector<Choices> networks;
  for (std::uint64_t i = 0; i < 12; ++i) {
    networks.push_back(space_->canonical(space_->decisions().from_index(i * 27)));
  }
  // Every third fails.
  CommandSettings one = settings(
      "n=$(grep -o '\"macs\": [0-9]*' $1 | tr -dc 0-9); test $((n % 3)) -ne 0 || exit 1; "
      "echo \"{\\\"top1_percent\\\": $((n % 97 + 1))}\"");
  one.words.emplace_back("{json}");
  const auto expected = ask(one, networks);
  CommandSettings five = one;
  five.parallel = 5;
  EXPECT_EQ(ask(five, networks), expected);
  EXPECT_EQ(source(five)->description(), source(one)->description());
}

TEST_F(CommandSourceTest, StoppedItAnswersNoMore) {
  CommandSettings slow = settings("touch started; sleep 1000");
  int answered = 0;
  source(slow)->ask(
      std::vector<Choices>{network_}, [&](std::size_t, const AccuracyAnswer&) { ++answered; },
      [&] { return !std::filesystem::exists(folder_.path() / "started"); });
  EXPECT_EQ(answered, 0);
}

TEST_F(CommandSourceTest, OneNetworkFromTheZooIsGivenWithoutChoices) {
  const auto network = std::make_shared<Network>(find_network("mobilenet_v2"));
  CommandSettings copy = settings("cp $1 json; echo '{\"top1_percent\": 71.8}'");
  copy.words.emplace_back("{json}");
  EXPECT_EQ(make_command_source(copy, nullptr, network)->accuracy({}).top1_percent, 71.8);
  const auto json = nlohmann::json::parse(folder_.read("json"));
  EXPECT_EQ(json["network"], "mobilenetv2_1.0_224");
  EXPECT_FALSE(json.contains("choices"));
}

TEST_F(CommandSourceTest, SaysWhatItIsAndWhatCannotWork) {
  const auto program = source(settings("true"));
  EXPECT_TRUE(program->slow());
  EXPECT_THAT(program->description(),
              AllOf(StartsWith("command /bin/sh"), HasSubstr("{json} {onnx}"), HasSubstr("100 s")));
  EXPECT_THAT(message_of<RunError>([&] { program->accuracy(network_); }),
              HasSubstr("nothing on stdout"));
  EXPECT_NO_THROW(program->require_ready());
  CommandSettings missing;
  missing.words = {"no-such-program"};
  EXPECT_THAT(message_of<InputError>([&] { source(missing)->require_ready(); }),
              HasSubstr("no program in PATH"));
}

}  // namespace
}  // namespace dovetail
