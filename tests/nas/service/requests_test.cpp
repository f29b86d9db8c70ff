#include "nas/service/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/error.h"

namespace dovetail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string fault_of(const std::string& line) {
  try {
    read_request(line, {});
  } catch (const InputError& e) {
    return e.what();
  }
  return "none";
}

TEST(EvaluationRequestTest, HasWhatTheLineSaysAndElseTheDefaults) {
  RequestDefaults defaults;
  defaults.accuracy = "{source: published}";
  defaults.technology = "7nm";
  defaults.cost = {"surrogate", "m.h5"};
  const EvaluationRequest plain = read_request(R"({"network": "n", "accelerator": "a"})", defaults);
  EXPECT_EQ(plain.id, "");
  EXPECT_EQ(plain.network->name, "n");
  EXPECT_EQ(plain.accelerator->name, "a");
  EXPECT_EQ(plain.accuracy, "{source: published}");
  EXPECT_EQ(plain.technology, "7nm");
  EXPECT_EQ(plain.cost.file, "m.h5");
  EXPECT_FALSE(plain.figures || plain.report || plain.timing);

  const EvaluationRequest full = read_request(
      R"({"id": "x", "network": {"space": "s", "choices": {"k": 3, "r": 0.50, "w": "auto"}},
          "accelerator": {"space": "h", "choices": [1, 0]}, "accuracy": {"source": "predictor"},
          "cost": "simulation", "technology": "16nm", "figures": ["cycles"], "report": true,
          "timing": true})",
      defaults);
  EXPECT_EQ(full.id, "\"x\"");
  EXPECT_EQ(full.network->space, "s");
  EXPECT_THAT(full.network->choices, ElementsAre(testing::Pair("k", "3"), testing::Pair("r", "0.5"),
                                                 testing::Pair("w", "auto")));
  EXPECT_THAT(full.accelerator->positions, ElementsAre(1, 0));
  EXPECT_THAT(full.accuracy, HasSubstr("predictor"));
  EXPECT_EQ(full.cost.model, "simulation");
  EXPECT_EQ(full.technology, "16nm");
  EXPECT_THAT(*full.figures, ElementsAre(&find_figure("cycles")));
  EXPECT_TRUE(full.report && full.timing);
}

TEST(EvaluationRequestTest, ATextWithSeveralLinesIsADocument) {
  const EvaluationRequest request =
      read_request(R"({"network": "schema: dovetail.network/1\nname: x\n"})", {});
  EXPECT_EQ(request.network->name, "");
  EXPECT_THAT(request.network->document, HasSubstr("name: x"));
}

TEST(EvaluationRequestTest, AFaultNamesTheKeyWhatWasFoundAndWhatIsAllowed) {
  EXPECT_THAT(fault_of("{"), HasSubstr("this is no JSON"));
  EXPECT_THAT(fault_of("[]"), HasSubstr("found an array"));
  EXPECT_THAT(fault_of("{}"), HasSubstr("nothing to evaluate"));
  EXPECT_EQ(fault_of(R"({"network": 3})"),
            "network: found 3, allowed a name, a path, a document or {space, choices}");
  EXPECT_THAT(fault_of(R"({"netwerk": "n", "accelerator": "a"})"),
              HasSubstr("unknown key 'netwerk'; did you mean 'network'?"));
  EXPECT_THAT(fault_of(R"({"network": {"space": "s", "choice": {}}})"),
              HasSubstr("network: unknown key 'choice'; did you mean 'choices'?"));
  EXPECT_EQ(fault_of(R"({"network": {"space": "s", "choices": {"k": [1]}}})"),
            "network.choices.k: found an array, allowed a text or a number");
  EXPECT_THAT(fault_of(R"({"network": {"space": "s", "choices": [1.5]}})"),
              HasSubstr("found 1.5, allowed whole numbers"));
  EXPECT_THAT(fault_of(R"({"network": "n", "accelerator": "a", "figures": ["latency"]})"),
              HasSubstr("figures: unknown figure 'latency'; did you mean 'latency_ms'?"));
  EXPECT_THAT(fault_of(R"({"network": "n", "accelerator": "a", "figures": "latency_ms"})"),
              HasSubstr("figures: found 'latency_ms', allowed an array"));
  EXPECT_THAT(fault_of(R"({"network": "n", "accelerator": "a", "report": 1})"),
              HasSubstr("report: found 1, allowed true or false"));
  EXPECT_THAT(fault_of(R"({"id": {}, "network": "n"})"), HasSubstr("id: found an object"));
  EXPECT_THAT(fault_of(R"({"id": true, "network": "n"})"), HasSubstr("id: found true"));
  EXPECT_THAT(fault_of(R"({"id": 18446744073709551617, "network": "n"})"), HasSubstr("below 2^53"));
  EXPECT_EQ(read_request(R"({"id": 18446744073709551615, "network": "n"})", {}).id,
            "18446744073709551615");
  EXPECT_THAT(fault_of(R"({"network": "n", "accelerator": "a", "network": "m"})"),
              HasSubstr("the key 'network' stands twice"));
  EXPECT_THAT(fault_of(R"({"network": {"space": "s", "choices": {"k": 3, "e": 1, "k": 5}}})"),
              HasSubstr("the key 'k' stands twice"));
  EXPECT_THAT(fault_of(R"({"network": "n", "accelerator": "a", "cost": {"model": "surogate"}})"),
              HasSubstr("did you mean 'surrogate'?"));
  EXPECT_THAT(fault_of(R"({"network": "n", "accelerator": "a", "cost": {"model": "table"}})"),
              HasSubstr("cost.file: it is missing"));
}

TEST(EvaluationRequestTest, WhatWouldHaveNoEffectIsRefused) {
  EXPECT_THAT(fault_of(R"({"network": "n", "figures": ["latency_ms"]})"),
              HasSubstr("latency_ms needs a network and an accelerator"));
  EXPECT_THAT(fault_of(R"({"network": "n", "figures": ["area_mm2"]})"),
              HasSubstr("area_mm2 needs an accelerator"));
  EXPECT_THAT(fault_of(R"({"network": "n", "figures": ["top1_percent"]})"),
              HasSubstr("top1_percent needs an accuracy source"));
  EXPECT_THAT(fault_of(R"({"network": "n", "report": true})"),
              HasSubstr("report: it needs a network and an accelerator"));
  EXPECT_THAT(fault_of(R"({"space": "s", "network": "n"})"), HasSubstr("unknown key 'network'"));
}

TEST(EvaluationRequestTest, DeepOnesAreRefusedBeforeTheyAreRead) {
  EXPECT_THAT(fault_of(R"({"network": )" + std::string(100'000, '[')),
              HasSubstr("more than 64 objects in each other"));
  // Brackets in a text are a text.
  EXPECT_THAT(fault_of(R"({"network": ")" + std::string(100, '[') + R"("})"), "none");
  EXPECT_THAT(fault_of(R"({"network": "\"[[)" + std::string(100, '[') + R"("})"), "none");
}

TEST(EvaluationRequestTest, TheIdIsToldWhateverElseIsWrong) {
  EXPECT_EQ(request_id(R"({"id": 5, "nonsense": 1})"), "5");
  EXPECT_EQ(request_id(R"({"id": "a\"b", "network": 3})"), R"("a\"b")");
  EXPECT_EQ(request_id(R"({"network": 3})"), "");
  EXPECT_EQ(request_id(R"({"id": [1]})"), "");
  EXPECT_EQ(request_id("[1]"), "");
  EXPECT_EQ(request_id("{\"id\": 5"), "");
}

}  // namespace
}  // namespace dovetail
