// A training that was stopped anywhere goes on to the same bytes.

#include "cost/surrogate/training/training_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/surrogate/training/trainer.h"
#include "cost/surrogate/training/training_files.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

TrainingOptions small_options() {
  TrainingOptions options;
  options.hidden = {16, 16};
  options.batch = 8;
  options.epochs = 3;
  return options;
}

class Checkpoint : public testing::Test {
 protected:
  Checkpoint() : data_(synthetic_data(500, 1)) { data_.save(folder_.path() / "data.h5"); }

  fs::path path(const std::string& name) const { return folder_.path() / name; }

  /// Trains with a checkpoint at every look and stops at the `looks`-th, or never if 0. Returns
  /// how often it looked.
  std::size_t train(const std::string& model, const TrainingOptions& options, bool resume,
                    std::size_t looks) const {
    std::size_t looked = 0;
    TrainingControl control;
    control.keep_going = [&] { return ++looked != looks; };
    control.checkpoint.seconds = 0;
    const auto all = [&] {
      train_into_files(TrainingFiles::of(path(model)), data_, options, resume, control);
    };
    if (looks == 0) {
      all();
    } else {
      EXPECT_THAT(message_of<RunError>(all), HasSubstr("model.checkpoint.h5"));
    }
    return looked;
  }

  TemporaryFolder folder_;
  Dataset data_;
};

TEST_F(Checkpoint, StoppedAnywhereGoesOnToTheSameBytes) {
  TrainingOptions options = small_options();
  options.dropout = 0.1;
  const std::size_t looks = train("whole.h5", options, false, 0);
  ASSERT_GT(looks, 10U);
  EXPECT_FALSE(fs::exists(path("whole.checkpoint.h5")));
  EXPECT_TRUE(fs::exists(path("whole.report.json")));
  for (std::size_t stop = 1; stop < looks; ++stop) {
    train("model.h5", options, false, stop);
    EXPECT_FALSE(fs::exists(path("model.h5")));
    EXPECT_LE(train("model.h5", options, true, 0), looks - stop) << "must not start again";
    ASSERT_EQ(folder_.read("model.h5"), folder_.read("whole.h5")) << "stopped at look " << stop;
    EXPECT_FALSE(fs::exists(path("model.checkpoint.h5")));
    fs::remove(path("model.h5"));
  }
}

TEST_F(Checkpoint, StoppedManyTimesGoesOnToTheSameBytes) {
  train("whole.h5", small_options(), false, 0);
  std::size_t stops = 0;
  for (const std::size_t looks : {1, 2, 1, 3, 2}) {
    train("model.h5", small_options(), stops++ > 0, looks);
  }
  train("model.h5", small_options(), true, 0);
  EXPECT_EQ(folder_.read("model.h5"), folder_.read("whole.h5"));
}

TEST_F(Checkpoint, AnEnsembleGoesOnToTheSameBytes) {
  TrainingOptions options = small_options();
  options.epochs = 2;
  options.ensemble = 3;
  const std::size_t looks = train("whole.h5", options, false, 0);
  for (std::size_t stop = 1; stop < looks; stop += 3) {
    train("model.h5", options, false, stop);
    EXPECT_LE(train("model.h5", options, true, 0), looks - stop) << "must not start again";
    ASSERT_EQ(folder_.read("model.h5"), folder_.read("whole.h5")) << "stopped at look " << stop;
    fs::remove(path("model.h5"));
  }
  EXPECT_FALSE(fs::exists(path("model.checkpoint.h5")));
  EXPECT_FALSE(fs::exists(path("model.checkpoint-2.h5")));
  EXPECT_FALSE(fs::exists(path("model.checkpoint-3.h5")));
}

