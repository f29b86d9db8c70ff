#include "base/text/error.h"

#include <gtest/gtest.h>

namespace dovetail {
namespace {

TEST(LocationTest, LeavesOutWhatIsUnknown) {
  EXPECT_EQ((Location{"a.yaml", 3, 7}.str()), "a.yaml:3:7");
  EXPECT_EQ((Location{"a.yaml", 3, 0}.str()), "a.yaml:3");
  EXPECT_EQ((Location{"a.yaml", 0, 7}.str()), "a.yaml");
  EXPECT_EQ((Location{"", 3, 7}.str()), "");
}

TEST(InputErrorTest, PutsThePlaceFirst) {
  EXPECT_STREQ(InputError(Location{"a.yaml", 3, 7}, "wrong").what(), "a.yaml:3:7: wrong");
  EXPECT_STREQ(InputError(Location{}, "wrong").what(), "wrong");
}

}  // namespace
}  // namespace dovetail
