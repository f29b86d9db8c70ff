#include "nas/study/ask_tell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/accuracy/told/told_kind.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class AskTellTest : public StudyTest {
 protected:
  /// A study in a folder, as long as it is worked on.
  struct Worked {
    Worked(const StudySetup& setup, const StudyOptions& options)
        : open(setup, options),
          study(setup, open.store(),
                std::make_unique<PairEvaluator>(
                    setup.space(setup.labels().front()), setup.accuracy(),
                    find_cost_model("simulation").make(setup.cost_inputs(1)))) {}
    OpenStudy open;
    AskTellStudy study;
  };
  StudyOptions resumed(const std::string& folder) const {
    StudyOptions options = this->options(folder);
    options.resume = true;
    return options;
  }
  /// Asks and tells `count` at a time, by processes that do so `times` times each.
  void ask_and_tell(const StudySetup& setup, const std::string& folder, std::size_t count,
                    int times) const {
    bool begun = false;
    for (bool over = false; !over;) {
      Worked worked(setup, begun ? resumed(folder) : options(folder));
      begun = true;
      for (int i = 0; i < times && !over; ++i) {
        const auto asked = worked.study.ask(count);
        EXPECT_EQ(worked.study.ask(count), asked);  // until they are told
        worked.study.tell(asked, {});
        over = worked.study.over();
        EXPECT_EQ(over, worked.study.ask(1).empty());
      }
    }
  }
  static std::vector<StoredTrial> trials_in(const std::filesystem::path& folder) {
    return StudyStore::open(folder / "study.db", StudyStore::Access::kRead).all();
  }
  void expect_same_trials(const std::string& a, const std::string& b) const {
    const auto first = trials_in(files_.path() / a), second = trials_in(files_.path() / b);
    ASSERT_EQ(first.size(), second.size());
    EXPECT_GT(first.size(), 0U);
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(first[i].record.choices, second[i].record.choices) << i;
      EXPECT_EQ(first[i].record.evaluation, second[i].record.evaluation) << i;
      EXPECT_EQ(first[i].record.number, second[i].record.number) << i;
    }
  }
};

TEST_F(AskTellTest, HasTheTrialsOfASearchWhateverThePieces) {
  for (const char* strategy : {"{name: random}", "{name: nsga2, population: 8}",
                               "{name: ehvi, initial: 6}", "{name: parego, initial: 6}"}) {
    SCOPED_TRACE(strategy);
    const std::string name = std::string(strategy).substr(7, 3);
    const StudySetup setup(
        files_.config(std::string("strategy: ") + strategy + "\nevaluations: 30\nbatch: 8\n"));
    run_study(setup, options("search" + name));
    ask_and_tell(setup, "threes" + name, 3, 100);
    ask_and_tell(setup, "anew" + name, 5, 2);
    expect_same_trials("search" + name, "threes" + name);
    expect_same_trials("search" + name, "anew" + name);
  }
}

TEST_F(AskTellTest, HasTheTrialsOfARestrictedSearch) {
  const StudySetup setup(files_.config(
      "strategy: {name: random}\nevaluations: 30\nbatch: 8\n"
      "restrict: [{decision: k*, choices: [3]}, {decision: hw.pes_x, choices: [2, 4]}]\n"));
  run_study(setup, options("search"));
  ask_and_tell(setup, "threes", 3, 100);
  expect_same_trials("search", "threes");
}

TEST_F(AskTellTest, StartsFromWhatTheStudyStartsFrom) {
  const StudySetup setup(files_.config(
      "strategy: {name: nsga2, population: 8, start: [{net.k0: 5, net.e0: 4, net.k1: 3, net.e1: 4, "
      "net.d: 2, hw.pes_x: 2, hw.pes_y: 2, hw.simd_units: 64, hw.local_memory_mib: 2, "
      "hw.compute_lanes: 4}]}\nevaluations: 20\nbatch: 6\n"));
  run_study(setup, options("search"));
  ask_and_tell(setup, "asked", 4, 2);
  expect_same_trials("search", "asked");
}

TEST_F(AskTellTest, ASearchGoesOnWithWhatWasAskedAndTold) {
  const StudySetup setup(files_.config("evaluations: 40\n"));
  run_study(setup, options("search"));
  {
    Worked worked(setup, options("asked"));
    worked.study.tell(worked.study.ask(13), {});
  }
  run_study(setup, resumed("asked"));
  expect_same_trials("search", "asked");
}

