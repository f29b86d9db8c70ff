// Many clients, few workers: each is served in its turn, and nobody's bad luck is another's.
#include "base/process/task_broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/text/error.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

/// "sleep N" waits N milliseconds, "die" ends the worker, "throw" is an InputError.
std::string work(const std::string& request) {
  if (request.starts_with("sleep ")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(request.substr(6))));
  }
  if (request == "die") ::raise(SIGKILL);
  if (request == "throw") throw InputError("it is wrong");
  return request + "!";
}

TaskBroker::Options options(int workers) {
  TaskBroker::Options options;
  options.workers = workers;
  options.start = fork_worker(work);
  return options;
}

TEST(TaskBroker, AnswersWhatWorkersAnswer) {
  TaskBroker broker(options(2));
  const Answer good = broker.answer("a", "job", "1");
  EXPECT_EQ(good.kind, AnswerKind::kBytes);
  EXPECT_EQ(good.bytes, "1!");
  const Answer wrong = broker.answer("a", "job", "throw");
  EXPECT_EQ(wrong.kind, AnswerKind::kInputError);
  EXPECT_EQ(wrong.bytes, "it is wrong");
  EXPECT_EQ(broker.counts().answered, 2U);
  EXPECT_EQ(broker.counts().waiting, 0U);
}

TEST(TaskBroker, AClientWithManyTasksDoesNotKeepAnotherWaiting) {
  TaskBroker broker(options(1));
  std::mutex mutex;
  std::vector<std::string> order;  // of answers
  const auto ask = [&](const std::string& client, const std::string& request) {
    broker.answer(client, "job", request);
    const std::lock_guard lock(mutex);
    order.push_back(client);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) threads.emplace_back(ask, "greedy", "sleep 30");
  while (broker.counts().waiting < 9) std::this_thread::yield();
  for (int i = 0; i < 2; ++i) threads.emplace_back(ask, "modest", "sleep 30");
  for (std::thread& thread : threads) thread.join();
  // at most: the task under way, then by turns
  const auto last_modest = std::find(order.rbegin(), order.rend(), "modest");
  EXPECT_LE(order.rend() - last_modest, 7) << "of 12 answers";
}

TEST(TaskBroker, AWorkerThatDiesIsReplacedAndATaskThatKillsIsAnAnswer) {
  TaskBroker broker(options(1));
  const Answer answer = broker.answer("a", "job", "die");
  EXPECT_EQ(answer.kind, AnswerKind::kRunError);
  EXPECT_THAT(answer.bytes, HasSubstr("3 workers ended on it; the last one was ended by signal 9"));
  EXPECT_EQ(broker.counts().workers_lost, 3U);
  EXPECT_EQ(broker.answer("b", "job", "2").bytes, "2!");
}

TEST(TaskBroker, ATaskThatTakesTooLongIsEnded) {
  TaskBroker::Options quick = options(1);
  quick.task_seconds = 0.3;
  TaskBroker broker(quick);
  const Answer answer = broker.answer("a", "job", "sleep 60000");
  EXPECT_EQ(answer.kind, AnswerKind::kRunError);
  EXPECT_EQ(answer.bytes, "took longer than 0.3 s");
  EXPECT_EQ(broker.answer("a", "job", "3").bytes, "3!");
}

TEST(TaskBroker, ClosingAnswersThoseThatWait) {
  std::vector<std::thread> threads;
  std::vector<Answer> answers(3);
  {
    TaskBroker broker(options(1));
    for (Answer& answer : answers) {
      threads.emplace_back([&] { answer = broker.answer("a", "job", "sleep 60000"); });
    }
    while (broker.counts().waiting < 2) std::this_thread::yield();
    broker.close();
    for (std::thread& thread : threads) thread.join();
  }
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.kind, AnswerKind::kRunError);
    EXPECT_EQ(answer.bytes, "the service is closing");
  }
}

/// A process that reads nothing, as one that is stopped.
int start_deaf_worker(int) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) ::pause();
}

TEST(TaskBroker, AWorkerThatTakesNothingDoesNotKeepItFromClosing) {
  TaskBroker::Options deaf = options(1);
  deaf.start = start_deaf_worker;
  TaskBroker broker(deaf);
  const std::string job(64 << 20, 'x');
  Answer answer;
  std::thread client([&] { answer = broker.answer("a", job, "1"); });
  while (broker.counts().taken == 0) std::this_thread::yield();
  broker.close();
  client.join();
  EXPECT_EQ(answer.bytes, "the service is closing");
}

TEST(TaskBroker, AWorkerThatTakesNothingIsTooLateAsAnyOther) {
  TaskBroker::Options deaf = options(1);
  deaf.start = start_deaf_worker;
  deaf.task_seconds = 0.3;
  TaskBroker broker(deaf);
  EXPECT_EQ(broker.answer("a", std::string(64 << 20, 'x'), "1").bytes, "took longer than 0.3 s");
  EXPECT_EQ(broker.counts().workers_lost, 1U);
}

TEST(TaskBroker, NoWorkersAreRefused) {
  EXPECT_THROW(TaskBroker(options(0)), InputError);
}

}  // namespace
}  // namespace dovetail
