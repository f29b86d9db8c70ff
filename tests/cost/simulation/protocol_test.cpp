#include "cost/simulation/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/files/paths.h"
#include "base/text/version.h"
#include "models/network/zoo.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class ProtocolTest : public testing::Test {
 protected:
  ProtocolTest() { write_tiny_spaces(folder_); }
  TemporaryFolder folder_;
};

TEST_F(ProtocolTest, AJobCarriesBothSpaces) {
  for (const char* name : {"ofa_mbv3", "nahas_s1", "nas_bench_macro"}) {
    const auto networks = NetworkSpace::load(resolve_config("spaces", name));
    const auto accelerators = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
    const CostsJob job =
        job_from_text(job_text({pair_domain(networks, accelerators), "7nm", R"({"seed":3})"}));
    EXPECT_EQ(job.technology, "7nm");
    EXPECT_EQ(job.purpose, R"({"seed":3})");
    Rng rng(1);
    for (int i = 0; i < 20; ++i) {
      const Pair pair{networks.decisions().sample(rng), accelerators.decisions().sample(rng)};
      const Network network = *job.domain.network_of(pair);
      EXPECT_EQ(network.name(), networks.build(pair.network).name());
      EXPECT_EQ(network.layers(), networks.build(pair.network).layers());
      EXPECT_EQ(job.domain.accelerator_of(pair), accelerators.decode(pair.hardware));
    }
  }
}

TEST_F(ProtocolTest, AJobCarriesOneNetworkAndOneAccelerator) {
  const Network network = find_network("mobilenet_v3_large");
  PairDomain domain;
  domain.network.network = std::make_shared<const Network>(network);
  domain.hardware.baseline = AcceleratorConfig::load(resolve_config("accelerators", "tpu_v1"));
  const CostsJob job = job_from_text(job_text({domain, "16nm"}));
  EXPECT_EQ(job.domain.network_of({})->layers(), network.layers());
  EXPECT_EQ(job.domain.accelerator_of({}), domain.hardware.baseline);
  EXPECT_THROW(job.domain.network_of({{1}, {}}), InputError);
  EXPECT_THROW(job.domain.accelerator_of({{}, {1}}), InputError);
}

TEST_F(ProtocolTest, AJobOfAnotherBuildIsRefused) {
  const Network network = find_network("mobilenet_v2");
  const auto accelerators = DesignSpace::load(folder_.path() / "hw.yaml");
  std::string text = job_text({pair_domain(network, accelerators), "16nm"});
  text.replace(text.find(build_description()), 5, "9.9.9");
  EXPECT_THAT(message_of<InputError>([&] { job_from_text(text); }),
              testing::AllOf(HasSubstr("it is of build 9.9.9"), HasSubstr(build_description())));
  EXPECT_THAT(message_of<InputError>([&] { job_from_text("{"); }), HasSubstr("job: "));
  EXPECT_THAT(message_of<InputError>([&] { job_from_text("{}"); }), HasSubstr("schema"));
}

TEST_F(ProtocolTest, TheAcceleratorsOfAJobNameNoFile) {
  const auto networks = NetworkSpace::load(folder_.path() / "net.yaml");
  const auto accelerators = DesignSpace::load(folder_.path() / "hw.yaml");
  nlohmann::json job =
      nlohmann::json::parse(job_text({pair_domain(networks, accelerators), "16nm"}));
  job["accelerators"]["space"] =
      "schema: dovetail.design_space/1\nname: s\nbase: nahas_baseline\n"
      "decisions: [{name: pes_x, choices: [1]}]\n";
  EXPECT_THAT(message_of<InputError>([&] { job_from_text(job.dump()); }),
              HasSubstr("base: found the name of an accelerator"));
}

TEST_F(ProtocolTest, RequestsReadBack) {
  const std::vector<Pair> pairs{{{1, 2, 65535}, {0}}, {{}, {3}}, {{4}, {}}};
  EXPECT_EQ(request_from_text(request_text(pairs)), pairs);
  EXPECT_EQ(request_text(pairs), R"({"pairs":[[[1,2,65535],[0]],[[],[3]],[[4],[]]]})");
  EXPECT_THAT(message_of<InputError>([] { request_from_text(R"({"pairs":[[[1]]]})"); }),
              HasSubstr("request: "));
}

TEST_F(ProtocolTest, AnswersReadBackBitForBit) {
  PairCosts feasible;
  feasible.costs.latency_ms = 0.1 + 0.2;
  feasible.costs.cycles = (std::int64_t{1} << 62) + 1;
  feasible.costs.area_mm2 = 5e-324;
  feasible.costs.energy_mj = 1.7976931348623157e308;
  feasible.costs.peak_local_memory_kib = 1.0 / 3;
  feasible.costs.spread = PredictionSpread{0.1, 2};
  feasible.seconds = 1e-7;
  PairCosts infeasible;
  infeasible.costs.reason = InfeasibleReason::kLocalMemoryTooSmall;
  infeasible.costs.reason_text = "layer \"a\": needs 3\nhas 2";
  infeasible.costs.area_mm2 = 12.5;
  PairCosts failed;
  failed.failure = Answer{AnswerKind::kInputError, "f.yaml:1: bad"};
  const std::vector<PairCosts> costs{feasible, infeasible, failed};
  const std::vector<PairCosts> again = answer_from_text(answer_text(costs));
  ASSERT_EQ(again.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again[i].costs, costs[i].costs);
    EXPECT_EQ(again[i].seconds, costs[i].seconds);
    EXPECT_EQ(again[i].failure.has_value(), i == 2);
  }
  EXPECT_EQ(message_of<InputError>([&] { again[2].checked(); }), "f.yaml:1: bad");
  EXPECT_EQ(&again[0].checked(), &again[0].costs);
  EXPECT_THROW(answer_from_text("{}"), RunError);
}

TEST_F(ProtocolTest, RandomDoublesReadBackBitForBit) {
  Rng rng(3);
  std::vector<PairCosts> costs(1000);
  for (PairCosts& found : costs) {
    const std::uint64_t bits = rng.bits();
    std::memcpy(&found.costs.latency_ms, &bits, sizeof bits);
    if (!std::isfinite(found.costs.latency_ms)) found.costs.latency_ms = rng.normal();
    found.costs.energy_mj = rng.uniform();
  }
  const std::vector<PairCosts> again = answer_from_text(answer_text(costs));
  for (std::size_t i = 0; i < costs.size(); ++i) EXPECT_EQ(again[i].costs, costs[i].costs);
}

}  // namespace
}  // namespace dovetail
