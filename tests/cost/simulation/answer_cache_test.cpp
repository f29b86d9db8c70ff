// What a service has found once it does not find again, and says the same.
#include "cost/simulation/answer_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "cost/simulation/protocol.h"
#include "models/network/space/network_space.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

class AnswerCacheTest : public testing::Test {
 protected:
  AnswerCacheTest() {
    write_tiny_spaces(folder_);
    networks_ = NetworkSpace::load(folder_.path() / "net.yaml");
    accelerators_ = DesignSpace::load(folder_.path() / "hw.yaml");
  }

  /// Through the cache; `asked_` is what was not in it.
  std::vector<PairCosts> costs(AnswerCache& cache, const std::string& job,
                               const std::vector<Pair>& pairs) {
    const Answer answer = cache.answer(job, request_text(pairs), [&](const std::string& request) {
      asked_ += request_from_text(request).size();
      return answer_of([&] { return simulation_work(job)(request); });
    });
    return answer_from_text(bytes_of(answer));
  }
  std::string job(const std::string& technology = "16nm", const std::string& purpose = "") const {
    return job_text({pair_domain(*networks_, *accelerators_), technology, purpose});
  }
  /// The answers to two requests of jobs of which the second is asked while `ask` is at the first.
  /// `ask` is told whose request it has: 0 or 1.
  using Ask = std::function<Answer(int asker, const std::string& request)>;
  static std::pair<Answer, Answer> in_lockstep(AnswerCache& cache, const std::string& first,
                                               const std::string& second, const Ask& ask) {
    std::atomic<bool> asked = false;
    Answer one, other;
    std::thread thread([&] {
      try {
        one = cache.answer("job", first, [&](const std::string& request) {
          asked = true;
          while (cache.counts().waiting == 0) std::this_thread::yield();
          return ask(0, request);
        });
      } catch (const std::runtime_error&) {  // the first one goes away
      }
    });
    while (!asked) std::this_thread::yield();
    other =
        cache.answer("job", second, [&](const std::string& request) { return ask(1, request); });
    thread.join();
    return {one, other};
  }

  TemporaryFolder folder_;
  std::optional<NetworkSpace> networks_;
  std::optional<DesignSpace> accelerators_;
  std::size_t asked_ = 0;
};

TEST_F(AnswerCacheTest, KnownPairsAreNotAskedAgainAndCostTheSame) {
  AnswerCache cache(1 << 20);
  const std::vector<Pair> first{{{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
                                {{1, 0, 0, 0, 0}, {1, 0, 0, 0, 0}}};
  const std::vector<Pair> second{first[1], {{2, 0, 0, 0, 0}, {1, 1, 0, 0, 0}}, first[0], first[0]};
  const auto direct = answer_from_text(simulation_work(job())(request_text(second)));
  costs(cache, job(), first);
  EXPECT_EQ(asked_, 2U);
  const auto found = costs(cache, job(), second);
  EXPECT_EQ(asked_, 3U);
  ASSERT_EQ(found.size(), direct.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].costs.latency_ms, direct[i].costs.latency_ms) << i;
    EXPECT_EQ(found[i].costs.energy_mj, direct[i].costs.energy_mj) << i;
    EXPECT_EQ(found[i].costs.cycles, direct[i].costs.cycles) << i;
  }
  EXPECT_EQ(found[0].seconds, 0);  // it was there
  EXPECT_EQ(cache.counts().pairs, 6U);
  EXPECT_EQ(cache.counts().found, 3U);
}

