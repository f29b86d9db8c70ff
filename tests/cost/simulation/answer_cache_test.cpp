// What a service has found once it does not find again, and says the same.
#include "cost/simulation/answer_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
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
  std::string job(const std::string& technology = "16nm") const {
    return job_text({pair_domain(*networks_, *accelerators_), technology});
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
