#include "nas/service/evaluation_service.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "cost/simulation/simulation_costs.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/surrogate_costs.h"
#include "cost/surrogate/training/trainer.h"
#include "cost/table/table_costs.h"
#include "tests/base/text/schema_checker.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

const std::filesystem::path kDocs = std::filesystem::path(DOVETAIL_SOURCE_DIR) / "docs";

class EvaluationServiceTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (files_.path() / name).string(); }
  Json point(const std::string& space, const DecisionSpace& decisions, const Choices& choices) {
    return {{"space", path(space)}, {"choices", decisions.decode(choices)}};
  }
  /// Random pairs of the tiny spaces, and the requests for them.
  std::vector<std::string> random_requests(std::size_t count, std::vector<Pair>* pairs = nullptr) {
    Rng rng(7);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < count; ++i) {
      const Choices network = networks_.canonical(networks_.decisions().sample(rng)),
                    hardware = accelerators_.decisions().sample(rng);
      if (pairs != nullptr) pairs->push_back({network, hardware});
      lines.push_back(Json{{"id", i},
                           {"network", point("net.yaml", networks_.decisions(), network)},
                           {"accelerator", point("hw.yaml", accelerators_.decisions(), hardware)}}
                          .dump());
    }
    return lines;
  }
  static std::vector<Json> answers(EvaluationService& service,
                                   const std::vector<std::string>& lines) {
    std::vector<Json> parsed;
    for (const std::string& answer : service.answer(lines, 1))
      parsed.push_back(Json::parse(answer));
    return parsed;
  }
  Json answer(const std::string& line) {
    EvaluationService service(options_);
    return answers(service, {line}).at(0);
  }
  static void expect_costs(const Json& answer, const Costs& costs) {
    if (!costs.feasible()) {
      EXPECT_EQ(answer.at("status"), "infeasible");
      EXPECT_EQ(answer.at("reason"), reason_sentence(costs));
      EXPECT_EQ(answer.at("figures"), (Json{{"area_mm2", costs.area_mm2}}));
      return;
    }
    EXPECT_EQ(answer.at("status"), "ok");
    for (const Figure& figure : figures()) {
      const double value = figure.of(costs);
      if (figure.key == "top1_percent" || !std::isfinite(value)) continue;
      EXPECT_EQ(answer.at("figures").at(figure.key).get<double>(), value) << figure.key;
    }
  }

  TinyStudy files_;
  NetworkSpace networks_ = NetworkSpace::load(files_.path() / "net.yaml");
  DesignSpace accelerators_ = DesignSpace::load(files_.path() / "hw.yaml");
  ServiceOptions options_;
};

TEST_F(EvaluationServiceTest, PointsOfSpacesCostWhatASimulationSays) {
  std::vector<Pair> pairs;
  const auto lines = random_requests(40, &pairs);
  SimulationCosts simulation(pair_domain(networks_, accelerators_), {});
  const auto expected = simulation.costs(pairs);
  EvaluationService service(options_);
  const auto found = answers(service, lines);
  ASSERT_EQ(found.size(), lines.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].at("id"), i);
    expect_costs(found[i], expected[i].costs);
  }
}

TEST_F(EvaluationServiceTest, WorkersAndBatchesChangeNoByte) {
  auto lines = random_requests(40);
  lines.push_back(R"({"network": "mobilenet_v3_small", "accelerator": "nahas_baseline",)"
                  R"( "report": true})");
  lines.push_back(R"({"network": "mobilenet_v3_small", "accelerator": {"pes_x": 3}})");
  lines.insert(lines.end(), lines.begin(), lines.begin() + 5);  // known by then
  EvaluationService one(options_);
  options_.workers = 2;
  EvaluationService two(options_);
  std::vector<std::string> singly;
  for (const std::string& line : lines) singly.push_back(one.answer({&line, 1}, 1).at(0));
  EXPECT_EQ(two.answer(lines, 1), singly);
  EXPECT_EQ(two.answer(lines, 1), singly);  // all known
}

