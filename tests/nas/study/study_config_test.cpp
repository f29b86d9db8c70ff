#include "nas/study/study_config.h"

#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "nas/study/study_keys.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

/// The message that reading the study with these changes gives.
std::string refusal(const TinyStudy& study, const std::string& changes) {
  return message_of<InputError>([&] { study.config(changes); });
}

void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' is not in: " << message;
  }
}

TEST(StudyConfig, FillsInDefaults) {
  const TinyStudy study;
  const StudyConfig config = study.config(
      "strategy: {name: regularized_evolution}\n"
      "objective: {pareto: [top1_percent], reference: "
      "{top1_percent: 60}, reward: {kind: nahas_soft, "
      "targets: {latency_ms: 0.5, area_mm2: baseline}}}\n");
  EXPECT_EQ(config.scope, Scope::kJoint);
  EXPECT_EQ(config.strategy_parameters.at("tournament"), 25);
  EXPECT_NE(config.accuracy.settings->yaml().find("out_of_range: refuse\n"), std::string::npos);
  EXPECT_EQ(config.cost.technology, "16nm");
  ASSERT_EQ(config.reward->terms.size(), 2u);
  EXPECT_EQ(config.reward->terms[0].target.value, 0.5);
  EXPECT_FALSE(config.reward->terms[1].target.value.has_value());
  EXPECT_EQ(config.reward->terms[1].weight, -0.071);
}

TEST(StudyConfig, FewLabelsAreGoneThroughMoreOften) {
  const TinyStudy study;
  const auto epochs = [&](const std::string& surrogate) {
    return study
        .config("cost: {model: surrogate_then_simulation, surrogate: {" + surrogate + "}}\n")
        .cost.surrogate.epochs;
  };
  EXPECT_EQ(epochs("labels: 20000"), 30);
  EXPECT_EQ(epochs("labels: 100000"), 30);
  EXPECT_EQ(epochs("labels: 5000"), 120);
  EXPECT_EQ(epochs("labels: 100"), 300);
  EXPECT_EQ(epochs("labels: 100, epochs: 7"), 7);
  EXPECT_EQ(epochs("labels: 100, model: log_linear"), 0);
}

TEST(StudyConfig, WithoutLabelsTheyAndTheRoundsFollowFromTheEvaluations) {
  const TinyStudy study;
  const auto cost = [&](const std::string& evaluations, const std::string& more) {
    return study
        .config("evaluations: " + evaluations + "\ncost: {model: surrogate_then_simulation" + more +
                "}\n")
        .cost;
  };
  CostSettings chosen = cost("5000", "");
  EXPECT_TRUE(chosen.labels_by_budget);
  EXPECT_EQ(chosen.surrogate.labels, 100);
  EXPECT_EQ(chosen.rounds, 8);
  EXPECT_EQ(chosen.resimulate, 50);
  EXPECT_EQ(chosen.explore_share, 0.2);
  EXPECT_EQ(chosen.surrogate.epochs, 300);
  EXPECT_EQ(cost("20000", "").surrogate.labels, 400);
  EXPECT_EQ(cost("20000", "").resimulate, 200);
  // What the file says of rounds stays, and the labels are a fifth of all.
  EXPECT_EQ(cost("20000", ", rounds: 2, resimulate: 1000").surrogate.labels, 500);
  EXPECT_EQ(cost("20000", ", rounds: 1").explore_share, 0);
  EXPECT_EQ(cost("20000", ", explore_share: 0.1").explore_share, 0.1);
  // A study that names labels is what it was.
  chosen = cost("20000", ", surrogate: {labels: 1000}");
  EXPECT_FALSE(chosen.labels_by_budget);
  EXPECT_EQ(chosen.rounds, 1);
  EXPECT_EQ(chosen.resimulate, 300);
  EXPECT_EQ(chosen.explore_share, 0);
}

