#include "sim/calibration/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "sim/calibration/calibration_report.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::HasSubstr;

// Two groups of two small networks; the second parameter is one of the second group alone.
constexpr const char* kFile =
    "schema: dovetail.calibration/1\n"
    "name: small\n"
    "groups:\n"
    "  - name: first\n"
    "    accelerator: coral_edge_tpu\n"
    "    quantity: cycles\n"
    "    tolerance: 0.1\n"
    "    source: nobody\n"
    "    points:\n"
    "      - {network: mobilenetv1_0.25_128, published: 20000}\n"
    "      - {network: mobilenetv2_0.35_96, published: 25000}\n"
    "  - name: second\n"
    "    accelerator: nahas_baseline\n"
    "    quantity: latency_ms\n"
    "    tolerance: 0.2\n"
    "    source: nobody either\n"
    "    points:\n"
    "      - {network: mobilenetv1_0.25_128, published: 0.08}\n"
    "      - {network: mobilenetv2_0.35_96, published: 0.12}\n"
    "parameters:\n"
    "  - {name: drain_cycles, values: [2, 10, 40]}\n"
    "  - {name: layer_launch_cycles, values: [200, 800, 3000], accelerators: [nahas_baseline]}\n";

class CalibrationTest : public testing::Test {
 protected:
  Calibration load(const std::string& text) const {
    return Calibration::load(folder_.write("c.yaml", text));
  }
  /// Why a file with `from` replaced by `to` is refused.
  std::string refusal(const std::string& from, const std::string& to) const {
    std::string text = kFile;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return message_of<InputError>([&] { load(text.replace(at, from.size(), to)); });
  }
  TemporaryFolder folder_;
};

/// Every point simulated by itself.
CalibrationFigures simulated(const Calibration& calibration,
                             const std::vector<std::size_t>& choice) {
  Simulator simulator({"16nm", false});
  CalibrationFigures figures;
  for (std::size_t g = 0; g < calibration.groups.size(); ++g) {
    const AcceleratorConfig accelerator = calibration.configure(g, choice);
    figures.emplace_back();
    for (const CalibrationPoint& point : calibration.groups[g].points) {
      figures.back().push_back(
          calibration.groups[g].quantity->get(simulator.run(point.network, accelerator)));
    }
  }
  return figures;
}

TEST_F(CalibrationTest, CombinationsAreAllThereIsAndApplyWhereTheyShould) {
  const Calibration calibration = load(kFile);
  ASSERT_EQ(calibration.combinations(), 9U);
  std::set<std::vector<std::size_t>> seen;
  for (std::uint64_t c = 0; c < 9; ++c) seen.insert(calibration.combination(c));
  EXPECT_EQ(seen.size(), 9U);
  EXPECT_EQ(calibration.combination(5), (std::vector<std::size_t>{1, 2}));

  const AcceleratorConfig coral = calibration.configure(0, {2, 0});
  EXPECT_EQ(coral.drain_cycles, 40);
  EXPECT_EQ(coral.layer_launch_cycles, 0);  // its own
  const AcceleratorConfig baseline = calibration.configure(1, {0, 2});
  EXPECT_EQ(baseline.drain_cycles, 2);
  EXPECT_EQ(baseline.layer_launch_cycles, 3000);
}

TEST_F(CalibrationTest, TheFitIsWhatTryingEverythingGives) {
  const Calibration calibration = load(kFile);
  const std::vector<CalibrationTarget> targets = calibration_targets(calibration);
  ASSERT_EQ(targets.size(), 4U);
  std::vector<CalibrationFigures> all;
  for (std::uint64_t c = 0; c < 9; ++c) {
    all.push_back(simulated(calibration, calibration.combination(c)));
  }
  const auto best_by = [&](const std::vector<CalibrationTarget>& some) {
    std::uint64_t best = 0;
    for (std::uint64_t c = 1; c < 9; ++c) {
      if (mean_log_error(calibration, some, all[c]) < mean_log_error(calibration, some, all[best]))
        best = c;
    }
    return best;
  };
  const auto fit = fit_calibration(calibration, 1, {});
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->combinations, 9U);
  EXPECT_EQ(fit->simulations, 2U * 3 + 2 * 9);  // the first group knows three accelerators only
  const std::uint64_t best = best_by(targets);
  EXPECT_EQ(fit->best.values, calibration.combination(best));
  EXPECT_EQ(fit->best_figures, all[best]);
  EXPECT_DOUBLE_EQ(fit->best.error, mean_log_error(calibration, targets, all[best]));

  double error = 0;
  std::set<std::vector<std::size_t>> choices;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    std::vector<CalibrationTarget> others = targets;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(t));
    const std::uint64_t chosen = best_by(others);
    EXPECT_EQ(fit->left_out[t].choice.values, calibration.combination(chosen));
    const double ratio = ratio_of(calibration, targets[t], all[chosen]);
    EXPECT_DOUBLE_EQ(fit->left_out[t].ratio, ratio);
    error += std::abs(std::log(ratio)) / 4;
    choices.insert(fit->left_out[t].choice.values);
  }
  EXPECT_DOUBLE_EQ(fit->left_out_error, error);
  EXPECT_GE(fit->left_out_error, fit->best.error);
  EXPECT_GT(choices.size(), 1U);  // else leaving one out would change nothing here
}

