#include "cost/surrogate/data/labelling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/process/rank_pool.h"
#include "base/process/tasks.h"
#include "cost/surrogate/data/dataset_tools.h"
#include "sim/simulator.h"
#include "tests/base/files/test_files.h"
#include "tests/base/process/fake_ranks.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class LabellingTest : public testing::Test {
 protected:
  LabelFileOptions options(int workers, std::uint64_t seed = 7) {
    LabelFileOptions o;
    o.labelling.seed = seed;
    o.labelling.workers = workers;
    return o;
  }
  Dataset label(const std::string& name, std::uint64_t rows, const LabelFileOptions& options,
                const LabellingProgress& progress = {}) {
    return label_file(folder_.path() / name, networks_, accelerators_, rows, options, progress);
  }
  TemporaryFolder folder_;
  NetworkSpace networks_ = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  DesignSpace accelerators_ = DesignSpace::load(resolve_config("spaces", "nahas_edge"));
};

TEST_F(LabellingTest, RowsAreWhatTheSimulatorSays) {
  const Dataset data = label("a.h5", 40, options(1));
  ASSERT_EQ(data.rows(), 40U);
  Simulator simulator({"16nm", false});
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const Choices network = data.network(i);
    EXPECT_EQ(networks_.canonical(network), network);
    const SimulationResult result =
        simulator.run(networks_.build(network), accelerators_.decode(data.hardware(i)));
    EXPECT_EQ(data.label(i).reason, result.reason);
    EXPECT_EQ(data.label(i).area_mm2, result.area_mm2);
    if (result.feasible()) {
      EXPECT_EQ(data.label(i).latency_ms, result.latency_ms);
      EXPECT_EQ(data.label(i).cycles, result.cycles);
      EXPECT_EQ(data.label(i).energy_mj, result.energy.total());
    }
  }
  EXPECT_NE(data.network(0), data.network(1));
}

TEST_F(LabellingTest, NumberOfWorkersChangesNoByte) {
  label("one.h5", 600, options(1));
  label("two.h5", 600, options(2));
  EXPECT_EQ(folder_.read("one.h5"), folder_.read("two.h5"));
  label("other.h5", 600, options(2, 8));
  EXPECT_NE(folder_.read("one.h5"), folder_.read("other.h5"));
}

TEST_F(LabellingTest, ResumingEqualsAnUninterruptedRun) {
  label("whole.h5", 700, options(2));
  const Dataset part =
      label("part.h5", 700, options(2), [](const Dataset& data) { return data.rows() < 250; });
  ASSERT_LT(part.rows(), 700U);
  ASSERT_EQ(Dataset::load(folder_.path() / "part.h5").rows(), part.rows());
  LabelFileOptions resume = options(1);
  resume.resume = true;
  label("part.h5", 700, resume);
  EXPECT_EQ(folder_.read("part.h5"), folder_.read("whole.h5"));
  // A finished file stays as it is; a count that is no multiple of a task's rows goes on as well.
  label("part.h5", 700, resume);
  EXPECT_EQ(folder_.read("part.h5"), folder_.read("whole.h5"));
  label("odd.h5", 33, options(1));
  label("odd.h5", 300, resume);
  label("even.h5", 300, options(2));
  EXPECT_EQ(folder_.read("odd.h5"), folder_.read("even.h5"));
}

TEST_F(LabellingTest, CheckpointsAreSaved) {
  LabelFileOptions often = options(1);
  often.checkpoint_seconds = 0;
  std::set<std::size_t> saved;
  label("a.h5", 100, often, [&](const Dataset& data) {
    if (data.rows() > 0) saved.insert(Dataset::load(folder_.path() / "a.h5").rows());
    return true;
  });
  EXPECT_THAT(saved, testing::ElementsAre(25, 50, 75, 100));
}

