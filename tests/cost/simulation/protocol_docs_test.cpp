// docs/protocol.schema.json and docs/protocol.md are what the program says and reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/version.h"
#include "cost/simulation/protocol.h"
#include "models/network/zoo.h"
#include "tests/base/text/schema_checker.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using Json = nlohmann::json;

const std::filesystem::path kDocs = std::filesystem::path(DOVETAIL_SOURCE_DIR) / "docs";

class ProtocolDocsTest : public testing::Test {
 protected:
  void expect_valid(const std::string& text, const std::string& definition) const {
    EXPECT_EQ(schema_.defect(text, definition), "") << text;
  }
  test::SchemaChecker schema_{kDocs / "protocol.schema.json"};
};

TEST_F(ProtocolDocsTest, WhatTheProgramSaysIsAsTheSchemaDefines) {
  const TemporaryFolder folder;
  write_tiny_spaces(folder);
  const auto networks = NetworkSpace::load(folder.path() / "net.yaml");
  const auto accelerators = DesignSpace::load(folder.path() / "hw.yaml");
  const Network network = find_network("mobilenet_v3_large");
  expect_valid(job_text({pair_domain(networks, accelerators), "16nm", "{}"}), "job");
  expect_valid(job_text({pair_domain(network, accelerators), "16nm"}), "job");
  const std::vector<Pair> pairs{{{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}, {{}, {}}};
  expect_valid(request_text(pairs), "request");
  PairSimulator simulator(pair_domain(networks, accelerators), "16nm");
  expect_valid(answer_request(simulator, request_text(pairs)), "answer");
  PairCosts predicted;
  predicted.costs.spread = PredictionSpread{1, 2};
  predicted.costs.reason = InfeasibleReason::kWeightsDoNotFit;
  predicted.costs.reason_text = "why";
  expect_valid(answer_text(std::span(&predicted, 1)), "answer");
}

TEST_F(ProtocolDocsTest, WhatIsSaidOfLoosePairsIsAsTheSchemaDefines) {
  const TemporaryFolder folder;
  write_tiny_spaces(folder);
  const auto space =
      std::make_shared<const NetworkSpace>(NetworkSpace::load(folder.path() / "net.yaml"));
  const auto network = std::make_shared<const Network>(find_network("mobilenet_v3_small"));
  const std::vector<NetworkSide> networks{{space, std::nullopt, nullptr},
                                          {nullptr, std::nullopt, network}};
  expect_valid(loose_job_text(networks), "loose_job");
  const std::vector<LoosePair> pairs{{0, {0, 0, 0, 0, 0}, {}, "16nm", false},
                                     {1, {}, {}, "7nm", true}};
  expect_valid(loose_request_text(pairs), "loose_request");
  const std::string answer = simulation_work(loose_job_text(networks))(loose_request_text(pairs));
  expect_valid(answer, "loose_answer");
  const auto costs = loose_answer_from_text(answer);
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs[0].report, "");
  EXPECT_NE(costs[1].report, "");
}

TEST_F(ProtocolDocsTest, TheCheckerFindsWhatIsWrong) {
  const auto defect = [&](const std::string& text) { return schema_.defect(text, "answer"); };
  EXPECT_EQ(defect("{}"), "answer: no costs");
  EXPECT_EQ(defect(R"({"costs":[{"seconds":1,"latency":2}]})"),
            "answer/costs/0: unexpected latency");
  EXPECT_EQ(defect(R"({"costs":[{"seconds":"1"}]})"), "answer/costs/0/seconds: another type");
}

TEST_F(ProtocolDocsTest, TheExamplesOfThePageAreValidAndRead) {
  const std::string page = read_file(kDocs / "protocol.md");
  const auto example = [&](const std::string& kind) {
    const std::string fence = "```json " + kind + "\n";
    const std::size_t begin = page.find(fence) + fence.size();
    return page.substr(begin, page.find("```", begin) - begin);
  };
  for (const char* kind : {"job", "request", "answer", "loose_job"})
    expect_valid(example(kind), kind);
  Json job = Json::parse(example("job"));
  job["build"] = build_description();
  const CostsJob read = job_from_text(job.dump());
  PairSimulator simulator(read.domain, read.technology);
  const std::vector<Pair> pairs = request_from_text(example("request"));
  ASSERT_EQ(pairs.size(), 3U);
  for (const Pair& pair : pairs) EXPECT_NO_THROW(simulator.costs(pair).checked());
  EXPECT_EQ(answer_from_text(example("answer")).size(), 3U);
}

}  // namespace
}  // namespace dovetail
