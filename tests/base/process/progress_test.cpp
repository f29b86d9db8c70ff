#include "base/process/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>

#include "base/text/text.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

/// A clock that moves when it is told to, so that no pause of the machine changes a test.
struct TestClock {
  Progress::Clock::time_point time;
  std::function<Progress::Clock::time_point()> reader() {
    return [this] { return time; };
  }
  void advance(int milliseconds) { time += std::chrono::milliseconds(milliseconds); }
};

TEST(ProgressTest, QuietPrintsNothing) {
  testing::internal::CaptureStderr();
  {
    Progress progress("labels", 10, ProgressMode::kQuiet);
    for (std::uint64_t i = 0; i <= 10; ++i) progress.update(i, "note");
    progress.finish();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(ProgressTest, ALogGetsPlainLinesAndOneLast) {
  testing::internal::CaptureStderr();
  {
    TestClock clock;
    Progress progress("labels", 1000, ProgressMode::kAuto, clock.reader());
    for (std::uint64_t i = 0; i <= 1000; ++i) progress.update(i, "best 75.3 %");
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, testing::StartsWith("labels  1000/1000 (100.0 %)"));
  EXPECT_THAT(text, HasSubstr("best 75.3 %\n"));
  EXPECT_EQ(split(text, '\n').size(), 2U);  // a thousand updates in no time: one line
  EXPECT_THAT(text, testing::Not(HasSubstr("\r")));
  EXPECT_THAT(text, testing::Not(HasSubstr("\x1b")));
}

TEST(ProgressTest, WhatMattersIsShownAtOnce) {
  testing::internal::CaptureStderr();
  TestClock clock;
  Progress progress("labels", 1000, ProgressMode::kAuto, clock.reader());
  progress.update(10, "10 saved");
  progress.update(20, "20 saved", /*at_once=*/true);
  progress.update(30, "30 saved");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(split(text, '\n').size(), 2U);
  EXPECT_THAT(text, HasSubstr("20 saved\n"));
}

TEST(ProgressTest, ThePaceIsThatOfWhatWasDoneHere) {
  testing::internal::CaptureStderr();
  TestClock clock;
  Progress progress("labels", 1000, ProgressMode::kAuto, clock.reader());
  progress.go_on_from(400);
  clock.advance(10000);
  progress.update(500);
  progress.update(300, "", /*at_once=*/true);  // a search first goes through what it has
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "labels  500/1000 (50.0 %)  10.0/s  50 s left\nlabels  300/1000 (30.0 %)  0.0/s\n");
}

TEST(ProgressTest, ASlowPaceIsNotNone) {
  testing::internal::CaptureStderr();
  TestClock clock;
  Progress progress("epochs", 10, ProgressMode::kAuto, clock.reader());
  clock.advance(80000);
  progress.update(1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "epochs  1/10 (10.0 %)  0.0125/s  12 min 00 s left\n");
}

TEST(ProgressTest, ShowsHowFarStoppedWorkCame) {
  testing::internal::CaptureStderr();
  TestClock clock;
  Progress progress("search", 0, ProgressMode::kAuto, clock.reader());
  progress.update(3);
  progress.finish();
  progress.finish();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("search  3  [0-9.]+/s  in 0.0 s\n"));
}

// Runs `show` with a pseudo-terminal of 40 columns as stderr and returns what it printed.
std::string on_terminal(const std::function<void()>& show) {
  const int control = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (control < 0 || ::grantpt(control) != 0 || ::unlockpt(control) != 0) return "";
  const int terminal = ::open(::ptsname(control), O_RDWR | O_NOCTTY);
  const winsize size{24, 40, 0, 0};
  ::ioctl(control, TIOCSWINSZ, &size);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(terminal, STDERR_FILENO);
  ::setenv("TERM", "xterm", 1);
  show();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  // The kernel hands the text over in pieces and not at once: read up to the last line's end.
  std::string text;
  char piece[512];
  while (text.find('\n') == std::string::npos) {
    const ssize_t got = ::read(control, piece, sizeof piece);
    if (got <= 0) break;
    text.append(piece, static_cast<std::size_t>(got));
  }
  ::close(terminal);
  ::close(control);
  return text;
}

TEST(ProgressTest, ATerminalGetsOneLineThatRewritesItselfAndFits) {
  const std::string text = on_terminal([] {
    TestClock clock;
    Progress progress("labels", 1000, ProgressMode::kAuto, clock.reader());
    clock.advance(110);
    progress.update(10, "a note that is far too long for a line of forty columns");
    clock.advance(90);
    progress.update(20);  // too soon after the last one
    progress.finish();
  });
  if (text.empty()) GTEST_SKIP() << "no pseudo-terminal here";
  EXPECT_THAT(text, testing::StartsWith("\rlabels  10/1000 (1.0 %)"));
  std::vector<std::string> prints = split(text, '\r');
  // "", the update, the last line, and the end of line that the terminal makes "\r\n"
  ASSERT_EQ(prints.size(), 4U);
  EXPECT_THAT(prints[2], testing::StartsWith("labels  20/1000 (2.0 %)"));
  EXPECT_EQ(prints[3], "\n");
  EXPECT_LT(prints[1].find("\x1b[K"), 40U);
}

TEST(StopHandlerDeathTest, TheFirstSignalIsARequestTheSecondEnds) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        install_stop_handler();
        if (stop_requested()) ::_exit(10);
        std::raise(SIGINT);
        if (!stop_requested()) ::_exit(11);
        std::raise(SIGTERM);
        ::_exit(12);
      },
      testing::ExitedWithCode(128 + SIGTERM), "");
}

TEST(StopHandlerDeathTest, TheFirstSignalEndsWorkThatDoesNotAsk) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        install_stop_handler();
        std::raise(SIGINT);
        ::_exit(12);
      },
      testing::ExitedWithCode(128 + SIGINT), "");
}

}  // namespace
}  // namespace dovetail
