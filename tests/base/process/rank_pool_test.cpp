#include "base/process/rank_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>

#include "base/numbers/random.h"
#include "base/text/error.h"
#include "tests/base/files/test_files.h"
#include "tests/base/process/fake_ranks.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

std::string noise(const std::string& task) {
  Rng rng(1, std::stoull(task));
  std::string bytes(rng.index(2000), '\0');
  for (char& c : bytes) c = static_cast<char>(rng.bits());
  return bytes;
}

/// Tasks that all ranks do alike; the answers end in `all`.
struct Gathered {
  Tasks tasks;
  std::string all;
  std::uint64_t next = 0;

  Gathered(std::uint64_t count, Work work) {
    tasks.count = count;
    tasks.job = "job";
    tasks.request = [](std::uint64_t task) { return std::to_string(task); };
    tasks.work = std::move(work);
    tasks.deliver = [this](std::uint64_t task, const std::string& bytes) {
      EXPECT_EQ(task, next++);
      all += std::to_string(task) + ":" + bytes + ";";
    };
  }
};

std::function<WorkOfJob(int)> alike(const Work& work) {
  return [work](int) {
    return [work](const std::string& job) {
      EXPECT_EQ(job, "job");
      return work;
    };
  };
}

TEST(RankPoolTest, SameBytesForAnyNumberOfRanksInAnyOrder) {
  Gathered local(300, noise);
  run_here(local.tasks);
  for (const int size : {1, 2, 3, 40}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      FakeRanks ranks(size, alike(noise), seed);
      Gathered gathered(300, noise);
      {
        RankPool pool(ranks);
        EXPECT_EQ(pool.run(gathered.tasks), 300U);
      }
      EXPECT_EQ(gathered.all, local.all) << size << " ranks, seed " << seed;
      EXPECT_TRUE(ranks.all_ended());
    }
  }
}

TEST(RankPoolTest, EveryRankWorksRankZeroToo) {
  std::size_t own = 0;
  FakeRanks ranks(4, alike(noise));
  Gathered gathered(200, [&](const std::string& task) {
    ++own;
    return noise(task);
  });
  RankPool(ranks).run(gathered.tasks);
  EXPECT_GT(own, 0U);
  std::size_t all = own;
  for (int rank = 1; rank < 4; ++rank) {
    EXPECT_GT(ranks.tasks_done()[rank], 10U);
    all += ranks.tasks_done()[rank];
  }
  EXPECT_EQ(all, 200U);  // and no task is done twice
}

TEST(RankPoolTest, RanksHaveTasksAheadButNotMany) {
  FakeRanks ranks(3, alike(noise));
  Gathered gathered(200, noise);
  RankPool(ranks).run(gathered.tasks);
  EXPECT_GE(ranks.longest_inbox(), 3U);
  EXPECT_LE(ranks.longest_inbox(), 6U);
}

TEST(RankPoolTest, MemoryStaysBoundedBehindASlowRank) {
  FakeRanks ranks(3, alike(noise));
  ranks.let_first_rank_sleep(1000);
  std::uint64_t started = 0, before_first = 0;
  Gathered gathered(5000, [&](const std::string& task) {
    started = std::max<std::uint64_t>(started, std::stoull(task) + 1);
    return noise(task);
  });
  const auto deliver = gathered.tasks.deliver;
  gathered.tasks.deliver = [&](std::uint64_t task, const std::string& bytes) {
    if (task == 0) before_first = started;
    deliver(task, bytes);
  };
  RankPool(ranks).run(gathered.tasks);
  EXPECT_GT(before_first, 10U);
  EXPECT_LE(before_first, 48U);
  EXPECT_EQ(gathered.next, 5000U);
}

