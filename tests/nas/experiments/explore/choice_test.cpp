#include "nas/experiments/explore/choice.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"
#include "nas/experiments/explore/choice_query.h"
#include "nas/experiments/explore/choice_report.h"
#include "nas/experiments/explore/exploration_file.h"
#include "sim/simulator.h"
#include "tests/base/files/test_files.h"
#include "tests/base/text/csv_rows.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

// 2 * 2 * 3 * 2 * 5 = 120 configurations; some register files and memories are too small, and none
// reads 25 GB/s faster than 20 for the smallest: equals have to be told apart.
constexpr const char* kSpace =
    "schema: dovetail.design_space/1\n"
    "name: small\n"
    "base: nahas_baseline_streamed\n"
    "decisions:\n"
    "  - {name: pes_x, unit: PEs, choices: [1, 4]}\n"
    "  - {name: pes_y, unit: PEs, choices: [1, 4]}\n"
    "  - {name: register_file_kib, unit: KiB per lane, choices: [0.25, 8, 32]}\n"
    "  - {name: local_memory_mib, unit: MiB per PE, choices: [0.03, 2]}\n"
    "  - {name: io_bandwidth_gbps, unit: GB/s, choices: [5, 10, 15, 20, 25]}\n";

const std::vector<std::string> kNetworks{"mobilenetv1_0.25_128", "mobilenetv2_0.35_96"};

/// A row of a file of an exploration, read apart from the program's own reader of them.
struct FileRow {
  double latency_ms = 0, area_mm2 = 0, energy_mj = 0;
  bool runs = false;
  double power_mw() const { return 1000 * energy_mj / latency_ms; }
};

class ChoiceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    space_ = new DesignSpace(DesignSpace::load(folder_->write("small.yaml", kSpace)));
    explorations_ = new std::vector<Exploration>;
    for (const std::string& name : kNetworks) {
      explorations_->push_back({name, explore_file(folder_->path(), find_network(name), *space_,
                                                   ExploreFileOptions(), {})});
    }
  }
  static void TearDownTestSuite() {
    delete explorations_;
    delete space_;
    delete folder_;
  }
  static std::vector<ExploredNetwork> networks() {
    Simulator simulator(totals_only());
    std::vector<ExploredNetwork> explored;
    for (const std::string& name : kNetworks) {
      explored.push_back({name == kNetworks[0] ? "first" : name, name,
                          simulator.run(find_network(name), space_->base()).latency_ms});
    }
    return explored;
  }
  static ChoiceQuery query(const ChoiceWords& words) { return read_choice(words, networks()); }
  static SetChoice chosen(const ChoiceQuery& query) {
    return choose(ExploredSet(*explorations_), query);
  }
  static std::vector<FileRow> rows_of(const std::string& network) {
    std::vector<FileRow> rows;
    const auto cells = csv_rows(folder_->read(network + ".csv"));
    const auto column = [&](const std::string& name) {
      return std::ranges::find(cells[0], name) - cells[0].begin();
    };
    for (std::size_t i = 1; i < cells.size(); ++i) {
      FileRow row;
      row.runs = cells[i][column("reason")].empty();
      row.area_mm2 = std::stod(cells[i][column("area_mm2")]);
      if (row.runs) row.latency_ms = std::stod(cells[i][column("latency_ms")]);
      if (row.runs) row.energy_mj = std::stod(cells[i][column("energy_mj")]);
      rows.push_back(row);
    }
    return rows;
  }

  static TemporaryFolder* folder_;
  static DesignSpace* space_;
  static std::vector<Exploration>* explorations_;
};

TemporaryFolder* ChoiceTest::folder_ = nullptr;
DesignSpace* ChoiceTest::space_ = nullptr;
std::vector<Exploration>* ChoiceTest::explorations_ = nullptr;

TEST_F(ChoiceTest, IsThatOfBruteForceOverTheFiles) {
  const std::vector<FileRow> a = rows_of(kNetworks[0]), b = rows_of(kNetworks[1]);
  ASSERT_EQ(a.size(), 120U);
  int answered = 0;
  for (const double latency_a : {0.15, 0.3, 1.0}) {
    for (const double latency_b : {0.1, 0.2, 1.0}) {
      for (const double power : {150.0, 400.0, 2000.0}) {
        SCOPED_TRACE(fmt::format("{} {} {}", latency_a, latency_b, power));
        std::set<std::uint64_t> within;
        std::optional<std::uint64_t> best;
        const auto slack = [&](std::uint64_t i) {
          return -1 + std::max({a[i].latency_ms / latency_a, b[i].latency_ms / latency_b,
                                a[i].power_mw() / power, b[i].power_mw() / power});
        };
        for (std::uint64_t i = 0; i < a.size(); ++i) {
          if (!a[i].runs || !b[i].runs || slack(i) > 0) continue;
          within.insert(i);
          const bool better = !best || a[i].area_mm2 < a[*best].area_mm2 ||
                              (a[i].area_mm2 == a[*best].area_mm2 && slack(i) < slack(*best));
          if (better) best = i;
        }
        const SetChoice choice =
            chosen(query({{fmt::format("latency_ms@first={}", latency_a),
                           fmt::format("latency_ms@{}={}", kNetworks[1], latency_b),
                           fmt::format("power_mw={}", power)},
                          {},
                          {},
                          "area_mm2"}));
        EXPECT_EQ(std::set(choice.within.begin(), choice.within.end()), within);
        ASSERT_EQ(choice.within.empty(), !best);
        if (!best) continue;
        EXPECT_EQ(choice.within.front(), *best);
        ++answered;
      }
    }
  }
  EXPECT_GT(answered, 5);
}