TEST_F(AskTellTest, TakesOnlyWhatItAskedForInItsOrder) {
  const StudySetup setup(files_.config("evaluations: 10\n"));
  Worked worked(setup, options("out"));
  auto asked = worked.study.ask(10);
  std::swap(asked[0], asked[1]);
  EXPECT_THAT(message_of<InputError>([&] { worked.study.tell(asked, {}); }),
              HasSubstr("candidate 1: it is not the one that strategy 'nsga2' asks for"));
  EXPECT_EQ(worked.study.done(), 0);
  std::swap(asked[0], asked[1]);
  EXPECT_EQ(worked.study.tell(std::span(asked).first(4), {}).size(), 4U);
  EXPECT_EQ(worked.study.ask(10), std::vector<Choices>(asked.begin() + 4, asked.end()));
}

TEST_F(AskTellTest, ExternalTakesAnyAndAsksForNone) {
  const StudySetup setup(files_.config("strategy: {name: external}\nevaluations: 5\n"));
  EXPECT_THROW(run_study(setup, options("none")), InputError);
  std::vector<Choices> mine;
  Rng rng(3);
  for (int i = 0; i < 5; ++i) mine.push_back(setup.space("joint").decisions().sample(rng));
  {
    Worked worked(setup, options("out"));
    EXPECT_THROW(worked.study.ask(1), InputError);
    worked.study.tell(std::span(mine).first(3), {});
  }
  Worked worked(setup, resumed("out"));
  EXPECT_EQ(worked.study.done(), 3);
  EXPECT_FALSE(worked.study.over());
  EXPECT_THAT(message_of<InputError>([&] { worked.study.tell(mine, {}); }),
              HasSubstr("found 5 candidates, and the study has 2 of its 5 evaluations left"));
  worked.study.tell(std::span(mine).subspan(3), {});
  EXPECT_TRUE(worked.study.over());
  const auto trials = worked.open.store().trials(0, Stage::kSearch);
  ASSERT_EQ(trials.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(trials[i].choices, setup.space("joint").canonical(mine[i]));
  }
}

TEST_F(AskTellTest, RefusesStudiesThatAreMoreThanOneSearch) {
  for (const char* changes : {"seeds: [1, 2]\n", "comparison: fixed_hardware\n",
                              "cost: {model: simulation, predicted_limits: 20}\n"}) {
    const StudySetup setup(files_.config(changes));
    EXPECT_THAT(message_of<InputError>([&] { Worked(setup, options("refused")); }),
                HasSubstr("one search on simulated costs"));
    std::filesystem::remove_all(files_.path() / "refused");
  }
}

TEST_F(AskTellTest, StoppedItKeepsWhatIsEvaluated) {
  const StudySetup setup(files_.config("evaluations: 10\n"));
  run_study(setup, options("search"));
  {
    Worked worked(setup, options("out"));
    int left = 3;
    const auto told = worked.study.tell(worked.study.ask(10), [&] { return left-- > 0; });
    EXPECT_LT(told.size(), 10U);
    EXPECT_EQ(worked.study.done(), static_cast<std::int64_t>(told.size()));
  }
  run_study(setup, resumed("out"));
  expect_same_trials("search", "out");
}

TEST_F(AskTellTest, AccuracyThatIsToldIsThatOfTheTrialAndStays) {
  const StudySetup setup(
      files_.config("accuracy: {source: told}\nstrategy: {name: external}\nevaluations: 6\n"));
  const SearchSpace& space = setup.space("joint");
  const Choices one = space.canonical(Choices(space.decisions().size(), 0));
  Choices other = one;
  other[0] = 1;
  {
    Worked worked(setup, options("out"));
    setup.accuracy()->tell(space.decode(one).network, AccuracyAnswer::known({71.5, false}));
    const auto trials = worked.study.tell(std::vector<Choices>{one, other}, {});
    ASSERT_EQ(trials.size(), 2U);
    EXPECT_EQ(trials[0].evaluation.accuracy.top1_percent, 71.5);
    EXPECT_EQ(trials[1].evaluation.status, TrialStatus::kFailed);
    EXPECT_EQ(trials[1].evaluation.reason, untold_accuracy().reason);
    setup.accuracy()->tell(space.decode(one).network, AccuracyAnswer::known({71.5, false}));
    EXPECT_THAT(
        message_of<InputError>([&] {
          setup.accuracy()->tell(space.decode(one).network, AccuracyAnswer::known({72, false}));
        }),
        HasSubstr("told before: 71.5"));
  }
  // The same network on another accelerator, in another process: it is known.
  Choices elsewhere = one;
  elsewhere.back() = 1;
  Worked worked(setup, resumed("out"));
  const auto trials = worked.study.tell(std::vector<Choices>{elsewhere}, {});
  EXPECT_EQ(trials.at(0).evaluation.accuracy.top1_percent, 71.5);
}

}  // namespace
}  // namespace dovetail