TEST_F(Checkpoint, OfAnotherMemberIsRefused) {
  TrainingOptions options = small_options();
  options.ensemble = 2;
  train("model.h5", options, false, 1);
  fs::copy_file(path("model.checkpoint.h5"), path("model.checkpoint-2.h5"));
  EXPECT_THAT(message_of<InputError>([&] { train("model.h5", options, true, 0); }),
              AllOf(HasSubstr("model.checkpoint-2.h5"), HasSubstr("member 1, expected 2")));
}

TEST_F(Checkpoint, WithoutResumeItStartsAgainAndWithoutACheckpointToo) {
  const std::size_t looks = train("model.h5", small_options(), true, 0);
  const std::string whole = folder_.read("model.h5");
  fs::remove(path("model.h5"));
  train("model.h5", small_options(), false, looks - 1);
  EXPECT_EQ(train("model.h5", small_options(), false, 0), looks);
  EXPECT_EQ(folder_.read("model.h5"), whole);
}

TEST_F(Checkpoint, AFinishedModelIsLeftAlone) {
  train("model.h5", small_options(), false, 0);
  EXPECT_EQ(train("model.h5", small_options(), true, 0), 0U);
  TrainingOptions other = small_options();
  other.epochs = 4;
  EXPECT_THAT(message_of<InputError>([&] { train("model.h5", other, true, 0); }),
              AllOf(HasSubstr("model.h5"), HasSubstr("epochs 3, now 4")));
  EXPECT_GT(train("model.h5", other, false, 0), 0U);
}

TEST_F(Checkpoint, OfAnotherTrainingIsRefused) {
  train("model.h5", small_options(), false, 2);
  TrainingOptions other = small_options();
  other.hidden = {16, 17};
  EXPECT_THAT(message_of<InputError>([&] { train("model.h5", other, true, 0); }),
              AllOf(HasSubstr("model.checkpoint.h5"), HasSubstr("hidden [16,16], now [16,17]")));
  other = small_options();
  other.seed = 7;
  EXPECT_THAT(message_of<InputError>([&] { train("model.h5", other, true, 0); }),
              HasSubstr("seed 0, now 7"));
  data_ = synthetic_data(500, 2);
  data_.save(path("data.h5"));
  EXPECT_THAT(message_of<InputError>([&] { train("model.h5", small_options(), true, 0); }),
              HasSubstr("another data set"));
  const TrainingIdentity here{"1", "0.2.0", "{}"}, there{"1", "0.1.0", "{}"};
  EXPECT_THAT(message_of<InputError>([&] { require_same_training(here, there, "x.h5"); }),
              AllOf(HasSubstr("x.h5"), HasSubstr("another build")));
  EXPECT_NO_THROW(require_same_training(here, here, "x.h5"));
}

TEST_F(Checkpoint, DamagedOrForeignIsRefused) {
  train("model.h5", small_options(), false, 2);
  const std::string bytes = folder_.read("model.checkpoint.h5");
  const auto error = [&](const std::string& content) {
    folder_.write("model.checkpoint.h5", content);
    return message_of<InputError>([&] { train("model.h5", small_options(), true, 0); });
  };
  std::string flipped = bytes;
  flipped[bytes.size() / 2] ^= 1;
  EXPECT_THAT(error(flipped), AllOf(HasSubstr("model.checkpoint.h5"), HasSubstr("damaged")));
  EXPECT_THAT(error(bytes.substr(0, bytes.size() - 1)), HasSubstr("truncated"));
  EXPECT_THAT(error(folder_.read("data.h5")), HasSubstr("has schema dovetail.dataset"));
  folder_.write("model.checkpoint.h5", bytes);
  train("model.h5", small_options(), true, 0);
  EXPECT_TRUE(fs::exists(path("model.h5")));
}

TEST(CheckpointOfUnsavedData, IsNotPossible) {
  const TemporaryFolder folder;
  TrainingControl control;
  control.checkpoint.file = folder.path() / "c.h5";
  EXPECT_THROW(train_surrogate(synthetic_data(500, 1), small_options(), control),
               std::invalid_argument);
}

}  // namespace
}  // namespace dovetail