TEST_F(ChoiceTest, TheFrontOfTheSetIsBeatenByNone) {
  const ChoiceQuery asked = query({{}, {"first=3"}, {"latency_ms_mean", "area_mm2"}, ""});
  const SetChoice choice = chosen(asked);
  const std::vector<FileRow> a = rows_of(kNetworks[0]), b = rows_of(kNetworks[1]);
  const auto mean = [&](std::uint64_t i) { return (3 * a[i].latency_ms + b[i].latency_ms) / 4; };
  std::set<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < a.size(); ++i) {
    bool stays = a[i].runs && b[i].runs;
    for (std::uint64_t j = 0; j < a.size() && stays; ++j) {
      if (i == j || !a[j].runs || !b[j].runs) continue;
      const bool no_worse = mean(j) <= mean(i) && a[j].area_mm2 <= a[i].area_mm2;
      const bool better = mean(j) < mean(i) || a[j].area_mm2 < a[i].area_mm2 || j < i;
      stays = !(no_worse && better);
    }
    if (stays) expected.insert(i);
  }
  EXPECT_EQ(std::set(choice.front.begin(), choice.front.end()), expected);
  EXPECT_GT(expected.size(), 3U);
}

TEST_F(ChoiceTest, TellsWhyNothingBetterHoldsTheLimits) {
  const ExploredSet set(*explorations_);
  const ChoiceQuery all = query({{}, {}, {}, "area_mm2"});
  const double of_smallest =
      set.value(SetFigure::parse("latency_ms", all.members), chosen(all).within.front());
  const ChoiceQuery asked =
      query({{fmt::format("latency_ms={}", 0.5 * of_smallest)}, {}, {}, "area_mm2"});
  const SetChoice choice = chosen(asked);
  ASSERT_GT(choice.within.size(), 1U);
  ASSERT_TRUE(choice.nearest);
  EXPECT_GT(set.excess(asked.limits, *choice.nearest), 0);
  EXPECT_LT(set.value(*asked.choose, *choice.nearest),
            set.value(*asked.choose, choice.within.front()));
  const std::string text = choice_text(*explorations_, asked, choice, *space_);
  EXPECT_THAT(text, HasSubstr("The least area_mm2 within the limits: small-" +
                              std::to_string(choice.within.front())));
  EXPECT_THAT(text, HasSubstr("The runner-up is small-" + std::to_string(choice.within[1])));
  EXPECT_THAT(text, HasSubstr("have less area_mm2 but break a limit; the nearest to holding all is "
                              "small-" +
                              std::to_string(*choice.nearest)));
  EXPECT_THAT(text, HasSubstr("for one network alone"));
}

TEST_F(ChoiceTest, WhatIsWrongIsToldWithTheOption) {
  const auto error = [](const ChoiceWords& words) {
    return message_of<InputError>([&] { query(words); });
  };
  EXPECT_THAT(error({{"latency_ms@other=1"}, {}, {}, ""}), HasSubstr("--max: 'latency_ms@other'"));
  EXPECT_THAT(error({{"latency_ms"}, {}, {}, ""}), HasSubstr("--max: found 'latency_ms'"));
  EXPECT_THAT(error({{"area_mm2=-1"}, {}, {}, ""}), HasSubstr("a number above 0"));
  EXPECT_THAT(error({{"area_mm2=1", "area_mm2=2"}, {}, {}, ""}), HasSubstr("a second limit"));
  EXPECT_THAT(error({{}, {"other=1"}, {}, ""}), HasSubstr("--weight: unknown network 'other'"));
  EXPECT_THAT(error({{}, {}, {"area"}, ""}), HasSubstr("--front: unknown figure 'area'"));
  EXPECT_THAT(error({{}, {}, {}, "top1_percent"}), HasSubstr("--choose: unknown figure"));
  EXPECT_THAT(error({{}, {}, {}, "peak_local_memory_kib"}), HasSubstr("not known of explorations"));
}

}  // namespace
}  // namespace dovetail
