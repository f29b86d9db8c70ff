#include "models/training/engine/network_trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/yaml.h"
#include "base/text/error.h"
#include "models/network/zoo.h"
#include "models/training/engine/device.h"
#include "models/training/engine/run_job.h"
#include "models/training/weights/weights_file.h"
#include "tests/base/files/test_files.h"
#include "tests/models/training/made_images.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

Network small_network() {
  return read_network(YamlNode::parse(R"(
schema: dovetail.network/1
name: small
input: {height: 8, width: 8, channels: 1}
defaults: act=relu
blocks:
  - conv k=3 s=2 c=8 name=stem
  - mb k=3 e=3 c=8 se=0.25
  - pool
  - fc c=4
)",
                                      "small.yaml"));
}

class NetworkTrainerTest : public testing::Test {
 protected:
  NetworkTrainerTest() {
    use_one_thread();
    test::write_made_images(folder_.path() / "images");
    job_.network = small_network();
    job_.data = folder_.path() / "images";
    job_.report_test = true;
    job_.recipe.epochs = 6;
    job_.recipe.warmup_epochs = 1;
    job_.recipe.batch = 20;
    job_.recipe.validation = 40;
    job_.recipe.augment = true;
  }

  std::filesystem::path begin(const std::string& name) const {
    const std::filesystem::path at = folder_.path() / name;
    std::filesystem::create_directories(at);
    folder_.write(name + "/job.json", job_.to_json_text());
    return at;
  }
  /// Every file of a training but for the seconds that it took.
  std::map<std::string, std::string> results(const std::string& name) const {
    std::map<std::string, std::string> files;
    for (const char* file : {"weights.safetensors", "result.json"}) {
      files[file] = folder_.read(name + "/" + file);
    }
    return files;
  }

  TemporaryFolder folder_;
  TrainingJob job_;
};

TEST_F(NetworkTrainerTest, LearnsWhatIsThereToLearn) {
  for (const OptimizerKind optimizer : {OptimizerKind::kRmsprop, OptimizerKind::kSgd}) {
    job_.recipe.optimizer = optimizer;
    job_.recipe.lr = optimizer == OptimizerKind::kSgd ? 0.1 : 0.02;
    job_.recipe.augment = false;  // a shift by two rows makes another class of it
    const std::string name = optimizer == OptimizerKind::kSgd ? "sgd" : "rmsprop";
    run_training_job(begin(name));
    const TrainingResult result = TrainingResult::load(folder_.path() / name / "result.json");
    ASSERT_EQ(result.curve.size(), 6U);
    EXPECT_LT(result.curve.back().train_loss, 0.7 * result.curve.front().train_loss) << name;
    EXPECT_GT(result.validation_percent(), 95) << name;
    EXPECT_GT(result.test_percent, 95) << name;
  }
}

TEST_F(NetworkTrainerTest, TheSameSeedGivesTheSameBytesAndAnotherGivesOthers) {
  run_training_job(begin("a"));
  run_training_job(begin("b"));
  EXPECT_TRUE(results("a") == results("b"));
  job_.recipe.seed = 1;
  run_training_job(begin("c"));
  EXPECT_FALSE(results("a") == results("c"));
}

TEST_F(NetworkTrainerTest, AStateGoesOnToTheSameBytes) {
  const ImageData data = load_image_data(job_.data, 4, 40);
  NetworkTrainer whole(job_.network, job_.recipe, data, at::kCPU);
  for (int epoch = 0; epoch < 4; ++epoch) whole.train_epoch({});
  NetworkTrainer first(job_.network, job_.recipe, data, at::kCPU);
  for (int epoch = 0; epoch < 2; ++epoch) first.train_epoch({});
  first.state().save(folder_.path() / "state");
  NetworkTrainer second(job_.network, job_.recipe, data, at::kCPU);
  second.restore(TensorFile::load(folder_.path() / "state"));
  EXPECT_EQ(second.epochs_done(), 2U);
  for (int epoch = 0; epoch < 2; ++epoch) second.train_epoch({});
  EXPECT_TRUE(second.state().to_bytes() == whole.state().to_bytes());
  EXPECT_EQ(second.curve(), whole.curve());
}

TEST_F(NetworkTrainerTest, ACheckpointOfAnotherTrainingIsRefused) {
  run_training_job(begin("a"));
  std::filesystem::remove(folder_.path() / "a/result.json");
  run_training_job(begin("a"));  // from its last epoch
  std::filesystem::remove(folder_.path() / "a/result.json");
  job_.recipe.lr = 0.02;
  EXPECT_THAT(message_of<InputError>([&] { run_training_job(begin("a")); }),
              HasSubstr("checkpoint.safetensors: of another training"));
  job_.recipe.lr = 0;
  folder_.write("a/checkpoint.safetensors",
                folder_.read("a/checkpoint.safetensors").substr(0, 900));
  EXPECT_THAT(message_of<InputError>([&] { run_training_job(begin("a")); }),
              HasSubstr("checkpoint.safetensors: "));
}

TEST_F(NetworkTrainerTest, DivergenceAndImagesThatDoNotFitAreTold) {
  job_.recipe.lr = 100;
  job_.recipe.optimizer = OptimizerKind::kSgd;
  EXPECT_THAT(message_of<RunError>([&] { run_training_job(begin("a")); }),
              HasSubstr("diverged: the loss is no finite number in epoch"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "a/result.json"));
  test::MadeImages larger;
  larger.side = 12;
  test::write_made_images(folder_.path() / "images", larger);
  EXPECT_THAT(message_of<InputError>([&] { run_training_job(begin("b")); }),
              HasSubstr("small reads 8x8x1, the images are 12x12x1"));
  job_.device = "tpu";
  EXPECT_THAT(message_of<InputError>([&] { run_training_job(begin("c")); }),
              HasSubstr("device: found 'tpu', allowed cpu, cuda"));
}

}  // namespace
}  // namespace dovetail