TEST_F(EvaluationServiceTest, EqualPairsAreSimulatedOnceHoweverTheyAreNamed) {
  const auto timed = [](const std::string& accelerator) {
    return R"({"network": "mobilenet_v3_small", "timing": true, "accelerator": )" + accelerator +
           "}";
  };
  EvaluationService service(options_);
  const auto found =
      answers(service, {timed(R"("nahas_baseline")"), timed(R"({"base": "nahas_baseline"})"),
                        timed(R"({"base": "nahas_baseline", "name": "other", "pes_x": 4})"),
                        timed(R"({"base": "nahas_baseline", "pes_x": 2})")});
  EXPECT_GT(found[0].at("seconds"), 0);
  EXPECT_EQ(found[1].at("seconds"), 0);
  EXPECT_EQ(found[2].at("seconds"), 0);
  EXPECT_EQ(found[1].at("figures"), found[0].at("figures"));
  EXPECT_GT(found[3].at("seconds"), 0);
  EXPECT_NE(found[3].at("figures"), found[0].at("figures"));
}

TEST_F(EvaluationServiceTest, AFileThatHasChangedIsReadAgain) {
  const auto write = [&](int pes) {
    files_.folder().write("acc.yaml",
                          fmt::format("schema: dovetail.accelerator/1\npes_x: {}\n# {}", pes,
                                      std::string(static_cast<std::size_t>(pes), 'x')));
  };
  EvaluationService service(options_);
  const std::string line =
      Json{{"accelerator", path("acc.yaml")}, {"figures", {"area_mm2"}}}.dump();
  write(1);
  const auto before = answers(service, {line});
  write(8);
  EXPECT_NE(answers(service, {line}), before);
  write(1);
  EXPECT_EQ(answers(service, {line}), before);
}

TEST_F(EvaluationServiceTest, AMalformedRequestHurtsOnlyItself) {
  auto lines = random_requests(6);
  EvaluationService clean(options_);
  const auto expected = clean.answer(lines, 1);
  lines[1] = R"({"id": "bad", "network": "mobilnet_v2", "accelerator": "nahas_baseline"})";
  lines[4] = "no JSON";
  EvaluationService service(options_);
  const auto found = service.answer(lines, 11);
  ASSERT_EQ(found.size(), 6U);
  for (const std::size_t i : {0, 2, 3, 5}) EXPECT_EQ(found[i], expected[i]);
  const Json bad = Json::parse(found[1]);
  EXPECT_EQ(bad.at("id"), "bad");
  EXPECT_EQ(bad.at("status"), "invalid");
  EXPECT_THAT(bad.at("reason"), HasSubstr("line 12: network: unknown network 'mobilnet_v2'; did "
                                          "you mean 'mobilenet_v2'?"));
  EXPECT_THAT(Json::parse(found[4]).at("reason"), HasSubstr("line 15: this is no JSON"));
}

TEST_F(EvaluationServiceTest, APointIsReadWithItsPlaceInMessages) {
  const auto reason = [&](const Json& network) {
    return answer(Json{{"network", network}, {"accelerator", "nahas_baseline"}}.dump())
        .value("reason", "none");
  };
  const Json some{{"k0", 3}, {"e0", 2}, {"d", 1}};
  const auto with = [&](const std::string& key, const Json& value) {
    Json choices = some;
    choices[key] = value;
    return Json{{"space", path("net.yaml")}, {"choices", choices}};
  };
  // k1 and e1 have no effect where d is 1.
  EXPECT_EQ(reason({{"space", path("net.yaml")}, {"choices", some}}), "none");
  EXPECT_EQ(reason(with("k0", 5.0)), "none");
  EXPECT_THAT(reason(with("d", 2)), HasSubstr("choices: 'k1' is missing, allowed 3, 5"));
  EXPECT_THAT(reason(with("k0", 4)), HasSubstr("allowed 3, 5, 7"));
  EXPECT_THAT(reason(with("kk", 4)), HasSubstr("unknown decision 'kk'"));
  EXPECT_THAT(reason({{"space", path("net.yaml")}, {"choices", {0, 0, 0, 0}}}),
              HasSubstr("found 4 positions, allowed 5"));
  EXPECT_THAT(reason({{"space", path("net.yaml")}, {"choices", {3, 0, 0, 0, 0}}}),
              HasSubstr("choices.k0: found position 3, allowed 0 to 2"));
  EXPECT_THAT(reason({{"space", path("hw.yaml")}, {"choices", some}}),
              HasSubstr("has accelerators, allowed one of networks"));
}