TEST_F(AnswerCacheTest, AnotherJobIsAnotherQuestion) {
  AnswerCache cache(1 << 20);
  const std::vector<Pair> pair{{{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};
  const double energy = costs(cache, job(), pair)[0].costs.energy_mj;
  EXPECT_NE(costs(cache, job("28nm"), pair)[0].costs.energy_mj, energy);
  EXPECT_EQ(asked_, 2U);
}

TEST_F(AnswerCacheTest, WhatAPairIsAskedForAndWhereItsSpaceStoodIsTheSameQuestion) {
  AnswerCache cache(1 << 20);
  const std::vector<Pair> pair{{{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};
  const auto first = costs(cache, job(), pair)[0].costs;
  for (const std::string purpose : {R"({"seed": 3})", R"({"seed": 4})"}) {
    EXPECT_EQ(costs(cache, job("16nm", purpose), pair)[0].costs.latency_ms, first.latency_ms);
  }
  folder_.write("elsewhere.yaml", folder_.read("net.yaml"));
  networks_ = NetworkSpace::load(folder_.path() / "elsewhere.yaml");
  EXPECT_EQ(costs(cache, job(), pair)[0].costs.latency_ms, first.latency_ms);
  EXPECT_EQ(asked_, 1U);
  EXPECT_EQ(cache.counts().found, 3U);
}

TEST_F(AnswerCacheTest, LoosePairsAreTheSameInAnyListOfNetworks) {
  AnswerCache cache(1 << 20);
  const std::vector<NetworkSide> one{pair_domain(*networks_, *accelerators_).network};
  NetworkSide built;
  built.network = std::make_shared<const Network>(networks_->build({1, 0, 0, 0, 0}));
  const std::vector<NetworkSide> two{built, one.front()};
  LoosePair pair{0, {0, 0, 0, 0, 0}, accelerators_->decode({0, 0, 0, 0, 0})};
  const auto ask = [&](std::span<const NetworkSide> networks) {
    const std::string told = loose_job_text(networks);
    const Answer answer =
        cache.answer(told, loose_request_text({&pair, 1}), [&](const std::string& request) {
          ++asked_;
          return answer_of([&] { return simulation_work(told)(request); });
        });
    return loose_answer_from_text(bytes_of(answer)).at(0);
  };
  const double latency_ms = ask(one).found.costs.latency_ms;
  pair.network = 1;
  pair.accelerator.name = "called something else";
  EXPECT_EQ(ask(two).found.costs.latency_ms, latency_ms);
  EXPECT_EQ(asked_, 1U);
  pair.report = true;  // which says what it is called
  EXPECT_THAT(ask(two).report, testing::HasSubstr("called something else"));
  pair.accelerator.name = "third";
  EXPECT_THAT(ask(two).report, testing::HasSubstr("third"));
  EXPECT_EQ(asked_, 3U);
  pair.network = 0;
  pair.choices = {};
  EXPECT_NE(ask(two).found.costs.latency_ms, latency_ms);
  EXPECT_EQ(asked_, 4U);
}

TEST_F(AnswerCacheTest, WhatIsUnderWayIsWaitedForAndNotFoundTwice) {
  AnswerCache cache(1 << 20);
  std::vector<std::string> asked;
  const auto [one, other] = in_lockstep(
      cache, R"({"pairs": [1, 2]})", R"({"pairs": [2, 3, 1]})",
      [&](int asker, const std::string& request) {
        if (asker == 1) return Answer{AnswerKind::kBytes, R"({"costs":[{"a":3}]})"};
        asked.push_back(request);
        return Answer{AnswerKind::kBytes, R"({"costs":[{"a":1,"seconds":7},{"a":2,"seconds":8}]})"};
      });
  EXPECT_EQ(one.bytes, R"({"costs":[{"a":1,"seconds":7},{"a":2,"seconds":8}]})");
  EXPECT_EQ(other.bytes, R"({"costs":[{"a":2,"seconds":0},{"a":3},{"a":1,"seconds":0}]})");
  EXPECT_EQ(asked.size(), 1U);
  const AnswerCache::Counts counts = cache.counts();
  EXPECT_EQ(counts.pairs, 5U);
  EXPECT_EQ(counts.found, 2U);
  EXPECT_EQ(counts.shared, 2U);
  EXPECT_EQ(counts.waiting, 0U);
}

TEST_F(AnswerCacheTest, WhatTheFirstDoesNotFindTheOneThatWaitsDoes) {
  const std::string request = R"({"pairs": [1]})";
  const Answer good{AnswerKind::kBytes, R"({"costs":[{"a":1}]})"};
  // It goes away, its request is refused, it has no answer, its pair is wrong.
  const std::vector<std::function<Answer()>> ends{
      []() -> Answer { throw std::runtime_error("gone"); },
      [] {
        return Answer{AnswerKind::kInputError, "of the first"};
      },
      [] {
        return Answer{AnswerKind::kBytes, "{}"};
      },
      [] {
        return Answer{AnswerKind::kBytes, R"({"costs":[{"input_error":"of the first"}]})"};
      },
  };
  for (const auto& end : ends) {
    AnswerCache cache(1 << 20);
    const auto [one, other] =
        in_lockstep(cache, request, request,
                    [&](int asker, const std::string&) { return asker == 1 ? good : end(); });
    EXPECT_EQ(other.bytes, good.bytes);
    EXPECT_EQ(cache.counts().shared, 0U);
  }
}

TEST_F(AnswerCacheTest, AFailureOfAPairIsToldToThoseThatWaitForItAlone) {
  AnswerCache cache(1 << 20);
  const std::string request = R"({"pairs": [1]})";
  const auto fails = [](int asker, const std::string&) {
    EXPECT_EQ(asker, 0);
    return Answer{AnswerKind::kRunError, "took longer than 600 s"};
  };
  const auto [one, other] = in_lockstep(cache, request, request, fails);
  EXPECT_EQ(one.bytes, "took longer than 600 s");
  EXPECT_EQ(other.kind, AnswerKind::kRunError);
  EXPECT_EQ(other.bytes, one.bytes);
  // Of two pairs nobody knows which one it was; who waits asks about theirs.
  const Answer good{AnswerKind::kBytes, R"({"costs":[{"a":1}]})"};
  const auto [both, alone] =
      in_lockstep(cache, R"({"pairs": [1, 2]})", request, [&](int asker, const std::string&) {
        return asker == 0 ? Answer{AnswerKind::kRunError, "3 workers ended on it"} : good;
      });
  EXPECT_EQ(both.kind, AnswerKind::kRunError);
  EXPECT_EQ(alone.bytes, good.bytes);
}

TEST_F(AnswerCacheTest, WhatDoesNotFitIsForgottenAndAskedAgain) {
  AnswerCache cache(1);
  const std::vector<Pair> pair{{{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};
  const std::vector<Pair> other{{{1, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};
  const auto first = costs(cache, job(), pair);
  costs(cache, job(), other);
  EXPECT_EQ(costs(cache, job(), pair)[0].costs.latency_ms, first[0].costs.latency_ms);
  EXPECT_EQ(asked_, 3U);
}

TEST_F(AnswerCacheTest, WhatIsNoRequestIsPassedOn) {
  AnswerCache cache(1 << 20);
  for (const std::string request : {"", "{", "[]", "{\"pairs\": 1}", "null", "\xff\xfe"}) {
    const Answer answer = cache.answer("job", request, [&](const std::string& given) {
      EXPECT_EQ(given, request);
      return Answer{AnswerKind::kInputError, "no"};
    });
    EXPECT_EQ(answer.kind, AnswerKind::kInputError);
  }
}

TEST_F(AnswerCacheTest, JobsAloneDoNotFillIt) {
  AnswerCache cache(1000);
  for (int i = 0; i < 100; ++i) {
    const std::string long_job = std::string(500, 'x') + std::to_string(i);
    cache.answer(long_job, R"({"pairs": []})", [](const std::string&) { return Answer{}; });
  }
  EXPECT_LT(cache.counts().bytes, 3000U);
}

TEST_F(AnswerCacheTest, OnePairCannotSpoilTheOthers) {
  const Answer answer = answer_each(R"({"pairs": [1, 2, 3]})", [](const std::string& request) {
    if (request.find('2') != std::string::npos) return Answer{AnswerKind::kRunError, "too long"};
    return Answer{AnswerKind::kBytes, R"({"costs": [{"seconds": 1}]})"};
  });
  EXPECT_EQ(answer.bytes,
            R"({"costs":[{"seconds":1},{"run_error":"too long","seconds":0},{"seconds":1}]})");
}

TEST_F(AnswerCacheTest, AFailureIsNotKept) {
  AnswerCache cache(1 << 20);
  const std::string request = request_text(std::vector<Pair>{{{0}, {0}}});
  for (const AnswerKind kind : {AnswerKind::kRunError, AnswerKind::kInputError}) {
    const auto answer = cache.answer("job", request, [&](const std::string&) {
      return Answer{kind, "no"};
    });
    EXPECT_EQ(answer.kind, kind);
  }
}

}  // namespace
}  // namespace dovetail