TEST(StudyConfig, EffectiveYamlReadsBackToItself) {
  const TinyStudy study;
  for (const std::string changes :
       {"", "cost: {model: surrogate_then_simulation}\n",
        "cost: {model: surrogate_then_simulation, surrogate: {labels: 500, seed: 3}}\n",
        "cost: {model: surrogate_then_simulation, surrogate: {labels: 500, model: log_linear}}\n",
        "objective: {pareto: [top1_percent, latency_ms, area_mm2], reference: {top1_percent: 60.5, "
        "latency_ms: 0.1, area_mm2: 100}, reward: {kind: one_sided, targets: {latency_ms: 0.5}, "
        "weights: {latency_ms: -0.2}}}\n",
        "objective: {pareto: [top1_percent], reference: {top1_percent: 60}, reward: {terms: ["
        "{metric: latency_ms, target: 0.5, kind: tunas_absolute}, "
        "{metric: area_mm2, target: baseline, kind: one_sided, weight: -0.2}]}}\n",
        "scope: hardware\nnetwork: {space: ./net.yaml, fixed: {k0: 3, e0: 2, k1: 3, e1: 2, d: "
        "1}}\nbatch: 8\n",
        "comparison: fixed_hardware\nseeds: [3, 1, 2]\n",
        "restrict: [{decision: 'k*', choices: [3, 5]}, {decision: hw.pes_x, choices: [2]}]\n"}) {
    const std::string text = study.config(changes).to_yaml();
    const StudyConfig again = StudyConfig::from_yaml(YamlNode::parse(text, "effective"), "/");
    EXPECT_EQ(again.to_yaml(), text) << changes;
  }
}

TEST(StudyConfig, PathsAreRelativeToTheStudyFile) {
  const TinyStudy study;
  EXPECT_EQ(study.config().network.space, (study.path() / "net.yaml").lexically_normal().string());
  EXPECT_EQ(study.config("network: {space: ofa_mbv3}\n").network.space, "ofa_mbv3");
}

TEST(StudyConfig, ATypoIsToldWithLineAndNearestKey) {
  const TinyStudy study;
  const std::string text = read_file(study.path() / "study.yaml");
  const auto typo = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    const auto file = study.folder().write("typo.yaml", changed);
    return message_of<InputError>([&] { StudyConfig::load(file); });
  };
  expect_parts(typo("evaluations", "evaluatoins"),
               {"typo.yaml:11:", "evaluatoins", "'evaluations'"});
  expect_parts(typo("population", "popluation"),
               {"typo.yaml:10:", "strategy.popluation", "'population'"});
  expect_parts(typo("nsga2", "nsag2"), {"typo.yaml:10:", "strategy.name", "'nsga2'"});
  expect_parts(typo("area_mm2:", "area_mm:"),
               {"typo.yaml:9:", "constraints.area_mm", "'area_mm2'"});
  expect_parts(typo("predictor", "predicter"), {"typo.yaml:6:", "accuracy.source", "'predictor'"});
  expect_parts(typo("simulation", "simulate"), {"typo.yaml:7:", "cost.model", "'simulation'"});
  expect_parts(typo("joint", "jointly"), {"typo.yaml:3:", "scope", "'joint'"});
}