TEST_F(EvaluationServiceTest, ANameOfAPointStandsForThePoint) {
  const Json spelt_out = answer(
      Json{{"network", {{"space", path("net.yaml")}, {"choices", {1, 0, 0, 0, 0}}}},
           {"accelerator",
            {{"space", path("hw.yaml")}, {"choices", accelerators_.decisions().from_index(3)}}}}
          .dump());
  std::string network = path("net.yaml"), separator = ":";
  for (const auto& [name, choice] : networks_.decisions().decode({1, 0, 0, 0, 0})) {
    network += separator + name + "=" + choice;
    separator = ",";
  }
  const Json named{{"network", network}, {"accelerator", path("hw.yaml") + "-3"}};
  EXPECT_EQ(answer(named.dump()), spelt_out);
  EXPECT_THAT(
      answer(Json{{"network", network}, {"accelerator", "nahas_edge-50000"}}.dump()).at("reason"),
      HasSubstr("accelerator 'nahas_edge-50000': found point 50000"));
}

TEST_F(EvaluationServiceTest, DocumentsAreNetworksAndAccelerators) {
  const std::string yaml = networks_.to_yaml({0, 0, 0, 0, 0});
  const Json by_choices = answer(Json{
      {"network", {{"space", path("net.yaml")}, {"choices", {0, 0, 0, 0, 0}}}},
      {"accelerator",
       "nahas_baseline"}}.dump());
  const std::string accelerator =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline")).to_yaml();
  EXPECT_EQ(answer(Json{{"network", yaml}, {"accelerator", accelerator}}.dump()), by_choices);
  const Json json{{"schema", "dovetail.network/1"},
                  {"name", "mine"},
                  {"input", {{"height", 32}, {"width", 32}, {"channels", 3}}},
                  {"blocks", {"conv k=3 s=2 c=16 act=relu", "pool", "fc c=10"}}};
  EXPECT_EQ(answer(Json{{"network", json}, {"accelerator", "nahas_baseline"}}.dump()).at("status"),
            "ok");
  const Json wrong = answer(
      R"({"network": "mobilenet_v2", "accelerator": {"base": "nahas_baseline", "pes_x": 0}})");
  EXPECT_THAT(wrong.at("reason"), HasSubstr("accelerator:1:"));
  EXPECT_THAT(wrong.at("reason"), HasSubstr("pes_x: found '0', allowed"));
}

TEST_F(EvaluationServiceTest, OnlyWhatFiguresNeedIsFound) {
  const Json area = answer(
      R"({"network": "mobilenet_v2", "accelerator": "nahas_baseline", "figures": ["area_mm2"],)"
      R"( "timing": true})");
  EXPECT_EQ(area.at("figures").size(), 1U);
  EXPECT_EQ(area.at("seconds"), 0);  // nothing was simulated
  const Json both = answer(R"({"network": "mobilenet_v2", "accelerator": "nahas_baseline"})");
  EXPECT_EQ(area.at("figures").at("area_mm2"), both.at("figures").at("area_mm2"));
  const Json cycles = answer(
      R"({"network": "mobilenet_v2", "accelerator": "nahas_baseline", "figures": ["cycles"]})");
  EXPECT_EQ(cycles.at("figures"), (Json{{"cycles", both.at("figures").at("cycles")}}));
}

TEST_F(EvaluationServiceTest, AccuracyIsThatOfTheSource) {
  options_.defaults.accuracy =
      fmt::format("{{source: predictor, file: {}}}", path("predictor.json"));
  std::vector<Pair> pairs;
  const auto lines = random_requests(10, &pairs);
  const auto accuracy = read_accuracy(YamlNode::parse(options_.defaults.accuracy, "a"), "")
                            .settings->make(pair_domain(networks_, accelerators_).network);
  EvaluationService service(options_);
  const auto found = answers(service, lines);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].at("status") != "ok") continue;
    EXPECT_EQ(found[i].at("figures").at("top1_percent"),
              accuracy->accuracy(pairs[i].network).top1_percent);
  }
  // A network outside the space of the source is refused, and not simulated.
  Json refused = Json::parse(lines[0]);
  refused["network"] = "mobilenet_v2";
  const Json reply = answers(service, {refused.dump()}).at(0);
  EXPECT_EQ(reply.at("status"), "invalid");
  EXPECT_THAT(reply.at("reason"), HasSubstr("network space"));
}

