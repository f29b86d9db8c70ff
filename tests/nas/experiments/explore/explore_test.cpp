#include "nas/experiments/explore/explore.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/network/zoo.h"
#include "nas/experiments/explore/exploration_file.h"
#include "nas/experiments/explore/explore_report.h"
#include "sim/simulator.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

// 2 * 2 * 3 * 2 * 5 = 120 configurations; some register files and memories are too small.
constexpr const char* kSpace =
    "schema: dovetail.design_space/1\n"
    "name: small\n"
    "base: nahas_baseline_streamed\n"
    "decisions:\n"
    "  - {name: pes_x, unit: PEs, choices: [1, 4]}\n"
    "  - {name: simd_units, unit: units per lane, choices: [16, 64]}\n"
    "  - {name: register_file_kib, unit: KiB per lane, choices: [0.25, 8, 32]}\n"
    "  - {name: local_memory_mib, unit: MiB per PE, choices: [0.03, 2]}\n"
    "  - {name: io_bandwidth_gbps, unit: GB/s, choices: [5, 10, 15, 20, 25]}\n";

const std::vector<const Figure*> kLatencyAndArea = {&find_pair_figure("latency_ms"),
                                                    &find_pair_figure("area_mm2")};

/// Beaten by none, and the first of its equals.
std::set<std::uint64_t> front_by_definition(const std::vector<Costs>& points,
                                            const std::vector<const Figure*>& figures) {
  const auto at_least_as_good = [&](std::size_t a, std::size_t b) {
    return points[a].feasible() &&
           std::all_of(figures.begin(), figures.end(),
                       [&](const Figure* f) { return f->of(points[a]) <= f->of(points[b]); });
  };
  std::set<std::uint64_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool stays = points[i].feasible();
    for (std::size_t j = 0; j < points.size() && stays; ++j) {
      stays = j == i || !at_least_as_good(j, i) || (at_least_as_good(i, j) && i < j);
    }
    if (stays) front.insert(i);
  }
  return front;
}

class ExploreTest : public testing::Test {
 protected:
  static ExploreFileOptions options(int workers, bool resume = false) {
    ExploreFileOptions o;
    o.explore.workers = workers;
    o.resume = resume;
    return o;
  }
  std::vector<Costs> run(const std::string& folder, const ExploreFileOptions& o,
                         const ExploreProgress& progress = {}) const {
    return explore_file(folder_.path() / folder, network_, space_, o, progress);
  }
  std::string file(const std::string& folder, const std::string& suffix = ".csv") const {
    return folder_.read(folder + "/mobilenetv1_0.25_128" + suffix);
  }
  /// Leaves a part of the exploration in `folder`.
  void stop_early(const std::string& folder, const ExploreFileOptions& o) const {
    const auto points =
        run(folder, o, [](const std::vector<Costs>& so_far) { return so_far.size() < 50; });
    ASSERT_EQ(points.size(), 50U);
  }
  /// Why `folder` cannot be resumed.
  std::string refusal(const std::string& folder, ExploreFileOptions o) const {
    o.resume = true;
    return message_of<InputError>([&] { run(folder, o); });
  }

  TemporaryFolder folder_;
  Network network_ = find_network("mobilenetv1_0.25_128");
  DesignSpace space_ = DesignSpace::load(folder_.write("small.yaml", kSpace));
};

TEST_F(ExploreTest, EveryConfigurationIsWhatTheSimulatorSays) {
  const std::vector<Costs> points = run("a", options(1));
  ASSERT_EQ(points.size(), 120U);
  Simulator simulator({"16nm", false});
  std::size_t infeasible = 0;
  for (std::uint64_t i = 0; i < points.size(); ++i) {
    const SimulationResult result =
        simulator.run(network_, space_.decode(space_.decisions().from_index(i)));
    EXPECT_EQ(points[i].reason, result.reason) << i;
    EXPECT_EQ(points[i].area_mm2, result.area_mm2) << i;
    if (result.feasible()) {
      EXPECT_EQ(points[i].latency_ms, result.latency_ms) << i;
      EXPECT_EQ(points[i].cycles, result.cycles) << i;
      EXPECT_EQ(points[i].energy_mj, result.energy.total()) << i;
    }
    for (const Figure* figure : pair_figures()) {
      EXPECT_EQ(std::isnan(figure->of(points[i])), !result.feasible() && !figure->known_infeasible)
          << i << " " << figure->key;
    }
    infeasible += !result.feasible();
  }
  EXPECT_GE(infeasible, 40U);  // the smallest register file at least
  EXPECT_LT(infeasible, 120U);
}

