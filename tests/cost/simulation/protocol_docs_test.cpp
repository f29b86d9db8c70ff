// docs/protocol.schema.json and docs/protocol.md are what the program says and reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/version.h"
#include "cost/simulation/protocol.h"
#include "models/network/zoo.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using Json = nlohmann::json;

const std::filesystem::path kDocs = std::filesystem::path(DOVETAIL_SOURCE_DIR) / "docs";

/// As much of JSON schema as ours uses.
class SchemaChecker {
 public:
  explicit SchemaChecker(const std::filesystem::path& file) : root_(Json::parse(read_file(file))) {}

  const Json& definition(const std::string& name) const { return root_.at("$defs").at(name); }

  /// What is wrong with a value, at its first place; empty if nothing is.
  std::string defect(const Json& value, const Json& rule, const std::string& at) const {
    if (rule.contains("$ref")) {
      return defect(value, root_.at(Json::json_pointer(rule["$ref"].get<std::string>().substr(1))),
                    at);
    }
    if (rule.contains("const") && value != rule["const"]) return at + ": another constant";
    if (rule.contains("type") && !has_type(value, rule["type"])) return at + ": another type";
    if (value.is_object()) return defect_of_members(value, rule, at);
    if (value.is_array() && rule.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        const auto wrong = defect(value[i], rule["items"], at + "/" + std::to_string(i));
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  }

 private:
  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }
  std::string defect_of_members(const Json& value, const Json& rule, const std::string& at) const {
    for (const auto& key : rule.value("required", Json::array())) {
      if (!value.contains(key)) return at + ": no " + key.get<std::string>();
    }
    for (const auto& [key, member] : value.items()) {
      if (!rule.contains("properties") || !rule["properties"].contains(key)) {
        if (rule.value("additionalProperties", true)) continue;
        return at + ": unexpected " + key;
      }
      const std::string wrong = defect(member, rule["properties"][key], at + "/" + key);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  Json root_;
};

class ProtocolDocsTest : public testing::Test {
 protected:
  void expect_valid(const std::string& text, const std::string& definition) const {
    EXPECT_EQ(schema_.defect(Json::parse(text), schema_.definition(definition), definition), "")
        << text;
  }
  SchemaChecker schema_{kDocs / "protocol.schema.json"};
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

TEST_F(ProtocolDocsTest, TheCheckerFindsWhatIsWrong) {
  const auto defect = [&](const std::string& text) {
    return schema_.defect(Json::parse(text), schema_.definition("answer"), "answer");
  };
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
  for (const char* kind : {"job", "request", "answer"}) expect_valid(example(kind), kind);
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