TEST_F(EvaluationServiceTest, ASlowSourceIsAskedOnlyAboutNetworksThatRun) {
  const std::string program =
      files_.folder().write("accuracy.sh",
                            "#!/bin/sh\n"
                            "echo asked >> " +
                                path("asked.txt") + "\necho '{\"top1_percent\": 50}'\n");
  Json line{{"network", {{"space", path("net.yaml")}, {"choices", {0, 0, 0, 0, 0}}}},
            {"accelerator", "nahas_baseline"},
            {"accuracy", {{"source", "command"}, {"command", {"sh", program}}, {"timeout_s", 30}}}};
  EXPECT_THAT(answer(line.dump()).at("reason"), HasSubstr("allowed with --trust"));
  options_.trust = true;
  EXPECT_EQ(answer(line.dump()).at("figures").at("top1_percent"), 50);
  EXPECT_EQ(files_.folder().read("asked.txt"), "asked\n");
  const Json chip{{"pes_x", 1}, {"pes_y", 1}, {"local_memory_mib", 0.03}, {"weights", "cached"}};
  line["accelerator"] = chip;
  line["network"] = "mobilenet_v3_small";
  const Json infeasible = answer(line.dump());
  EXPECT_EQ(infeasible.at("status"), "infeasible");
  EXPECT_THAT(infeasible.at("reason"), HasSubstr("weights_do_not_fit: "));
  const Json area = answer(Json{{"accelerator", chip}, {"figures", {"area_mm2"}}}.dump());
  EXPECT_EQ(infeasible.at("figures"), area.at("figures"));
  EXPECT_EQ(files_.folder().read("asked.txt"), "asked\n");
}

TEST_F(EvaluationServiceTest, SurrogatesAndTablesAnswerForPointsOfTheirSpaces) {
  LabellingOptions labelling;
  Dataset labels = empty_dataset(networks_, accelerators_, labelling);
  label_pairs(labels, networks_, accelerators_, 200, labelling, {});
  TrainingOptions training;
  training.epochs = 2;
  training.hidden = {8};
  train_surrogate(labels, training).model.save(path("m.h5"));
  CostTable::enumerate(networks_, accelerators_, {}).save(path("t.h5"), networks_, accelerators_);

  std::vector<Pair> pairs;
  const auto lines = random_requests(20, &pairs);
  const PairDomain domain = pair_domain(networks_, accelerators_);
  SurrogateCosts surrogate(
      domain, predictions_of(std::make_shared<const Surrogate>(Surrogate::load(path("m.h5")))),
      "16nm");
  TableCosts table(domain, std::make_shared<const CostTable>(
                               CostTable::load(path("t.h5"), networks_, accelerators_, "16nm")));
  for (const auto& [model, file, costs] :
       {std::tuple<const char*, const char*, CostModel*>{"surrogate", "m.h5", &surrogate},
        {"table", "t.h5", &table}}) {
    options_.defaults.cost = {model, path(file)};
    EvaluationService service(options_);
    const auto found = answers(service, lines);
    const auto expected = costs->costs(pairs);
    for (std::size_t i = 0; i < found.size(); ++i) expect_costs(found[i], expected[i].costs);
    EXPECT_THAT(
        answer(R"({"network": "mobilenet_v2", "accelerator": "nahas_baseline"})").at("reason"),
        HasSubstr("points of two spaces"));
  }
  options_.defaults.cost = {"surrogate", path("none.h5")};
  EXPECT_THAT(answer(lines[0]).at("reason"), HasSubstr("none.h5"));
}

TEST_F(EvaluationServiceTest, ASpaceIsItsDecisionsAndTheirConditions) {
  const Json space = answer(Json{{"space", path("net.yaml")}}.dump()).at("space");
  EXPECT_EQ(space.at("kind"), "network");
  EXPECT_EQ(space.at("points"), 108);
  EXPECT_EQ(space.at("distinct_points"), 63);
  EXPECT_EQ(space.at("decisions").at(2),
            Json::parse(R"({"name": "k1", "ordered": true, "choices": [3, 5],
                            "active_if": [{"decision": "d", "choices": [2]}]})"));
  EXPECT_FALSE(space.at("decisions").at(0).contains("active_if"));
  const Json point = answer(
      Json{{"space", path("net.yaml")}, {"choices", {{"k0", 5}, {"e0", 4}, {"d", 1}}}}.dump());
  EXPECT_EQ(point.at("active"), (Json{"k0", "e0", "d"}));
  EXPECT_EQ(point.at("choices"), Json::parse(R"({"k0": 5, "e0": 4, "k1": 3, "e1": 2, "d": 1})"));
  EXPECT_EQ(point.at("network"), networks_.to_yaml({1, 1, 0, 0, 0}));
  EXPECT_EQ(answer(Json{{"space", path("hw.yaml")}}.dump()).at("space").at("kind"), "accelerator");
}

