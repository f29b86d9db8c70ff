#include "models/accuracy/measured/measurement_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/files/test_files.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class MeasurementFileTest : public testing::Test {
 protected:
  MeasurementFile read(const std::string& csv, const MeasurementFormat& format = {}) {
    return read_measurements(folder_.write("a.csv", csv), space_, format);
  }
  MeasurementFile read_json(const std::string& json, const MeasurementFormat& format = {}) {
    return read_measurements(folder_.write("a.json", json), space_, format);
  }
  std::string error(const std::string& csv, const MeasurementFormat& format = {}) {
    return message_of<InputError>([&] { read(csv, format); });
  }
  std::string json_error(const std::string& json, const MeasurementFormat& format = {}) {
    return message_of<InputError>([&] { read_json(json, format); });
  }
  TemporaryFolder folder_;
  NetworkSpace space_ = small_space();
};

TEST_F(MeasurementFileTest, RowsStandAsTheyAreWithTheirLines) {
  const MeasurementFile file = read(
      "run,top1,k0,e0,k1,e1,k2,d\n"
      "a, 71.5 ,5,6,3,3,3,1\r\n"
      "\n"
      "b,71.7,5,6,7,6,5,1\n");  // depth 1: the unused slots say nothing
  EXPECT_EQ(file.unused_columns, std::vector<std::string>{"run"});
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].choices, (Choices{0, 1, 2, 0, 0, 0}));
  EXPECT_EQ(file.rows[1].choices, file.rows[0].choices);
  EXPECT_EQ(file.rows[0].top1_percent, 71.5);
  EXPECT_EQ(file.rows[0].where.line, 2);
  EXPECT_EQ(file.rows[1].where.line, 4);
}

TEST_F(MeasurementFileTest, ColumnsMayHaveOtherNames) {
  MeasurementFormat format;
  format.accuracy = "val_top1";
  format.columns = {{"k0", "kernel 1"}, {"d", "depth"}};
  const std::string csv = "depth,kernel 1,e0,k1,e1,k2,val_top1\n3,7,6,5,4,3,70\n";
  EXPECT_EQ(read(csv, format).rows.at(0).choices, (Choices{2, 2, 2, 1, 1, 0}));
  EXPECT_THAT(error("depth,kernel 1,e0,k1,e1,k2,val_top1\n3,9,6,5,4,3,70\n", format),
              AllOf(HasSubstr("a.csv:2"), HasSubstr("kernel 1: '9' is none of 3, 5, 7")));
  format.columns["kernel"] = "k9";
  EXPECT_THAT(error(csv, format), HasSubstr("kernel"));
  format.columns = {{"k0", "k0"}};
  format.digits = "arch";
  EXPECT_THAT(error(csv, format), HasSubstr("not in both"));
}

TEST_F(MeasurementFileTest, ANetworkMayBeAStringOfDigits) {
  MeasurementFormat format;
  format.digits = "arch";
  const MeasurementFile file = read("arch,top1\n212010,70\n012222,71\n", format);
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].choices, (Choices{2, 1, 2, 0, 1, 0}));
  EXPECT_EQ(file.rows[1].choices, (Choices{0, 1, 2, 0, 0, 0}));
  EXPECT_THAT(error("arch,top1\n21201,70\n", format),
              AllOf(HasSubstr("a.csv:2"), HasSubstr("5 digits"), HasSubstr("6 decisions")));
  EXPECT_THAT(error("arch,top1\n212010,70\n213010,70\n", format),
              AllOf(HasSubstr("a.csv:3"), HasSubstr("e0: found '3'"), HasSubstr("from 0 to 2")));
  EXPECT_THAT(error("arch,top1\n2120x0,70\n", format), HasSubstr("e1: found 'x'"));
  EXPECT_THAT(error("archs,top1\n212010,70\n", format), HasSubstr("'archs' meant"));
}

TEST_F(MeasurementFileTest, JsonAsNasBenchMacroHasIt) {
  const MeasurementFile file = read_json(
      "{\"212010\": {\"test_acc\": [69, 71], \"mean_acc\": 70.25, \"flops\": 9},\n\n"
      " \"012222\": {\"mean_acc\": 71}}\n");
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].choices, (Choices{2, 1, 2, 0, 1, 0}));
  EXPECT_EQ(file.rows[0].top1_percent, 70.25);
  EXPECT_EQ(file.rows[0].where.line, 1);
  EXPECT_EQ(file.rows[1].where.line, 3);
  MeasurementFormat best;
  best.accuracy = "best";
  EXPECT_EQ(read_json("{\"212010\": {\"best\": 71}}", best).rows.at(0).top1_percent, 71);
}

TEST_F(MeasurementFileTest, BadJsonIsAnErrorWithKeyAndLine) {
  EXPECT_THAT(json_error("{\n\"212010\": {\"mean_acc\": 70},\n\"912010\": {\"mean_acc\": 1}}"),
              AllOf(HasSubstr("a.json:3"), HasSubstr("'912010': d: found '9'")));
  EXPECT_THAT(json_error("{\n\"21201\": {\"mean_acc\": 70}}"),
              AllOf(HasSubstr("a.json:2"), HasSubstr("5 digits")));
  for (const std::string value : {"-1", "101", "\"x\"", "null", "[70]"}) {
    EXPECT_THAT(json_error("{\n\"212010\": {\"mean_acc\": " + value + "}}"),
                AllOf(HasSubstr("a.json:2"), HasSubstr("212010: mean_acc: found " + value)))
        << value;
  }
  EXPECT_THAT(json_error("{\"212010\": {\"acc\": 70}}"), HasSubstr("mean_acc: found none"));
  EXPECT_THAT(json_error("{\"212010\": 70}"), HasSubstr("mean_acc: found none"));
  EXPECT_THAT(json_error("{\"212010\": {\"mean_acc\": 70}, \"212010\": {\"mean_acc\": 70}}"),
              HasSubstr("'212010' twice"));
  EXPECT_THAT(json_error("{\"212010\": {\"mean_acc\": 70}"), HasSubstr("a.json: is not JSON"));
  EXPECT_THAT(json_error("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(json_error("{}"), HasSubstr("has no network"));
  MeasurementFormat digits;
  digits.digits = "arch";
  EXPECT_THAT(json_error("{\"212010\": {\"mean_acc\": 70}}", digits), HasSubstr("no columns"));
}

TEST_F(MeasurementFileTest, CellsOfUnusedSlotsAreNotLookedAt) {
  EXPECT_EQ(read("d,k0,e0,k1,e1,k2,top1\n1,5,6,0,0,,71\n").rows.size(), 1U);
  EXPECT_THAT(error("d,k0,e0,k1,e1,k2,top1\n2,5,6,0,3,,71\n"),
              AllOf(HasSubstr("a.csv:2"), HasSubstr("k1: '0' is none of 3, 5, 7")));
}

TEST_F(MeasurementFileTest, BadFilesAreErrorsWithThePlace) {
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
  EXPECT_THROW(read_measurements(folder_.path() / "none.csv", space_), InputError);
}

}  // namespace
}  // namespace dovetail
