#include "base/text/json_fault.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dovetail {
namespace {

TEST(JsonFault, SaysWhatIsWrongWithoutTheNamesOfALibrary) {
  const auto said = [](const char* what) { return json_fault(std::runtime_error(what)); };
  EXPECT_EQ(said("[json.exception.out_of_range.403] key 'a' not found"), "key 'a' not found");
  EXPECT_EQ(said("[json.exception.type_error.302] type must be array, but is string"),
            "type must be array, but is string");
  EXPECT_EQ(said("[json.exception.type_error.304] cannot use at() with number"),
            "found a number where another kind of value belongs");
  EXPECT_EQ(said("line 3: another message"), "line 3: another message");
}

}  // namespace
}  // namespace dovetail