TEST_F(EvaluationServiceTest, StoppedItAnswersTheFirstFew) {
  const auto lines = random_requests(10);
  int asked = 0;
  EvaluationService service(options_);
  const auto some = service.answer(lines, 1, [&] { return ++asked <= 4; });
  EXPECT_EQ(some.size(), 4U);
  EvaluationService whole(options_);
  const auto all = whole.answer(lines, 1);
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
}

/// Ten thousand lines with some of their bytes changed.
TEST_F(EvaluationServiceTest, MalformedRequestsAreAnsweredAndNothingWorse) {
  std::vector<std::string> valid = random_requests(8);
  valid.push_back(Json{{"space", path("hw.yaml")}}.dump());
  valid.push_back(R"({"id": 4, "accelerator": {"base": "nahas_baseline", "pes_x": 2}})");
  valid.push_back(R"({"network": {"schema": "dovetail.network/1", "name": "n", "input": {"height":)"
                  R"( 32, "width": 32, "channels": 3}, "blocks": ["conv k=3 c=8", "pool", )"
                  R"("fc c=10"]}, "accelerator": {"pes_x": 2}, "figures": ["cycles"]})");
  const test::SchemaChecker schema(kDocs / "evaluate.schema.json");
  Rng rng(1);
  EvaluationService service(options_);
  std::size_t invalid = 0;
  for (int batch = 0; batch < 100; ++batch) {
    std::vector<std::string> lines;
    for (int i = 0; i < 100; ++i) {
      std::string line = valid[rng.index(valid.size())];
      for (std::size_t change = 0; change <= rng.index(4); ++change) {
        const std::size_t at = rng.index(line.size());
        switch (rng.index(4)) {
          case 0:
            line[at] = static_cast<char>(rng.index(256));
            break;
          case 1:
            line.erase(at, 1 + rng.index(20));
            break;
          case 2:
            line.insert(at, line.substr(rng.index(line.size()), rng.index(30)));
            break;
          default:
            line.insert(at, "\":[{1e999,\\u0000-\"" + rng.index(16), 1);
        }
        if (line.empty()) line = " ";
      }
      lines.push_back(line);
    }
    const auto found = service.answer(lines, 1);
    ASSERT_EQ(found.size(), lines.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Json answer = Json::parse(found[i]);
      ASSERT_EQ(schema.defect(found[i], "answer"), "") << lines[i];
      EXPECT_EQ(found[i].find('\n'), std::string::npos);
      invalid += answer.at("status") == "invalid" ? 1 : 0;
    }
  }
  EXPECT_GT(invalid, 5000U);
  EXPECT_LT(invalid, 10'000U);
}

TEST_F(EvaluationServiceTest, TheExamplesOfThePageAreValidAndAnswered) {
  const test::SchemaChecker schema(kDocs / "evaluate.schema.json");
  const std::string page = read_file(kDocs / "evaluate.md");
  EvaluationService service(options_);
  int requests = 0, answered = 0;
  const std::string fence = "```json ";
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at + 1)) {
    const std::size_t kind_at = at + fence.size(), text_at = page.find('\n', at) + 1;
    const std::string kind = page.substr(kind_at, text_at - 1 - kind_at);
    const std::string text = page.substr(text_at, page.find("\n```", text_at) - text_at);
    EXPECT_EQ(schema.defect(text, kind), "") << text;
    if (kind == "answer") {
      ++answered;
      continue;
    }
    ++requests;
    const Json answer = answers(service, {text}).at(0);
    EXPECT_EQ(answer.at("status"), "ok") << text << answer.dump();
    EXPECT_EQ(schema.defect(answer.dump(), "answer"), "");
  }
  EXPECT_EQ(requests, 4);
  EXPECT_EQ(answered, 2);
}

}  // namespace
}  // namespace dovetail
