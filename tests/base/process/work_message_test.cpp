#include "base/process/work_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using Kind = WorkMessage::Kind;

TEST(WorkMessageTest, IsALineAndTheContent) {
  EXPECT_EQ(to_bytes({Kind::kJob, 0, {AnswerKind::kBytes, "{}"}}), "job 0\n{}");
  EXPECT_EQ(to_bytes({Kind::kTask, 17, {AnswerKind::kBytes, "a\nb"}}), "task 17\na\nb");
  EXPECT_EQ(to_bytes({Kind::kAnswer, 17, {AnswerKind::kBytes, ""}}), "answer 17\n");
  EXPECT_EQ(to_bytes({Kind::kAnswer, 3, {AnswerKind::kInputError, "bad"}}), "input_error 3\nbad");
  EXPECT_EQ(to_bytes({Kind::kAnswer, 3, {AnswerKind::kRunError, "full"}}), "run_error 3\nfull");
  EXPECT_EQ(to_bytes({Kind::kAnswer, 3, {AnswerKind::kGone, "away"}}), "gone 3\naway");
  EXPECT_EQ(to_bytes({}), "end 0\n");
  EXPECT_THROW(to_bytes({Kind::kTask, 0, {AnswerKind::kRunError, ""}}), std::logic_error);
}

TEST(WorkMessageTest, ReadsBackAsItWas) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
  for (const Kind kind : {Kind::kJob, Kind::kTask, Kind::kAnswer, Kind::kEnd}) {
    const WorkMessage message{kind, UINT64_MAX, {AnswerKind::kBytes, all_bytes}};
    const WorkMessage again = work_message(to_bytes(message));
    EXPECT_EQ(again.kind, kind);
    EXPECT_EQ(again.task, UINT64_MAX);
    EXPECT_EQ(again.content.kind, AnswerKind::kBytes);
    EXPECT_EQ(again.content.bytes, all_bytes);
  }
}

TEST(WorkMessageTest, RefusesAnythingElse) {
  for (const char* bytes : {"", "task", "task 1", "task \n", "task x\n", "task 1 \n", "task1\n",
                            "tasks 1\n", "answer -1\n", "\n", "answer 99999999999999999999999\n"}) {
    EXPECT_THAT(message_of<RunError>([&] { work_message(bytes); }),
                testing::HasSubstr("no message of a worker"));
  }
}

TEST(WorkServerTest, WhatTheJobThrowsIsTheAnswerToItsTasks) {
  WorkServer server("rank 1", [](const std::string& job) -> Work {
    if (job == "bad") throw InputError("unknown space");
    return [job](const std::string& request) { return job + request; };
  });
  EXPECT_FALSE(server.handle({Kind::kJob, 0, {AnswerKind::kBytes, "bad"}}));
  const auto refused = server.handle({Kind::kTask, 4, {AnswerKind::kBytes, "x"}});
  EXPECT_EQ(to_bytes(*refused), "input_error 4\nrank 1: unknown space");
  EXPECT_FALSE(server.handle({Kind::kJob, 0, {AnswerKind::kBytes, "good "}}));
  EXPECT_EQ(to_bytes(*server.handle({Kind::kTask, 5, {AnswerKind::kBytes, "x"}})),
            "answer 5\ngood x");
  EXPECT_FALSE(server.ended());
  EXPECT_EQ(to_bytes(*server.handle({})), "end 0\n");
  EXPECT_TRUE(server.ended());
  EXPECT_THROW(server.handle({Kind::kAnswer, 0, {}}), std::logic_error);
}

}  // namespace
}  // namespace dovetail