TEST_F(ExploreTest, MirroredTilesAreWhatTheSimulatorSaysToo) {
  space_ = DesignSpace::load(
      folder_.write("tiles.yaml",
                    "schema: dovetail.design_space/1\nname: tiles\nbase: nahas_baseline\n"
                    "decisions:\n  - {name: simd_units, choices: [16, 64]}\n"
                    "  - {name: pes_x, choices: [1, 2, 6, 8]}\n"
                    "  - {name: pes_y, choices: [2, 4, 8]}\n"));
  ExploreFileOptions limited = options(2);
  limited.explore.max_area_mm2 = 120;
  const std::vector<Costs> all = run("all", options(2)), small = run("small", limited);
  Simulator simulator({"16nm", false});
  std::size_t left_out = 0;
  for (std::uint64_t i = 0; i < all.size(); ++i) {
    const SimulationResult result =
        simulator.run(network_, space_.decode(space_.decisions().from_index(i)));
    EXPECT_EQ(all[i].cycles, result.cycles) << i;
    EXPECT_EQ(all[i].energy_mj, result.energy.total()) << i;
    EXPECT_EQ(all[i].area_mm2, result.area_mm2) << i;
    const bool out = small[i].reason == InfeasibleReason::kOverMaxArea;
    EXPECT_EQ(out, result.area_mm2 > 120) << i;
    EXPECT_TRUE(out || small[i] == all[i]) << i;
    left_out += out;
  }
  EXPECT_GT(left_out, 0U);
  EXPECT_LT(left_out, all.size());
}

TEST_F(ExploreTest, NumberOfWorkersChangesNoByte) {
  run("one", options(1));
  run("three", options(3));
  EXPECT_EQ(file("one"), file("three"));
  EXPECT_FALSE(file("one").empty());
}

TEST_F(ExploreTest, TheFileReadsBackAndKeepsItsLayout) {
  const auto points = run("a", options(1));
  const CsvWriter head = exploration_head(network_, space_, {});
  EXPECT_THAT(head.text(), testing::StartsWith("# schema: dovetail.exploration/1\n# build: "));
  EXPECT_THAT(head.text(),
              testing::EndsWith("\nindex,pes_x,simd_units,register_file_kib,local_memory_mib,"
                                "io_bandwidth_gbps,latency_ms,cycles,area_mm2,energy_mj,reason\n"));
  EXPECT_THAT(file("a"), testing::StartsWith(head.text() + "0,1,16,0.25,0.03,5,,,"));
  const auto read =
      load_exploration(folder_.path() / "a" / "mobilenetv1_0.25_128.csv", head, space_);
  EXPECT_EQ(exploration_csv(head, space_, read), file("a"));
}

TEST_F(ExploreTest, ResumingEqualsAnUninterruptedRun) {
  run("whole", options(2));
  stop_early("part", options(2));
  EXPECT_EQ(file("part"), "");
  EXPECT_TRUE(file("whole").starts_with(file("part", ".csv.part")));
  run("part", options(1, true));
  EXPECT_EQ(file("part"), file("whole"));
  EXPECT_EQ(file("part", ".csv.part"), "");
  // A finished file stays: nothing is simulated but its last configuration.
  std::size_t calls = 0;
  run("part", options(1, true), [&](const std::vector<Costs>&) {
    ++calls;
    return true;
  });
  EXPECT_EQ(calls, 0U);
  EXPECT_EQ(file("part"), file("whole"));
}

TEST_F(ExploreTest, CheckpointsAreSaved) {
  ExploreFileOptions often = options(1);
  often.checkpoint_seconds = 0;
  std::set<std::size_t> saved;
  run("a", often, [&](const std::vector<Costs>&) {
    if (file("a", ".csv.part").empty()) return true;
    saved.insert(load_exploration(folder_.path() / "a" / "mobilenetv1_0.25_128.csv.part",
                                  exploration_head(network_, space_, often.explore), space_)
                     .size());
    return true;
  });
  EXPECT_THAT(saved, testing::ElementsAre(25, 50, 75, 100, 120));
}