TEST(StudyConfig, WhatDoesNotFitTogetherIsRefused) {
  const TinyStudy study;
  expect_parts(refusal(study, "strategy: {name: regularized_evolution}\n"),
               {"strategy.name", "objective.reward is missing"});
  expect_parts(refusal(study, "scope: network\ncomparison: fixed_hardware\n"),
               {"comparison", "scope 'joint'"});
  expect_parts(refusal(study, "scope: hardware\n"), {"network", "'fixed' is missing"});
  expect_parts(refusal(study, "network: {space: ./net.yaml, fixed: {k0: 3}}\n"),
               {"network.fixed", "searches the network"});
  expect_parts(refusal(study, "network: {fixed: mobilenetv2}\n"),
               {"network", "'space' is missing"});
  expect_parts(refusal(study, "cost: {model: simulation, resimulate: 5}\n"),
               {"cost.resimulate", "does not use it"});
  expect_parts(
      refusal(study, "cost: {model: surrogate_then_simulation, surrogate: {labels: 99}}\n"),
      {"cost.surrogate.labels", "99"});
  expect_parts(refusal(study, "constraints: {latency_ms: baseline}\n"),
               {"constraints.latency_ms", "above 0"});
  expect_parts(refusal(study, "constraints: {latency_ms: -1}\n"), {"constraints.latency_ms", "-1"});
  expect_parts(refusal(study, "seeds: [1, 1]\n"), {"seeds[1]", "twice"});
  expect_parts(refusal(study, "evaluations: 0\n"), {"evaluations", "'0'"});
  expect_parts(refusal(study, "strategy: {name: nsga2, population: 1}\n"),
               {"strategy.population", "'1'", "from 2"});
  expect_parts(refusal(study,
                       "objective: {pareto: [top1_percent], reference: {top1_percent: 60, "
                       "latency_ms: 1}}\n"),
               {"objective.reference.latency_ms"});
  const std::string predicted =
      "cost: {model: surrogate_then_simulation, surrogate: {labels: 100}}\n";
  const std::string rooflines =
      "cost: {model: surrogate_then_simulation, surrogate: {labels: 100, model: roofline}}\n";
  expect_parts(refusal(study, rooflines + "constraints: {energy_mj: 1}\n"),
               {"cost.surrogate.model", "latency alone", "'energy_mj'"});
  expect_parts(refusal(study,
                       "cost: {model: surrogate_then_simulation, surrogate: {labels: 100, model: "
                       "lookup_table, epochs: 3}}\n"),
               {"cost.surrogate.epochs", "model 'lookup_table' has none"});
  expect_parts(refusal(study,
                       "cost: {model: surrogate_then_simulation, surrogate: {labels: 100, model: "
                       "trees}}\n"),
               {"cost.surrogate.model", "boosted_trees"});
  EXPECT_NO_THROW(study.config(rooflines));
  expect_parts(refusal(study, predicted + "constraints: {peak_local_memory_kib: 400}\n"),
               {"cost", "does not predict 'peak_local_memory_kib'", "simulation"});
  expect_parts(refusal(study, "constraints: {energy: 1}\n"), {"constraints.energy", "'energy_mj'"});
  EXPECT_NO_THROW(study.config("constraints: {peak_local_memory_kib: 400}\n"));
  EXPECT_NO_THROW(study.config(predicted + "constraints: {energy_mj: 1, power_mw: 900}\n"));
  expect_parts(refusal(study, "name: a/b\n"), {"name", "without '/'"});
}

TEST(StudyConfig, TermsOfARewardThatDoNotFitAreRefused) {
  const TinyStudy study;
  const auto refused = [&](const std::string& reward) {
    return refusal(study,
                   "objective: {pareto: [top1_percent], reference: {top1_percent: 60}, reward: {" +
                       reward + "}}\n");
  };
  const std::string latency = "{metric: latency_ms, target: 0.5, kind: nahas_hard}";
  expect_parts(refused("terms: []"), {"objective.reward.terms", "at least one"});
  expect_parts(refused("terms: [" + latency + ", " + latency + "]"),
               {"objective.reward.terms[1]", "second term of 'latency_ms'"});
  expect_parts(refused("kind: nahas_hard, terms: [" + latency + "]"),
               {"objective.reward.kind", "each of the 'terms' has its own"});
  expect_parts(refused("terms: [{metric: top1_percent, target: 70, kind: nahas_hard}]"),
               {"terms[0].metric", "is no cost"});
  expect_parts(refused("terms: [{metric: latency_ms, target: baseline, kind: nahas_hard}]"),
               {"terms[0].target", "above 0"});
  expect_parts(refused("terms: [{metric: latency_ms, target: 1}]"), {"terms[0]", "'kind'"});
  expect_parts(refused("targets: {latency_ms: 1}"), {"objective.reward", "'kind' is missing"});
}

/// Dotted, but for the keys of accuracy sources and strategies, which have tables of their own.
std::vector<std::string> names_of(const std::vector<StudyKey>& keys, const std::string& prefix) {
  std::vector<std::string> names;
  for (const StudyKey& key : keys) {
    if (key.keys.empty()) {
      const bool own_table = key.name == "accuracy" || key.name == "strategy";
      names.push_back(prefix + key.name + (own_table ? "." : "`"));
    }
    for (std::string& name : names_of(key.keys, prefix + key.name + ".")) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

TEST(StudyConfig, EveryKeyIsDocumented) {
  const std::string docs = read_file(DOVETAIL_SOURCE_DIR "/docs/search.md");
  for (const std::string& name : names_of(study_keys(), "")) {
    EXPECT_NE(docs.find("\n| `" + name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace dovetail
