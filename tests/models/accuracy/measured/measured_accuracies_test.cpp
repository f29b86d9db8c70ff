#include "models/accuracy/measured/measured_accuracies.h"

#include <gtest/gtest.h>

#include <map>

#include "base/files/paths.h"
#include "tests/base/files/test_files.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

class MeasuredAccuraciesTest : public testing::Test {
 protected:
  MeasuredAccuracies read(const std::string& csv) {
    return read_measured_accuracies(folder_.write("a.csv", csv), space_);
  }
  TemporaryFolder folder_;
  NetworkSpace space_ = small_space();
};

TEST_F(MeasuredAccuraciesTest, FindsColumnsByNameAndMergesEqualNetworks) {
  const MeasuredAccuracies data = read(
      "run,top1,k0,e0,k1,e1,k2,d\n"
      "a, 71.5 ,5,6,3,3,3,1\r\n"
      "a,72,7,3,3,3,3,2\n"
      "b,71.7,5,6,7,6,5,1\n"  // depth 1: the unused slots do not make it another network
      "\n");
  EXPECT_EQ(data.rows, 3U);
  EXPECT_EQ(data.unused_columns, std::vector<std::string>{"run"});
  ASSERT_EQ(data.networks.size(), 2U);
  EXPECT_EQ(data.networks[0].choices, (Choices{0, 1, 2, 0, 0, 0}));
  EXPECT_NEAR(data.networks[0].top1_percent, 71.6, 1e-12);
  EXPECT_EQ(data.networks[0].measured, 2U);
  EXPECT_EQ(data.networks[1].choices, (Choices{1, 2, 0, 0, 0, 0}));
  EXPECT_EQ(data.networks[1].top1_percent, 72);
}

TEST_F(MeasuredAccuraciesTest, MeasuredOfaNetworks) {
  if (data_folder().empty()) GTEST_SKIP() << "no calibration data (DOVETAIL_DATA)";
  const NetworkSpace ofa = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  const MeasuredAccuracies data =
      read_measured_accuracies(data_folder() / "ofa-mbv3" / "dynast_ofa_mbv3_w10.csv", ofa);
  EXPECT_EQ(data.rows, 1966U);
  EXPECT_EQ(data.networks.size(), 1795U);
}

TEST(MeasuredNetworks, PointsThatBuildOneNetworkAreMerged) {
  if (data_folder().empty()) GTEST_SKIP() << "no calibration data (DOVETAIL_DATA)";
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "nas_bench_macro"));
  const auto folder = data_folder() / "nas-bench-macro";
  const MeasuredAccuracies json =
      read_measured_accuracies(folder / "nas-bench-macro_cifar10.json", space);
  EXPECT_EQ(json.rows, 6561U);
  EXPECT_EQ(json.networks.size(), 3969U);
  MeasurementFormat format;
  format.accuracy = "mean_acc";
  format.digits = "arch";
  const MeasuredAccuracies csv =
      read_measured_accuracies(folder / "nas-bench-macro_cifar10.csv", space, format);
  ASSERT_EQ(csv.networks.size(), 3969U);
  std::map<Choices, double> top1;
  for (const MeasuredNetwork& n : json.networks) top1[n.choices] = n.top1_percent;
  for (const MeasuredNetwork& n : csv.networks) {
    ASSERT_NEAR(top1.at(n.choices), n.top1_percent, 6e-5);  // four decimals
  }
}

}  // namespace
}  // namespace dovetail
