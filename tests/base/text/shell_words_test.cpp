#include "base/text/shell_words.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <vector>

namespace dovetail {
namespace {

TEST(ShellWords, PlainWordsStayAsTheyAre) {
  EXPECT_EQ(shell_word("out/a_b-1.h5"), "out/a_b-1.h5");
  EXPECT_EQ(shell_word("top1_percent,latency_ms"), "top1_percent,latency_ms");
}

TEST(ShellWords, AShellReadsThemBack) {
  const std::vector<std::string> words{"printf", "%s|",  "a b", "it's", "",
                                       "$HOME",  "`id`", "\\",  "*"};
  std::FILE* shell = ::popen(shell_words(words).c_str(), "r");
  ASSERT_NE(shell, nullptr);
  char buffer[256] = {};
  const std::size_t size = std::fread(buffer, 1, sizeof buffer, shell);
  ::pclose(shell);
  EXPECT_EQ(std::string(buffer, size), "a b|it's||$HOME|`id`|\\|*|");
}

}  // namespace
}  // namespace dovetail