TEST_F(LabellingTest, SavesAreTold) {
  LabelFileOptions often = options(1);
  often.checkpoint_seconds = 0;
  std::vector<std::size_t> told;
  often.saved = [&](const Dataset& data) {
    told.push_back(data.rows());
    EXPECT_EQ(Dataset::load(folder_.path() / "a.h5").rows(), data.rows());
  };
  label("a.h5", 60, often);
  EXPECT_THAT(told, testing::ElementsAre(25, 50, 60, 60));
}

TEST_F(LabellingTest, RanksGiveTheBytesOfOneProcess) {
  label("one.h5", 400, options(1));
  FakeRanks ranks(3, [&](int) {
    return [&](const std::string& job) {
      return labelling_work(job, networks_, accelerators_, options(1).labelling);
    };
  });
  RankPool pool(ranks);
  LabelFileOptions on_ranks = options(1);
  on_ranks.labelling.run = [&](const Tasks& tasks) { return pool.run(tasks); };
  label("ranks.h5", 130, on_ranks);
  on_ranks.resume = true;
  label("ranks.h5", 400, on_ranks);
  EXPECT_EQ(folder_.read("ranks.h5"), folder_.read("one.h5"));
  EXPECT_GT(ranks.tasks_done()[1], 0U);
  EXPECT_GT(ranks.tasks_done()[2], 0U);
}

TEST_F(LabellingTest, AJobIsRefusedWhereItWouldComeOutDifferently) {
  std::string job;
  LabelFileOptions spy = options(1);
  spy.labelling.run = [&](const Tasks& tasks) {
    job = tasks.job;
    return run_here(tasks);
  };
  label("a.h5", 30, spy);
  LabellingOptions same = spy.labelling;
  EXPECT_NO_THROW(labelling_work(job, networks_, accelerators_, same));
  const auto error = [&](const std::string& asked) {
    return message_of<InputError>([&] { labelling_work(asked, networks_, accelerators_, same); });
  };
  same.seed = 8;
  EXPECT_THAT(error(job), HasSubstr("its seed is 7, this run's is 8"));
  same.seed = 7;
  same.technology = "7nm";
  EXPECT_THAT(error(job), HasSubstr("its technology is 16nm"));
  same.technology = "16nm";
  std::string other = job;
  const std::size_t probe = other.find("\"simulator_probe\":\"") + 19;
  other[probe] = other[probe] == '0' ? '1' : '0';
  EXPECT_THAT(error(other), HasSubstr("simulator probe"));
  const NetworkSpace s1 = NetworkSpace::load(resolve_config("spaces", "nahas_s1"));
  EXPECT_THROW(labelling_work(job, s1, accelerators_, same), InputError);
}

TEST_F(LabellingTest, TheProbeTellsSimulatorsApart) {
  const std::string probe = label("a.h5", 5, options(1)).header().simulator_probe;
  EXPECT_EQ(probe.size(), 16U);
  EXPECT_EQ(label("b.h5", 5, options(1, 8)).header().simulator_probe, probe);
  LabelFileOptions finer = options(1);
  finer.labelling.technology = "7nm";
  EXPECT_NE(label("c.h5", 5, finer).header().simulator_probe, probe);
  EXPECT_EQ(Dataset::load(folder_.path() / "a.h5").header().simulator_probe, probe);
}

TEST_F(LabellingTest, ResumingRefusesRowsOfOtherOriginAndSaysSo) {
  const Dataset a = label("a.h5", 20, options(1)), b = label("b.h5", 20, options(1, 8));
  LabelFileOptions resume = options(1);
  resume.resume = true;
  const NamedDataset parts[] = {{"a", a}, {"b", b}};
  merge_datasets(parts, RepeatedPairs::kRefuse).save(folder_.path() / "a.h5");
  EXPECT_THAT(message_of<InputError>([&] { label("a.h5", 60, resume); }),
              testing::AllOf(HasSubstr("a.h5"), HasSubstr("row 20 is not pair 20 of seed 7")));
  DatasetHeader older = a.header();
  older.simulator_probe.clear();
  Dataset(older).save(folder_.path() / "a.h5");
  EXPECT_THAT(message_of<InputError>([&] { label("a.h5", 60, resume); }),
              HasSubstr("simulator probe (answers to fixed pairs) is unknown"));
}