TEST_F(CalibrationTest, AFitFindsTheParametersThatMadeTheFigures) {
  Calibration calibration = load(kFile);
  for (const std::uint64_t hidden : {1U, 3U, 8U}) {
    const CalibrationFigures truth = simulated(calibration, calibration.combination(hidden));
    for (std::size_t g = 0; g < 2; ++g) {
      for (std::size_t p = 0; p < 2; ++p) calibration.groups[g].points[p].published = truth[g][p];
    }
    const auto fit = fit_calibration(calibration, 2, {});
    ASSERT_TRUE(fit);
    EXPECT_EQ(fit->best.values, calibration.combination(hidden));
    EXPECT_EQ(fit->best.error, 0);
    for (const LeftOut& left_out : fit->left_out) EXPECT_EQ(left_out.ratio, 1);
  }
}

TEST_F(CalibrationTest, WorkersChangeNothingAndAStopIsAStop) {
  const Calibration calibration = load(kFile);
  const CalibrationFigures presets = simulate_presets(calibration);
  const auto text = [&](int workers) {
    return calibration_json({calibration, presets, fit_calibration(calibration, workers, {})});
  };
  EXPECT_EQ(text(1), text(2));
  EXPECT_FALSE(fit_calibration(calibration, 1, [](auto done, auto) { return done < 10; }));
}

TEST_F(CalibrationTest, AGroupWithASlopeCountsOnceWhateverItsFixedCost) {
  std::string text = kFile;
  text.replace(text.rfind("    tolerance: 0.2\n"), 0, "    slope_per_gmac: 2\n");
  const Calibration calibration = load(text);
  const CalibrationGroup& group = calibration.groups[1];
  const auto gmacs = [&](std::size_t p) {
    return static_cast<double>(group.points[p].network.macs()) / 1e9;
  };
  for (const double fixed : {0.0, 5.0}) {
    const std::vector<double> line = {fixed + 3 * gmacs(0), fixed + 3 * gmacs(1)};
    EXPECT_THAT(slope_per_gmac(group, line), DoubleNear(3, 1e-9));
    EXPECT_THAT(ratio_of(calibration, {1, std::nullopt}, {{1, 1}, line}), DoubleNear(1.5, 1e-9));
  }
  const auto targets = calibration_targets(calibration);
  ASSERT_EQ(targets.size(), 3U);
  EXPECT_EQ(target_name(calibration, targets[2]), "second: slope");
  EXPECT_EQ(target_name(calibration, targets[0]), "first: mobilenetv1_0.25_128");
}

TEST_F(CalibrationTest, WhatTheHostTakesIsAddedToTheLatency) {
  const CalibrationFigures alone = simulate_presets(load(kFile));
  std::string text = kFile;
  text.replace(text.rfind("    tolerance: 0.2\n"), 0, "    host_ms: 0.3\n");
  const CalibrationFigures with_host = simulate_presets(load(text));
  for (std::size_t p = 0; p < 2; ++p) {
    EXPECT_EQ(with_host[0][p], alone[0][p]);
    EXPECT_DOUBLE_EQ(with_host[1][p], alone[1][p] + 0.3);
  }
  EXPECT_THAT(refusal("    tolerance: 0.1\n", "    tolerance: 0.1\n    host_ms: 0.3\n"),
              HasSubstr("is for quantity: latency_ms"));
}

