#include "models/network/space/network_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/yaml.h"
#include "tests/base/files/test_files.h"
#include "tests/models/network/space/kernels_and_depth.h"

namespace dovetail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What the rows of a file of accuracies are is tested in models/accuracy/measured.
class NetworkRowsTest : public testing::Test {
 protected:
  NetworkRows read(const std::string& file, const std::string& text,
                   const std::vector<RowColumn>& columns) {
    return read_network_rows(folder_.write(file, text), space_, {}, columns);
  }
  TemporaryFolder folder_;
  NetworkSpace space_ = kernels_and_depth();
};

TEST_F(NetworkRowsTest, AnyNumberOfColumnsIsRead) {
  const std::string csv =
      "k0,k1,act,d,latency_ms,note,energy_mj\n"
      "3,5,relu6,2, 1.5 ,a,\n"
      "5,,relu,1,x,b,2\n";
  const NetworkRows rows =
      read("a.csv", csv, {{"latency_ms"}, {"energy_mj", false}, {"area_mm2", false}});
  EXPECT_THAT(rows.has, ElementsAre(true, true, false));
  EXPECT_THAT(rows.unused_columns, ElementsAre("note"));
  ASSERT_EQ(rows.rows.size(), 2U);
  EXPECT_EQ(rows.rows[0].choices, (Choices{0, 1, 1, 1}));
  EXPECT_EQ(rows.rows[0].cells[0].number, 1.5);
  EXPECT_EQ(rows.rows[0].cells[1].text, "");
  EXPECT_FALSE(rows.rows[0].cells[1].number);
  EXPECT_FALSE(rows.rows[1].cells[0].number);
  EXPECT_EQ(rows.rows[1].cells[0].text, "x");
  EXPECT_EQ(rows.rows[1].cells[1].number, 2);
  EXPECT_TRUE(rows.rows[1].cells[2].text.empty());
  EXPECT_EQ(rows.rows[1].where.line, 3);
  EXPECT_THAT(message_of<InputError>([&] { read("a.csv", csv, {{"latency"}}); }),
              HasSubstr("no column 'latency'"));
}

TEST_F(NetworkRowsTest, NoneIsNeeded) {
  EXPECT_EQ(read("a.csv", "k0,k1,act,d\n3,3,relu,1\n", {}).rows.at(0).choices,
            (Choices{0, 0, 0, 0}));
  EXPECT_EQ(read("a.json", R"({"0121": {"flops": 3}})", {}).rows.at(0).choices,
            (Choices{0, 1, 2, 1}));
  EXPECT_THAT(message_of<InputError>([&] { read("a.csv", "k0,k1,act,d\n", {}); }),
              HasSubstr("a.csv: has no network"));
}

TEST_F(NetworkRowsTest, MembersOfJsonAreRead) {
  const NetworkRows rows = read("a.json", R"({"0111": {"ms": 3, "mj": [1]}, "0000": {}})",
                                {{"ms"}, {"mj", false}, {"mm2", false}});
  EXPECT_THAT(rows.has, ElementsAre(true, true, false));
  EXPECT_EQ(rows.rows[0].key, "0111");
  EXPECT_EQ(rows.rows[0].cells[0].number, 3);
  EXPECT_EQ(rows.rows[0].cells[1].text, "[1]");
  EXPECT_FALSE(rows.rows[0].cells[1].number);
  EXPECT_TRUE(rows.rows[1].cells[0].text.empty());
}

TEST(NetworkColumns, AreWrittenAsTheyAreRead) {
  const std::string text = "columns:\n  d: depth\n  k0: \"a: b\"\n";
  YamlMap map = YamlNode::parse(text, "a.yaml").map();
  const NetworkColumns columns = NetworkColumns::from_yaml(map);
  EXPECT_EQ(columns.columns.at("k0"), "a: b");
  YamlMap again = YamlNode::parse(columns.yaml(), "b.yaml").map();
  EXPECT_EQ(NetworkColumns::from_yaml(again), columns);
  EXPECT_EQ(NetworkColumns().yaml(), "");
}

}  // namespace
}  // namespace dovetail
