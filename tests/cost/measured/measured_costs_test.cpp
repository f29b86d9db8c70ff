#include "cost/measured/measured_costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class MeasuredCostsTest : public testing::Test {
 protected:
  MeasuredCostsTest() { write_tiny_spaces(folder_); }

  MeasuredCosts read(const std::string& csv, const std::vector<std::string>& targets = {""},
                     const CostFileFormat& format = {}) {
    return {folder_.write("m.csv", csv), networks_, nullptr, targets, format};
  }
  std::string error(const std::string& csv, const CostFileFormat& format = {}) {
    return message_of<InputError>([&] { read(csv, {""}, format); });
  }

  TemporaryFolder folder_;
  NetworkSpace networks_ = [this] {
    write_tiny_spaces(folder_);
    return NetworkSpace::load(folder_.path() / "net.yaml");
  }();
};

TEST_F(MeasuredCostsTest, FiguresAreThoseOfTheColumnsThatThereAre) {
  const MeasuredCosts costs = read(
      "k0,e0,k1,e1,d,latency_ms,area_mm2,note\n"
      "3,2,3,2,2,1.5,30,a\n"
      "5,2,7,9,1,0.5,,b\n");  // at depth 1 the second block says nothing
  EXPECT_EQ(costs.size(), 2U);
  const Costs first = costs.of({{0, 0, 0, 0, 1}, {}}).at(0);
  EXPECT_EQ(first.latency_ms, 1.5);
  EXPECT_EQ(first.area_mm2, 30);
  EXPECT_TRUE(std::isnan(first.energy_mj));
  EXPECT_TRUE(first.feasible());
  const Costs second =
      costs.of({{1, 0, 1, 2, 0}, {1, 2, 3}}).at(0);  // accelerators are not looked at
  EXPECT_EQ(second.latency_ms, 0.5);
  EXPECT_TRUE(std::isnan(second.area_mm2));
  EXPECT_EQ(costs.columns().at(0).latency_ms, 1);
  EXPECT_EQ(costs.columns().at(0).area_mm2, 1);
  EXPECT_TRUE(std::isnan(costs.columns().at(0).energy_mj));
  EXPECT_THAT(message_of<InputError>([&] {
                costs.of({{2, 0, 0, 0, 1}, {}});
              }),
              HasSubstr("m.csv: has no network k0=7 e0=2"));
}

TEST_F(MeasuredCostsTest, ASpeedIsALatency) {
  CostFileFormat format;
  format.columns = {{"inferences_per_s@b", "rate b"}, {"latency_ms@a", "ms a"}, {"d", "depth"}};
  const MeasuredCosts costs =
      read("k0,e0,k1,e1,depth,ms a,latency_ms@b,rate b\n3,2,3,2,2,4,7,500\n", {"a", "b"}, format);
  const std::vector<Costs>& of_both = costs.of({{0, 0, 0, 0, 1}, {}});
  ASSERT_EQ(of_both.size(), 2U);
  EXPECT_EQ(of_both[0].latency_ms, 4);
  EXPECT_EQ(of_both[1].latency_ms, 2) << "a column that is named counts, not one called alike";
  const std::string both = "k0,e0,k1,e1,d,latency_ms,inferences_per_s\n3,2,3,2,2,4,500\n";
  EXPECT_EQ(read(both).of({{0, 0, 0, 0, 1}, {}})[0].latency_ms, 4);
  format.columns = {{"inferences_per_s", "inferences_per_s"}, {"latency_ms", "latency_ms"}};
  EXPECT_THAT(error(both, format), HasSubstr("allowed one of them"));
}

TEST_F(MeasuredCostsTest, RowsOfOnePairAgreeOrAreAveraged) {
  const std::string csv =
      "k0,e0,k1,e1,d,latency_ms,energy_mj\n"
      "3,2,3,2,2,1,\n"
      "3,2,3,2,2,2,5\n";
  EXPECT_THAT(error(csv), AllOf(HasSubstr("m.csv:3"), HasSubstr("m.csv:2"), HasSubstr("mean")));
  CostFileFormat format;
  format.mean = true;
  const MeasuredCosts costs = read(csv, {""}, format);
  EXPECT_EQ(costs.of({{0, 0, 0, 0, 1}, {}})[0].latency_ms, 1.5);
  EXPECT_EQ(costs.of({{0, 0, 0, 0, 1}, {}})[0].energy_mj, 5);
  EXPECT_EQ(read("k0,e0,k1,e1,d,latency_ms\n3,2,3,2,2,1\n3,2,3,2,2,1\n").size(), 1U);
}

TEST_F(MeasuredCostsTest, AcceleratorsThatAreSearchedHaveColumns) {
  const DesignSpace accelerators = DesignSpace::load(folder_.path() / "hw.yaml");
  const std::string header =
      "k0,e0,k1,e1,d,hw.pes_x,hw.pes_y,hw.simd_units,local,hw.compute_lanes,latency_ms\n";
  CostFileFormat format;
  format.columns = {{"hw.local_memory_mib", "local"}};
  const auto load = [&](const std::string& rows) {
    return MeasuredCosts(folder_.write("m.csv", header + rows), networks_, &accelerators, {""},
                         format);
  };
  const MeasuredCosts costs = load("3,2,3,2,2,4,2,16,2.0,2,1\n3,2,3,2,2,4,2,16,0.5,2,3\n");
  EXPECT_EQ(costs.of({{0, 0, 0, 0, 1}, {2, 0, 0, 1, 0}})[0].latency_ms, 1);
  EXPECT_EQ(costs.of({{0, 0, 0, 0, 1}, {2, 0, 0, 0, 0}})[0].latency_ms, 3);
  EXPECT_THAT(message_of<InputError>([&] {
                costs.of({{0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}});
              }),
              HasSubstr("on accelerator pes_x=1"));
  EXPECT_THAT(message_of<InputError>([&] {
                costs.of({{0, 0, 0, 0, 1}, {}});
              }),
              HasSubstr("'tiny_edge'"));
  EXPECT_THAT(message_of<InputError>([&] { load("3,2,3,2,2,3,2,16,2,2,1\n"); }),
              AllOf(HasSubstr("m.csv:2"), HasSubstr("hw.pes_x: '3' is none of 1, 2, 4")));
}

TEST_F(MeasuredCostsTest, BadFilesAreErrorsWithThePlace) {
  const std::string header = "k0,e0,k1,e1,d,latency_ms\n";
  for (const std::string value : {"0", "-1", "x", "nan", "inf", "1e-400"}) {
    EXPECT_THAT(error(header + "3,2,3,2,2," + value + "\n"),
                AllOf(HasSubstr("m.csv:2"), HasSubstr("latency_ms: '" + value + "'")));
  }
  EXPECT_THAT(error("k0,e0,k1,e1,d,inferences_per_s\n3,2,3,2,2,1e-320\n"),
              HasSubstr("inferences_per_s"));
  CostFileFormat format;
  format.columns = {{"latency", "ms"}};
  EXPECT_THAT(error(header + "3,2,3,2,2,1\n", format),
              AllOf(HasSubstr("columns"), HasSubstr("'latency'"), HasSubstr("latency_ms")));
  format.columns = {{"energy_mj", "mj"}};
  EXPECT_THAT(error(header + "3,2,3,2,2,1\n", format), HasSubstr("no column 'mj'"));
  format.columns = {{"k0", "latency_ms"}};
  format.digits = "d";
  EXPECT_THAT(error(header + "3,2,3,2,2,1\n", format), HasSubstr("not in both"));
}

}  // namespace
}  // namespace dovetail