TEST_F(CalibrationTest, TheMeasureWeighsTooMuchAndTooLittleAlike) {
  const Calibration calibration = load(kFile);
  const auto error = [&](double factor) {
    CalibrationFigures figures;
    for (const CalibrationGroup& group : calibration.groups) {
      figures.push_back(published_figures(group));
    }
    figures[0][1] *= factor;
    return mean_log_error(calibration, calibration_targets(calibration), figures);
  };
  EXPECT_EQ(error(1), 0);
  EXPECT_THAT(error(2), DoubleEq(std::log(2) / 4));
  EXPECT_THAT(error(0.5), DoubleEq(error(2)));
  EXPECT_TRUE(std::isinf(error(std::nan(""))));
}

TEST_F(CalibrationTest, SwappedPairsAreCounted) {
  Calibration calibration = load(kFile);
  CalibrationGroup& group = calibration.groups[0];
  group.points.push_back(group.points[1]);
  group.points[2].published = 30000;
  EXPECT_EQ(swapped_pairs(group, {1, 2, 3}), 0U);
  EXPECT_EQ(swapped_pairs(group, {2, 1, 3}), 1U);
  EXPECT_EQ(swapped_pairs(group, {3, 2, 1}), 3U);
  EXPECT_EQ(swapped_pairs(group, {1, 1, 3}), 1U);  // equal is not the order published
  EXPECT_EQ(swapped_pairs(group, {1, 2, std::nan("")}), 2U);
  group.points[2].published = group.points[1].published;
  EXPECT_EQ(swapped_pairs(group, {1, 3, 2}), 0U);
}

TEST_F(CalibrationTest, WhatCannotRunIsSaidAndNotChosen) {
  std::string text = kFile;
  text.replace(text.find("drain_cycles, values: [2, 10, 40]"), 33,
               "register_file_kib, values: [0.25, 32]");
  folder_.write("tiny.yaml",
                "schema: dovetail.accelerator/1\nname: coral_edge_tpu\nregister_file_kib: 0.25\n");
  text.replace(text.find("accelerator: coral_edge_tpu"), 27, "accelerator: ./tiny.yaml");
  const Calibration calibration = load(text);
  const CalibrationFigures presets = simulate_presets(calibration);
  EXPECT_TRUE(std::isnan(presets[0][0]));
  const CalibrationReport report = {calibration, presets, fit_calibration(calibration, 1, {})};
  EXPECT_EQ(report.fit->best.values[0], 1U);
  EXPECT_THAT(calibration_text(report), HasSubstr("cannot run"));
  const auto json = nlohmann::json::parse(calibration_json(report));
  EXPECT_TRUE(json["groups"][0]["points"][0]["simulated"].is_null());

  text.replace(text.find("[0.25, 32]"), 10, "[0.25]");
  const Calibration none = load(text);
  EXPECT_THAT(message_of<InputError>([&] { fit_calibration(none, 1, {}); }),
              HasSubstr("with no combination"));
}

TEST_F(CalibrationTest, GroupsThatAreNotFittedAreOnlyCompared) {
  std::string text = kFile;
  text.replace(text.rfind("    tolerance: 0.2\n"), 0, "    fit: false\n");
  const Calibration calibration = load(text);
  const CalibrationReport report = {calibration, simulate_presets(calibration),
                                    fit_calibration(calibration, 1, {})};
  EXPECT_EQ(report.fit->targets.size(), 2U);
  EXPECT_THAT(calibration_text(report), HasSubstr("never fitted"));
  text.replace(text.find("      - {network: mobilenetv2_0.35_96, published: 25000}\n"), 56, "");
  EXPECT_THAT(message_of<InputError>([&] { fit_calibration(load(text), 1, {}); }),
              HasSubstr("found 1 published figures"));
}

TEST_F(CalibrationTest, ReportsHoldTheSameFigures) {
  const Calibration calibration = load(kFile);
  const CalibrationReport report = {calibration, simulate_presets(calibration),
                                    fit_calibration(calibration, 1, {})};
  const auto json = nlohmann::json::parse(calibration_json(report));
  EXPECT_EQ(json["schema"], "dovetail.calibration_report/1");
  const auto& point = json["groups"][1]["points"][0];
  EXPECT_EQ(point["simulated"], report.presets[1][0]);
  EXPECT_EQ(point["ratio"], report.presets[1][0] / 0.08);
  EXPECT_EQ(json["fit"]["left_out"].size(), 4U);
  const std::string markdown = calibration_markdown(report);
  EXPECT_THAT(markdown, testing::StartsWith(in_sample_markdown(calibration, report.presets)));
  EXPECT_THAT(markdown, HasSubstr("| first | mobilenetv1_0.25_128 | cycles | 20000 | " +
                                  std::to_string(std::lround(report.presets[0][0])) + " |"));
  for (const char* words : {"Leave-one-out", "9 combinations", "drain_cycles", "second"}) {
    EXPECT_THAT(markdown, HasSubstr(words));
    EXPECT_THAT(calibration_text(report), HasSubstr(words));
  }
}

