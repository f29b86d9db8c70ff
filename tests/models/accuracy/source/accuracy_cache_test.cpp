#include "models/accuracy/source/accuracy_cache.h"

#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "models/accuracy/source/learning_source.h"
#include "models/network/space/network_space.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

/// Answers with the second decision: 0 is refused, 1 fails.
class CountingSource : public AccuracySource {
 public:
  explicit CountingSource(bool slow) : slow_(slow) {}
  AccuracyEstimate accuracy(const Choices& network) override {
    asked.push_back(network);
    if (network[1] == 0) throw InputError("refused");
    if (network[1] == 1) throw RunError("failed");
    return {70.0 + network[0], network[0] == 2};
  }
  bool slow() const override { return slow_; }
  std::string description() const override { return "counting"; }
  std::vector<Choices> asked;

 private:
  bool slow_;
};

/// Answers the last network first.
class BackwardsSource : public CountingSource {
 public:
  BackwardsSource() : CountingSource(true) {}
  void ask(std::span<const Choices> networks, const Answered& answered,
           const KeepGoing& keep_going) override {
    for (std::size_t i = networks.size(); i-- > 0;) {
      if (keep_going && !keep_going()) return;
      answered(i, AccuracyAnswer::known(accuracy(networks[i])));
    }
  }
};

std::shared_ptr<const NetworkSpace> bench_macro() {
  return std::make_shared<NetworkSpace>(
      NetworkSpace::load(resolve_config("spaces", "nas_bench_macro")));
}

TEST(AccuracySource, ExceptionsBecomeAnswersWithAReason) {
  CountingSource source(false);
  const std::vector<Choices> networks{{2, 2}, {0, 0}, {0, 1}};
  std::vector<AccuracyAnswer> answers(3);
  source.ask(networks, [&](std::size_t i, const AccuracyAnswer& answer) { answers[i] = answer; },
             {});
  EXPECT_EQ(answers[0], AccuracyAnswer::known({72, true}));
  EXPECT_EQ(answers[1], AccuracyAnswer::refused("refused"));
  EXPECT_EQ(answers[2], AccuracyAnswer::failed("failed"));
}

TEST(AccuracyCache, AsksOnceWhateverTheAnswer) {
  const auto source = std::make_shared<CountingSource>(false);
  AccuracyCache cache(source, nullptr);
  const std::vector<Choices> networks{{0, 2}, {0, 0}, {0, 1}, {0, 2}};
  const auto answers = cache.of(networks, {});
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0], answers[3]);
  EXPECT_EQ(answers[1].status, AccuracyStatus::kRefused);
  EXPECT_EQ(answers[2].status, AccuracyStatus::kFailed);
  EXPECT_EQ(cache.of(networks, {}), answers);
  EXPECT_EQ(source->asked.size(), 3u);
}

/// Learns what it is told.
class Learner : public CountingSource, public LearningSource {
 public:
  Learner() : CountingSource(true) {}
  void learn(const Choices& network, const AccuracyAnswer& /*answer*/) override {
    learned.push_back(network);
  }
  void forget() override { learned.clear(); }
  std::vector<Choices> learned;
};

TEST(AccuracyCache, ALearningSourceIsToldOfEachSettledAnswerOnce) {
  const Choices a{2, 2, 2, 0, 1, 2, 2, 2}, same{2, 2, 2, 1, 0, 2, 2, 2};
  const Choices failed{0, 1, 0, 0, 0, 0, 0, 0}, not_asked{1, 2, 0, 0, 0, 0, 0, 0};
  const auto learner = std::make_shared<Learner>();
  AccuracyCache cache(learner, bench_macro());
  cache.of(std::vector<Choices>{a, failed}, {});
  EXPECT_TRUE(learner->learned.empty()) << "it is known, and not settled";
  for (const Choices& network : {a, same, failed, not_asked, a}) cache.settle(network);
  EXPECT_EQ(learner->learned, (std::vector<Choices>{a, failed}));
  cache.restart({}, {});
  EXPECT_TRUE(learner->learned.empty());
}

TEST(AccuracyCache, ASlowSourceIsAskedOnceForPointsThatBuildOneNetwork) {
  const Choices a{2, 2, 2, 0, 1, 2, 2, 2}, b{2, 2, 2, 1, 0, 2, 2, 2};
  const auto space = bench_macro();
  ASSERT_EQ(space->canonical_key(a), space->canonical_key(b));
  const auto slow = std::make_shared<CountingSource>(true);
  AccuracyCache cache(slow, space);
  EXPECT_EQ(cache.of(std::vector<Choices>{a, b}, {}).size(), 2u);
  EXPECT_EQ(cache.of(std::vector<Choices>{b}, {}).size(), 1u);
  EXPECT_EQ(slow->asked, std::vector<Choices>{a});
}

TEST(AccuracyCache, StoppedItGivesTheFirstFewAndKeepsTheRest) {
  const auto source = std::make_shared<BackwardsSource>();
  AccuracyCache cache(source, bench_macro());
  std::map<std::string, AccuracyAnswer> kept;
  cache.restart({}, [&](const std::string& key, const AccuracyAnswer& answer) {
    EXPECT_TRUE(kept.emplace(key, answer).second);
  });
  const std::vector<Choices> networks{
      {0, 2, 0, 0, 0, 0, 0, 0}, {1, 2, 0, 0, 0, 0, 0, 0}, {2, 2, 0, 0, 0, 0, 0, 0}};
  int calls = 0;
  EXPECT_TRUE(cache.of(networks, [&] { return ++calls <= 2; }).empty());
  EXPECT_EQ(kept.size(), 2u);

  // Another cache that knows what was kept asks about the missing one only.
  const auto later = std::make_shared<BackwardsSource>();
  AccuracyCache resumed(later, bench_macro());
  resumed.restart(kept, {});
  const auto answers = resumed.of(networks, {});
  EXPECT_EQ(later->asked, std::vector<Choices>{networks[0]});
  ASSERT_EQ(answers.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(answers[i].estimate.top1_percent, 70.0 + networks[i][0]);
  }
  resumed.restart({}, {});
  resumed.of(networks, {});
  EXPECT_EQ(later->asked.size(), 4u);
}

TEST(AccuracyCache, WhatIsToldIsKnownAndKeptAndStays) {
  const auto source = std::make_shared<CountingSource>(true);
  AccuracyCache cache(source, nullptr);
  int kept = 0;
  cache.restart({}, [&](const std::string&, const AccuracyAnswer& answer) {
    EXPECT_EQ(answer.estimate.top1_percent, 71);
    ++kept;
  });
  const AccuracyAnswer told = AccuracyAnswer::known({71, false});
  cache.tell({0, 2}, told);
  cache.tell({0, 2}, told);
  EXPECT_EQ(kept, 1);
  EXPECT_EQ(cache.of(std::vector<Choices>{{0, 2}}, {}).at(0), told);
  EXPECT_TRUE(source->asked.empty());
  EXPECT_THROW(cache.tell({0, 2}, AccuracyAnswer::known({72, false})), InputError);
}

TEST(AccuracyCache, AnswersOfAQuickSourceAreNotKept) {
  AccuracyCache cache(std::make_shared<CountingSource>(false), nullptr);
  cache.restart({}, [](const std::string&, const AccuracyAnswer&) { FAIL(); });
  EXPECT_EQ(cache.of(std::vector<Choices>{{0, 2}}, {}).size(), 1u);
}

}  // namespace
}  // namespace dovetail