TEST_F(ExploreTest, ResumingRefusesWhatIsNotTheBeginningOfThisRun) {
  stop_early("a", options(1));
  ExploreFileOptions limited = options(1);
  limited.explore.max_area_mm2 = 20;
  EXPECT_THAT(refusal("a", limited), HasSubstr("csv.part:7: cannot be resumed"));
  EXPECT_THAT(refusal("a", limited),
              HasSubstr("it has '# max_area_mm2: none', this run '# max_area_mm2: 20'"));
  ExploreFileOptions technology = options(1);
  technology.explore.technology = "28nm";
  EXPECT_THAT(refusal("a", technology), HasSubstr("# technology: 28nm"));

  const std::string part = file("a", ".csv.part");
  const auto with = [&](const std::string& content) {
    folder_.write("a/mobilenetv1_0.25_128.csv.part", content);
    return refusal("a", options(1));
  };
  std::string other = part;
  const std::size_t commit = other.find("; commit ") + 9;
  other.replace(commit, other.find(')', commit) - commit, "0123456789ab");
  folder_.write("of_another_commit", other);
  EXPECT_EQ(load_exploration(folder_.path() / "of_another_commit",
                             exploration_head(network_, space_, {}), space_)
                .size(),
            50U);
  other = part;
  other.replace(other.find("# build: 0") + 9, 1, "9");
  EXPECT_THAT(with(other), HasSubstr("csv.part:2: cannot be resumed"));
  other = part;
  other.replace(other.find("# network_checksum: ") + 20, 1, "x");
  EXPECT_THAT(with(other), HasSubstr("network_checksum"));
  EXPECT_THAT(with(part.substr(0, part.size() - 3)), HasSubstr("allowed up to 120 whole rows"));
  EXPECT_THAT(with(part + "51,1\n"), HasSubstr("csv.part:63: found 2 cells, allowed 11"));
  other = part;
  const std::size_t last_row = other.rfind('\n', other.size() - 2) + 1;
  other.replace(last_row, 2, "48");
  EXPECT_THAT(with(other), HasSubstr("csv.part:62: index: found '48', allowed '49'"));
  const CsvWriter head = exploration_head(network_, space_, {});
  folder_.write("good", part);
  auto points = load_exploration(folder_.path() / "good", head, space_);
  points.back().area_mm2 += 1;
  other = exploration_csv(head, space_, points);
  EXPECT_THAT(with(other), HasSubstr("configuration 49 comes out differently now"));
}

TEST_F(ExploreTest, WhatIsAboveTheAreaLimitIsLeftOut) {
  const auto all = run("all", options(1));
  ExploreFileOptions limited = options(1);
  limited.explore.max_area_mm2 = 20;
  const auto some = run("some", limited);
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(some[i].area_mm2, all[i].area_mm2);
    const bool over = all[i].area_mm2 > 20;
    EXPECT_EQ(some[i].reason == InfeasibleReason::kOverMaxArea, over);
    if (!over) {
      EXPECT_EQ(some[i].reason, all[i].reason);
    }
    left_out += over;
  }
  EXPECT_GT(left_out, 0U);
  EXPECT_LT(left_out, all.size());
}

TEST_F(ExploreTest, TheFrontIsExact) {
  const auto points = run("a", options(2));
  const std::vector<const Figure*> two = {&find_pair_figure("latency_ms"),
                                          &find_pair_figure("energy_mj")};
  std::vector<const Figure*> three = two;
  three.push_back(&find_pair_figure("area_mm2"));
  std::size_t points_before = 0;
  for (const auto& figures : {two, three}) {
    const auto front = explored_front(points, figures);
    EXPECT_EQ(std::set<std::uint64_t>(front.begin(), front.end()),
              front_by_definition(points, figures));
    EXPECT_GT(front.size(), points_before) << "one more figure, more points that are best in it";
    points_before = front.size();
    for (std::size_t i = 1; i < front.size(); ++i) {
      EXPECT_LE(points[front[i - 1]].latency_ms, points[front[i]].latency_ms);
    }
  }
}

