#include "models/accuracy/measured/accuracy_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "tests/base/files/test_files.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kHeader = "d,k0,e0,k1,e1,k2,top1\n";

class AccuracyTableTest : public testing::Test {
 protected:
  std::unique_ptr<AccuracySource> load(const std::string& csv,
                                       Duplicates duplicates = Duplicates::kRefuse) {
    return load_accuracy_table(folder_.write("t.csv", csv), space_, {}, duplicates);
  }
  TemporaryFolder folder_;
  NetworkSpace space_ = small_space();
};

TEST_F(AccuracyTableTest, SaysWhatTheRowOfTheNetworkSays) {
  const auto table = load(kHeader + "1,3,3,,,,70.1\n2,3,3,5,6,,71.25\n");
  EXPECT_EQ(table->accuracy({0, 0, 0, 0, 0, 0}), (AccuracyEstimate{70.1, false}));
  EXPECT_EQ(table->accuracy({1, 0, 0, 1, 2, 0}), (AccuracyEstimate{71.25, false}));
  EXPECT_EQ(table->accuracy({1, 0, 0, 1, 2, 2}).top1_percent, 71.25) << "k2 has no effect";
  EXPECT_FALSE(table->slow());
  EXPECT_THAT(table->description(), AllOf(HasSubstr("t.csv"), HasSubstr("2 networks")));
}

TEST_F(AccuracyTableTest, RefusesANetworkThatItLacks) {
  const auto table = load(kHeader + "1,3,3,,,,70.1\n");
  EXPECT_THAT(message_of<InputError>([&] {
                table->accuracy({0, 1, 0, 0, 0, 0});
              }),
              AllOf(HasSubstr("t.csv: has no network"), HasSubstr("k0=5")));
  EXPECT_THROW(table->accuracy({0, 0}), InputError);
}

TEST_F(AccuracyTableTest, RowsOfOneNetworkThatDisagreeAreAnErrorOrTheirMean) {
  const std::string rows = kHeader + "1,3,3,,,,70\n2,3,3,5,6,,71\n1,3,3,7,7,7,70.5\n1,3,3,,,,73\n";
  EXPECT_THAT(message_of<InputError>([&] { load(rows); }),
              AllOf(HasSubstr("t.csv:4: 70.5 %"), HasSubstr("t.csv:2 with 70 %"),
                    HasSubstr("duplicates: mean")));
  EXPECT_NEAR(load(rows, Duplicates::kMean)->accuracy({0, 0, 0, 0, 0, 0}).top1_percent,
              (70 + 70.5 + 73) / 3, 1e-12);
  EXPECT_EQ(load(kHeader + "1,3,3,,,,70.1\n1,3,3,7,7,7,70.1\n1,3,3,,,,70.1\n")
                ->accuracy({0, 0, 0, 0, 0, 0})
                .top1_percent,
            70.1);
}

TEST(NasBenchMacroTable, EveryPointHasTheAccuracyOfItsNetwork) {
  if (data_folder().empty()) GTEST_SKIP() << "no calibration data (DOVETAIL_DATA)";
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "nas_bench_macro"));
  const auto table =
      load_accuracy_table(data_folder() / "nas-bench-macro/nas-bench-macro_cifar10.json", space);
  EXPECT_NEAR(table->accuracy({2, 2, 2, 1, 2, 2, 2, 0}).top1_percent, 93.127, 5e-4);
  EXPECT_EQ(table->accuracy({2, 2, 2, 1, 2, 2, 2, 0}), table->accuracy({2, 2, 2, 1, 2, 2, 0, 2}));
  EXPECT_NEAR(table->accuracy({0, 0, 0, 0, 0, 0, 0, 0}).top1_percent, 45.3633, 5e-5);
}

}  // namespace
}  // namespace dovetail