TEST_F(LabellingTest, ResumingRefusesAnotherSeedSpaceOrLabels) {
  label("a.h5", 20, options(1));
  LabelFileOptions resume = options(1, 8);
  resume.resume = true;
  const auto error = [&](std::uint64_t rows) {
    return message_of<InputError>([&] { label("a.h5", rows, resume); });
  };
  EXPECT_THAT(error(40), testing::AllOf(HasSubstr("a.h5"), HasSubstr("seed is 7")));
  resume.labelling.seed = 7;
  EXPECT_THAT(error(10), HasSubstr("already has 20 rows"));

  const Dataset whole = Dataset::load(folder_.path() / "a.h5");
  Dataset changed(whole.header());
  for (std::size_t i = 0; i < whole.rows(); ++i) {
    Costs label = whole.label(i);
    label.area_mm2 += i == 19 ? 1 : 0;
    changed.append(whole.network(i), whole.hardware(i), label);
  }
  changed.save(folder_.path() / "a.h5");
  EXPECT_THAT(error(40), HasSubstr("row 19 comes out differently"));

  const NetworkSpace other = NetworkSpace::load(resolve_config("spaces", "nahas_s1"));
  EXPECT_THROW(label_file(folder_.path() / "a.h5", other, accelerators_, 40, resume, {}),
               InputError);
}

TEST_F(LabellingTest, ListedPairsAreLabelledInTheirOrderAndResumedAsThose) {
  const Dataset drawn = label("drawn.h5", 12, options(1));
  LabelFileOptions listed = options(1, 0);
  for (std::size_t i = 0; i < drawn.rows(); ++i) {
    listed.labelling.pairs.insert(listed.labelling.pairs.begin(),
                                  {drawn.network(i), drawn.hardware(i)});
  }
  const Dataset data = label("listed.h5", 12, listed);
  ASSERT_EQ(data.rows(), 12U);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(data.network(i), drawn.network(11 - i));
    EXPECT_EQ(data.label(i), drawn.label(11 - i));
  }
  label("half.h5", 5, listed);
  listed.resume = true;
  label("half.h5", 12, listed);
  EXPECT_EQ(read_file(folder_.path() / "half.h5"), read_file(folder_.path() / "listed.h5"));
  std::swap(listed.labelling.pairs[2], listed.labelling.pairs[3]);
  EXPECT_THAT(message_of<InputError>([&] { label("half.h5", 12, listed); }),
              HasSubstr("row 2 is not pair 2 of the list"));
}

TEST_F(LabellingTest, ValidationPairsAreOthers) {
  LabellingOptions fresh = options(1).labelling;
  fresh.first_stream = kValidationStream;
  Dataset data = empty_dataset(networks_, accelerators_, fresh);
  label_pairs(data, networks_, accelerators_, 30, fresh, {});
  const Dataset training = label("a.h5", 30, options(1));
  ASSERT_EQ(data.rows(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t j = 0; j < 30; ++j) {
      EXPECT_FALSE(data.network(i) == training.network(j) &&
                   data.hardware(i) == training.hardware(j));
    }
  }
}

TEST_F(LabellingTest, UnwritableFolderIsFoundBeforeTheWork) {
  std::size_t calls = 0;
  folder_.write("file", "");
  EXPECT_THROW(
      label_file(folder_.path() / "file" / "a.h5", networks_, accelerators_, 1000, options(1),
                 [&](const Dataset&) {
                   ++calls;
                   return true;
                 }),
      InputError);
  EXPECT_EQ(calls, 0U);
}

}  // namespace
}  // namespace dovetail
