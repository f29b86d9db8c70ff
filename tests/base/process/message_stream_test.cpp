#include "base/process/message_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using Kind = WorkMessage::Kind;

class MessageStreamTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_), 0); }
  void TearDown() override {
    close_end(0);
    close_end(1);
  }
  void close_end(int end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  void write(const std::string& bytes) {
    ASSERT_EQ(::write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  int ends_[2] = {-1, -1};
};

TEST_F(MessageStreamTest, MessagesArriveOneAfterTheOther) {
  EXPECT_TRUE(send_message(ends_[1], {Kind::kTask, 7, {AnswerKind::kBytes, "abc"}}));
  EXPECT_TRUE(send_message(ends_[1], {Kind::kAnswer, 8, {AnswerKind::kRunError, "no"}}));
  close_end(1);
  EXPECT_EQ(to_bytes(*receive_message(ends_[0])), "task 7\nabc");
  EXPECT_EQ(to_bytes(*receive_message(ends_[0])), "run_error 8\nno");
  EXPECT_FALSE(receive_message(ends_[0]));
}

TEST_F(MessageStreamTest, TheLengthStandsBeforeAMessage) {
  write("000000000000000atask 7\nabc");
  EXPECT_EQ(to_bytes(*receive_message(ends_[0])), "task 7\nabc");
}

TEST_F(MessageStreamTest, HalfAMessageIsTheEnd) {
  write("000000000000000atask 7\na");
  close_end(1);
  EXPECT_FALSE(receive_message(ends_[0]));
}

TEST_F(MessageStreamTest, OtherBytesAreNoMessage) {
  write("dovetail: unknown option");
  EXPECT_THAT(message_of<RunError>([&] { receive_message(ends_[0]); }),
              testing::HasSubstr("no message of a worker"));
}

TEST_F(MessageStreamTest, WhoNeitherReadsNorWritesIsNotWaitedForLongerThanWanted) {
  int sockets[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  int asked = 0;
  const auto three_times = [&] { return ++asked < 3; };
  const WorkMessage large{Kind::kJob, 0, {AnswerKind::kBytes, std::string(64 << 20, 'x')}};
  EXPECT_FALSE(send_message(sockets[0], large, three_times));
  EXPECT_EQ(asked, 3);
  EXPECT_FALSE(receive_message(sockets[0], [&] { return ++asked < 6; }));
  EXPECT_EQ(asked, 6);
  // What comes is taken without asking.
  EXPECT_TRUE(send_message(sockets[1], {Kind::kEnd, 0, {}}));
  EXPECT_TRUE(receive_message(sockets[0], [] { return false; }));
  ::close(sockets[0]);
  ::close(sockets[1]);
}

TEST_F(MessageStreamTest, SendingToNobodyIsToldAndNoSignal) {
  int sockets[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  ::close(sockets[1]);
  EXPECT_FALSE(send_message(sockets[0], {Kind::kTask, 7, {}}));
  ::close(sockets[0]);
}

}  // namespace
}  // namespace dovetail