TEST_F(CalibrationTest, ADocumentKeepsWhatIsAroundTheTables) {
  const std::string document =
      "before\n<!-- dovetail calibrate -->\nold\n<!-- end of dovetail calibrate -->\nafter\n";
  EXPECT_EQ(with_calibration(document, "new\n"),
            "before\n<!-- dovetail calibrate -->\n\nnew\n\n<!-- end of dovetail calibrate -->\n"
            "after\n");
  EXPECT_FALSE(with_calibration("before\n<!-- dovetail calibrate -->\nold\n", "new\n"));
  EXPECT_FALSE(with_calibration("text\n", "new\n"));
}

TEST_F(CalibrationTest, BadFilesAreRefusedWithThePlace) {
  EXPECT_THAT(refusal("mobilenetv2_0.35_96", "mobilenetv2_0.35_69"),
              testing::AllOf(HasSubstr("c.yaml:11:"), HasSubstr("mobilenetv2_0.35_96")));
  EXPECT_THAT(refusal("coral_edge_tpu", "coral_edge"),
              testing::AllOf(HasSubstr("c.yaml:5:"), HasSubstr("coral_edge_tpu")));
  EXPECT_THAT(refusal("drain_cycles", "drain_cycle"), HasSubstr("did you mean 'drain_cycles'"));
  EXPECT_THAT(refusal("layer_launch_cycles", "drain_cycles"), HasSubstr("given twice"));
  EXPECT_THAT(refusal("[2, 10, 40]", "[2, 2]"), HasSubstr("given twice"));
  EXPECT_THAT(refusal("[2, 10, 40]", "[2, 1.5]"), HasSubstr("c.yaml:21:"));
  EXPECT_THAT(refusal("[2, 10, 40]", "[]"), HasSubstr("no values"));
  EXPECT_THAT(refusal("[nahas_baseline]", "[nahas_base]"), HasSubstr("nahas_baseline"));
  EXPECT_THAT(refusal("name: second", "name: first"), HasSubstr("given twice"));
  EXPECT_THAT(refusal("published: 20000", "published: 0"), HasSubstr("above 0"));
  EXPECT_THAT(refusal("quantity: cycles", "quantity: cycle"), HasSubstr("latency_ms"));
  EXPECT_THAT(refusal("    tolerance: 0.1\n", ""), HasSubstr("tolerance"));
  EXPECT_THAT(refusal("    tolerance: 0.1\n", "    tolerence: 0.1\n    tolerance: 0.1\n"),
              HasSubstr("tolerence"));

  std::string many = "[0";  // 400 values
  for (int value = 1; value < 400; ++value) many += ", " + std::to_string(value);
  std::string text = kFile;
  text.replace(text.find("[2, 10, 40]"), 11, many + "]");
  text.replace(text.find("[200, 800, 3000]"), 16, many + "]");
  EXPECT_THAT(message_of<InputError>([&] { load(text); }),
              testing::AllOf(HasSubstr("c.yaml:21:"), HasSubstr("160000 combinations")));
}

/// The tables of the documentation are what the simulator says now.
TEST(CalibrationOfTheModel, TheDocumentedFiguresAreTodays) {
  const std::map<std::string, std::string> pages = {
      {"edge_tpu", "calibration.md"}, {"edge_tpu_streamed", "calibration_streamed.md"}};
  for (const auto& [name, page] : pages) {
    const Calibration calibration = Calibration::load(resolve_config("calibration", name));
    const std::string document = read_file(configs_folder().parent_path() / "docs" / page);
    EXPECT_THAT(document, HasSubstr(in_sample_markdown(calibration, simulate_presets(calibration))))
        << "dovetail calibrate " << name << " --markdown docs/" << page << " brings it up to date";
  }
}

}  // namespace
}  // namespace dovetail