TEST_F(ExploreTest, SharesAndFrontsOfSeveralNetworksStandInOneTable) {
  std::vector<Exploration> explorations(2);
  explorations[0] = {"first", run("a", options(1))};
  explorations[1] = {"second", explorations[0].points};
  for (Costs& point : explorations[1].points) point.reason = InfeasibleReason::kNone;
  std::size_t feasible = 0;
  for (const Costs& point : explorations[0].points) feasible += point.feasible();
  const std::string counts = reasons_csv(explorations, space_, {});
  EXPECT_THAT(counts, HasSubstr("\nnetwork,configurations,feasible,register_file_too_small,"));
  EXPECT_THAT(counts, HasSubstr("\nfirst,120," + std::to_string(feasible) + ","));
  EXPECT_THAT(counts, HasSubstr("\nsecond,120,120,0,"));
  const std::string table = reasons_table(explorations);
  EXPECT_THAT(table, HasSubstr("register_file_too_small"));
  EXPECT_THAT(table, testing::Not(HasSubstr("weights_do_not_fit")));  // nowhere here
  EXPECT_THAT(table, HasSubstr("100.00"));

  explorations.pop_back();
  const std::string fronts = fronts_csv(explorations, space_, {}, kLatencyAndArea);
  const auto front = explored_front(explorations[0].points, kLatencyAndArea);
  EXPECT_THAT(fronts, HasSubstr("# minimised: latency_ms area_mm2\n# units: "));
  EXPECT_THAT(fronts_csv(explorations, space_, {}, kLatencyAndArea, "area_mm2 <= 15"),
              HasSubstr("# limits: area_mm2 <= 15\n"));
  EXPECT_THAT(fronts, HasSubstr("energy_mj\nfirst," + std::to_string(front[0]) + ",4,"));
  EXPECT_THAT(front_table(explorations[0], space_, kLatencyAndArea), HasSubstr("nahas_baseline"));
}

TEST_F(ExploreTest, SaysOfWhichParametersTheWholeFrontIsAtABound) {
  const Exploration exploration = {"it", run("a", options(2))};
  const std::string table = front_table(exploration, space_, kLatencyAndArea);
  const auto front = explored_front(exploration.points, kLatencyAndArea);
  std::size_t at_bounds = 0;
  for (std::size_t d = 0; d < space_.decisions().size(); ++d) {
    const Decision& decision = space_.decisions()[d];
    std::set<std::size_t> choices;
    for (const std::uint64_t i : front) choices.insert(space_.decisions().from_index(i)[d]);
    const bool smallest = choices == std::set<std::size_t>{0};
    const bool largest = choices == std::set<std::size_t>{decision.choices.size() - 1};
    const std::string line =
        fmt::format("all {} designs of the front have the {} {} ({} {}): ", front.size(),
                    smallest ? "smallest" : "largest", decision.name,
                    decision.choices[smallest ? 0 : decision.choices.size() - 1], decision.unit);
    EXPECT_EQ(testing::Value(table, HasSubstr(line)), smallest || largest) << line;
    at_bounds += smallest || largest;
  }
  EXPECT_GE(at_bounds, 1U);
  EXPECT_LT(at_bounds, space_.decisions().size());
  EXPECT_GT(front.size(), 1U);
}

TEST_F(ExploreTest, RefusesWhatCannotBeDone) {
  EXPECT_THAT(message_of<InputError>([] { find_pair_figure("latencyms"); }),
              HasSubstr("did you mean 'latency_ms'"));
  const Network odd("a/b", network_.input(), network_.layers());
  EXPECT_THROW(exploration_path(folder_.path(), odd), InputError);
  std::string huge = "schema: dovetail.design_space/1\nname: huge\nbase: nahas_baseline\n";
  huge += "decisions:\n";
  for (const char* name : {"pes_x", "pes_y", "simd_units", "compute_lanes", "drain_cycles"}) {
    huge += "  - {name: " + std::string(name) + ", choices: [1";
    for (int value = 2; value <= 40; ++value) huge += ", " + std::to_string(value);
    huge += "]}\n";
  }
  const DesignSpace space = DesignSpace::load(folder_.write("huge.yaml", huge));
  EXPECT_THAT(message_of<InputError>(
                  [&] { explore_file(folder_.path() / "h", network_, space, options(1), {}); }),
              HasSubstr("102400000"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "h"));
  folder_.write("file", "");
  EXPECT_THROW(run("file", options(1)), InputError);
}

}  // namespace
}  // namespace dovetail
