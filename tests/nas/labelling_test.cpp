#include "nas/labelling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/paths.h"
#include "sim/simulator.h"
#include "tests/base/test_files.h"

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
    EXPECT_EQ(data.header().reasons[data.label(i).reason], to_string(result.reason));
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
    Label label = whole.label(i);
    label.area_mm2 += i == 19 ? 1 : 0;
    changed.append(whole.network(i), whole.hardware(i), label);
  }
  changed.save(folder_.path() / "a.h5");
  EXPECT_THAT(error(40), HasSubstr("row 19 comes out differently"));

  const NetworkSpace other = NetworkSpace::load(resolve_config("spaces", "nahas_s1"));
  EXPECT_THROW(label_file(folder_.path() / "a.h5", other, accelerators_, 40, resume, {}),
               InputError);
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