TEST(RankPoolTest, AnExceptionKeepsItsKindAndNamesItsRank) {
  const auto bad_input = [](const std::string& task) -> std::string {
    return task == "70" ? throw InputError("bad space") : noise(task);
  };
  const auto bad_run = [](const std::string& task) -> std::string {
    return task == "70" ? throw RunError("no memory") : noise(task);
  };
  std::set<std::string> input_errors, run_errors;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {  // so that every rank had task 70 once
    for (const bool input : {true, false}) {
      const Work work = input ? Work(bad_input) : Work(bad_run);
      FakeRanks ranks(3, alike(work), seed);
      Gathered gathered(200, work);
      {
        RankPool pool(ranks);
        const auto run = [&] { pool.run(gathered.tasks); };
        if (input) {
          input_errors.insert(message_of<InputError>(run));
        } else {
          run_errors.insert(message_of<RunError>(run));
        }
        EXPECT_EQ(gathered.next, 70U);  // what came before it is not lost
        EXPECT_THROW(run(), std::logic_error);
      }
      EXPECT_TRUE(ranks.all_ended());
    }
  }
  EXPECT_THAT(input_errors, testing::IsSubsetOf({"bad space", "rank 1 on node: bad space",
                                                 "rank 2 on node: bad space"}));
  EXPECT_THAT(run_errors,
              testing::IsSupersetOf({"rank 1 on node: no memory", "rank 2 on node: no memory"}));
}

TEST(RankPoolTest, ARankThatCannotDoTheJobSaysWhy) {
  FakeRanks ranks(3, [](int rank) -> WorkOfJob {
    return [rank](const std::string&) -> Work {
      if (rank == 2) throw InputError("no file small.yaml");
      return noise;
    };
  });
  Gathered gathered(200, noise);
  {
    RankPool pool(ranks);
    EXPECT_EQ(message_of<InputError>([&] { pool.run(gathered.tasks); }),
              "rank 2 on node: no file small.yaml");
  }
  EXPECT_LT(gathered.next, 200U);
  EXPECT_TRUE(ranks.all_ended());
}

TEST(RankPoolTest, StoppingEndsTheRanksAndDeliversNoMore) {
  FakeRanks ranks(3, alike(noise));
  Gathered gathered(1000, noise);
  gathered.tasks.keep_going = [&] { return gathered.next < 57; };
  {
    RankPool pool(ranks);
    EXPECT_EQ(pool.run(gathered.tasks), 57U);
    EXPECT_THROW(pool.run(gathered.tasks), std::logic_error);
  }
  EXPECT_EQ(gathered.next, 57U);
  EXPECT_TRUE(ranks.all_ended());
}

TEST(RankPoolTest, OneJobAfterAnother) {
  FakeRanks ranks(3, alike(noise));
  RankPool pool(ranks);
  for (const std::uint64_t count : {0, 1, 30}) {
    Gathered gathered(count, noise);
    EXPECT_EQ(pool.run(gathered.tasks), count);
    EXPECT_EQ(gathered.next, count);
  }
}

/// The other side: all that rank 0 sends is there at once.
class Mailbox : public RankLink {
 public:
  int rank() const override { return 1; }
  int size() const override { return 2; }
  std::string name() const override { return "rank 1"; }
  void send(int, const std::string& bytes) override { sent.push_back(work_message(bytes)); }
  std::optional<Received> poll() override {
    if (arriving.empty()) return std::nullopt;
    const WorkMessage message = arriving.front();
    arriving.pop_front();
    return Received{0, to_bytes(message)};
  }
  std::deque<WorkMessage> arriving;
  std::vector<WorkMessage> sent;
};

TEST(ServeRanksTest, TheEndComesBeforeTasksThatNobodyWaitsFor) {
  using Kind = WorkMessage::Kind;
  Mailbox link;
  link.arriving = {{Kind::kJob, 0, {}}, {Kind::kTask, 3, {}}, {Kind::kEnd, 0, {}}};
  serve_ranks(link, [](const std::string&) -> Work { return noise; });
  ASSERT_EQ(link.sent.size(), 1U);
  EXPECT_EQ(link.sent[0].kind, Kind::kEnd);
}

}  // namespace
}  // namespace dovetail
