#include "base/text/message_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/error.h"

namespace dovetail {
namespace {

TEST(MessageText, ControlCharactersAreShownAndTextStays) {
  EXPECT_EQ(message_text("a: 'é'\n\tb"), "a: 'é'\n\tb");
  EXPECT_EQ(message_text("\x1b[2Jgone\r\x07\x7f"), "\\x1b[2Jgone\\x0d\\x07\\x7f");
  EXPECT_EQ(message_text(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(MessageText, AMessageIsNoLongerThanAMessage) {
  const std::string shown = message_text(std::string(20'000'000, 'x'));
  EXPECT_LT(shown.size(), 10'000U);
  EXPECT_THAT(shown, testing::EndsWith("... (19992000 bytes more)"));
}

TEST(MessageText, AnErrorAboutAFileKeepsWhatFollowsANul) {
  const InputError error(Location{"a.yaml", 3, 1}, std::string("found 'a\0b', allowed c", 22));
  EXPECT_STREQ(error.what(), "a.yaml:3:1: found 'a\\x00b', allowed c");
}

}  // namespace
}  // namespace dovetail
