#include "base/process/line_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/error.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

TEST(LineProgram, AnswersLineByLineAndRemembers) {
  LineProgram sums("/bin/sh",
                   {"sh", "-c", "s=0; while read x; do s=$((s + x)); echo $s >&0; done"});
  EXPECT_EQ(sums.ask("3"), "3");
  EXPECT_EQ(sums.ask("4"), "7");
}

TEST(LineProgram, SaysHowAProgramEndedThatDoesNotAnswer) {
  LineProgram exits("/bin/sh", {"sh", "-c", "read x; exit 3"});
  EXPECT_THAT(message_of<RunError>([&] { exits.ask("1"); }), HasSubstr("/bin/sh: exit status 3"));
  EXPECT_THAT(message_of<RunError>([&] { exits.ask("1"); }), HasSubstr("it has ended"));
  LineProgram killed("/bin/sh", {"sh", "-c", "read x; kill -9 $$"});
  EXPECT_THAT(message_of<RunError>([&] { killed.ask("1"); }), HasSubstr("ended by signal 9"));
  EXPECT_THAT(message_of<RunError>([&] { LineProgram("/no/such/program", {"x"}); }),
              HasSubstr("cannot start /no/such/program"));
}

}  // namespace
}  // namespace dovetail
