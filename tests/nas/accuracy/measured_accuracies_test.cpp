#include "nas/accuracy/measured_accuracies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/paths.h"
#include "tests/base/test_files.h"
#include "tests/nas/accuracy/small_space.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class MeasuredAccuraciesTest : public testing::Test {
 protected:
  MeasuredAccuracies read(const std::string& csv) {
    return read_measured_accuracies(folder_.write("a.csv", csv), space_);
  }
  std::string error(const std::string& csv) {
    return message_of<InputError>([&] { read(csv); });
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

TEST_F(MeasuredAccuraciesTest, CellsOfUnusedSlotsAreNotLookedAt) {
  EXPECT_EQ(read("d,k0,e0,k1,e1,k2,top1\n1,5,6,0,0,,71\n").networks.size(), 1U);
  EXPECT_THAT(error("d,k0,e0,k1,e1,k2,top1\n2,5,6,0,3,,71\n"),
              AllOf(HasSubstr("a.csv:2"), HasSubstr("k1: '0' is none of 3, 5, 7")));
}

TEST_F(MeasuredAccuraciesTest, BadFilesAreErrorsWithThePlace) {
  EXPECT_THAT(error(""), HasSubstr("a.csv:1"));
  EXPECT_THAT(error("d,k0,e0,k1,e1,k2\n"), HasSubstr("no column 'top1'"));
  EXPECT_THAT(error("d,k0,k1,e1,k2,top1\n"), HasSubstr("no column 'e0'"));
  EXPECT_THAT(error("d,k0,e0,k1,e1,k2,top_1\n"),
              AllOf(HasSubstr("no column 'top1'"), HasSubstr("'top_1' meant")));
  EXPECT_THAT(error("d,k0,e0,k1,e1,k2,k2,top1\n"), HasSubstr("two columns 'k2'"));
  const std::string header = "d,k0,e0,k1,e1,k2,top1\n";
  EXPECT_THAT(error(header + "1,3,3,3,3,3,71\n1,3,3,3,3,3\n"),
              AllOf(HasSubstr("a.csv:3"), HasSubstr("6 cells")));
  EXPECT_THAT(error(header + "1,4,3,3,3,3,71\n"), HasSubstr("k0: '4'"));
  for (const std::string top1 : {"", "x", "71x", "101", "-1", "nan", "7 1"}) {
    EXPECT_THAT(error(header + "1,3,3,3,3,3," + top1 + "\n"),
                AllOf(HasSubstr("a.csv:2"), HasSubstr("top1")))
        << top1;
  }
  EXPECT_THROW(read_measured_accuracies(folder_.path() / "none.csv", space_), InputError);
}

TEST_F(MeasuredAccuraciesTest, MeasuredOfaNetworks) {
  if (data_folder().empty()) GTEST_SKIP() << "no calibration data (DOVETAIL_DATA)";
  const NetworkSpace ofa = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  const MeasuredAccuracies data =
      read_measured_accuracies(data_folder() / "ofa-mbv3" / "dynast_ofa_mbv3_w10.csv", ofa);
  EXPECT_EQ(data.rows, 1966U);
  EXPECT_EQ(data.networks.size(), 1795U);
}

}  // namespace
}  // namespace dovetail
