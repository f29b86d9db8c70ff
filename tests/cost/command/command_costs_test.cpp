#include "cost/command/command_costs.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/files/atomic_file.h"
#include "cost/figures/set_figures.h"
#include "hw_space/accelerator_config.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::vector<const Figure*>& latency() {
  static const std::vector<const Figure*> kLatency{&find_metric("latency_ms")};
  return kLatency;
}

TEST(CostAnswer, IsTheFiguresOrAReason) {
  const PairCosts found =
      parse_cost_answer(R"({"latency_ms": 2, "energy_mj": 3, "cycles": 1e6, "mine": "x"})",
                        {&find_metric("power_mw"), &find_metric("top1_percent")});
  EXPECT_EQ(found.checked().latency_ms, 2);
  EXPECT_EQ(found.costs.cycles, 1'000'000);
  EXPECT_TRUE(std::isnan(found.costs.area_mm2));
  const PairCosts refused = parse_cost_answer(R"({"reason": "too\nlarge"})", latency());
  EXPECT_TRUE(refused.refused);
  EXPECT_EQ(refused.failure->bytes, "command: too?large");
}

TEST(CostAnswer, AnythingElseIsWrong) {
  const auto wrong = [](const std::string& line) {
    return message_of<InputError>([&] { parse_cost_answer(line, latency()); });
  };
  EXPECT_THAT(wrong(""), HasSubstr("nothing on stdout"));
  EXPECT_THAT(wrong("done"), HasSubstr("no JSON object: done"));
  EXPECT_THAT(wrong("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(wrong(R"({"energy_mj": 3})"), HasSubstr("nothing of which latency_ms follows"));
  for (const std::string value : {"0", "-1", "1e300", "\"2\"", "null"}) {
    EXPECT_THAT(wrong("{\"latency_ms\": " + value + "}"),
                HasSubstr("latency_ms: allowed a number above 0"));
  }
  EXPECT_THAT(wrong(R"({"reason": 3})"), HasSubstr("reason: allowed text"));
}

class CommandCostsTest : public testing::Test {
 protected:
  CommandCostsTest() {
    write_tiny_spaces(folder_);
    networks_ = std::make_shared<NetworkSpace>(NetworkSpace::load(folder_.path() / "net.yaml"));
    accelerators_ = std::make_shared<DesignSpace>(DesignSpace::load(folder_.path() / "hw.yaml"));
  }
  PairDomain domain() const {
    return {{networks_, std::nullopt, nullptr},
            {accelerators_, accelerators_->base(), std::nullopt}};
  }
  CommandSettings command(std::vector<std::string> words, int parallel = 1) const {
    CommandSettings settings;
    settings.words = std::move(words);
    settings.folder = folder_.path();
    settings.timeout_s = 60;
    settings.retries = 0;
    settings.parallel = parallel;
    return settings;
  }

  TemporaryFolder folder_;
  std::shared_ptr<const NetworkSpace> networks_;
  std::shared_ptr<const DesignSpace> accelerators_;
};

TEST_F(CommandCostsTest, TheProgramIsGivenTheNetworkAndTheAccelerator) {
  folder_.write("cost.sh", R"sh(
macs=$(sed -n 's/.*"macs": \([0-9]*\),/\1/p' $1)
pes=$(sed -n 's/^pes_x: \([0-9]*\).*/\1/p' $2)
grep -q dovetail.network/1 $3 || exit 9
echo "working"
test $pes = 4 && echo '{"reason": "four is too many"}' && exit 0
test $pes = 2 && echo "out of licences" >&2 && exit 3
echo "{\"latency_ms\": $macs, \"area_mm2\": $pes}"
)sh");
  const std::vector<std::string> words{"sh", "./cost.sh", "{json}", "{accelerator}", "{network}"};
  std::vector<Pair> pairs;
  for (const std::uint16_t pes : {0, 1, 2, 0})
    pairs.push_back({{0, 1, 0, 0, 1}, {pes, 0, 0, 0, 0}});
  pairs.back().network[0] = 2;
  for (const int parallel : {1, 3}) {
    CommandCosts model(domain(), command(words, parallel), latency(), true);
    const std::vector<PairCosts> found = model.costs(pairs);
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].checked().latency_ms, networks_->build(pairs[0].network).macs());
    EXPECT_EQ(found[0].costs.area_mm2, 1);
    EXPECT_FALSE(found[1].refused);
    EXPECT_THAT(found[1].failure->bytes,
                AllOf(HasSubstr("exit status 3"), HasSubstr("out of licences")));
    EXPECT_TRUE(found[2].refused);
    EXPECT_EQ(found[2].failure->bytes, "command: four is too many");
    EXPECT_EQ(found[3].checked().latency_ms, networks_->build(pairs[3].network).macs());
  }
}

TEST_F(CommandCostsTest, WhatCannotWorkIsToldBeforeItIsAsked) {
  const auto wrong = [&](const CommandSettings& settings, const Figure& needed, bool accelerators) {
    return message_of<InputError>(
        [&] { CommandCosts(domain(), settings, {&needed}, accelerators); });
  };
  const Figure& ms = find_metric("latency_ms");
  EXPECT_THAT(wrong(command({"a", "{accelerator}"}), ms, false), HasSubstr("{accelerator}"));
  EXPECT_THAT(wrong(command({"a", "{jso}"}), ms, true), HasSubstr("'json'"));
  EXPECT_THAT(wrong(command({"a"}), set_metric("latency_ms@b"), true), HasSubstr("latency_ms@b"));
  CommandCosts none(domain(), command({"./no-such-program"}), latency(), true);
  EXPECT_THAT(message_of<InputError>([&] {
                none.costs_of({{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}});
              }),
              HasSubstr("no-such-program"));
}

}  // namespace
}  // namespace dovetail
