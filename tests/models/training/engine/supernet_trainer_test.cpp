#include "models/training/engine/supernet_trainer.h"

#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/error.h"
#include "models/training/engine/device.h"
#include "models/training/engine/trainable_network.h"
#include "tests/base/files/test_files.h"
#include "tests/models/training/made_images.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

constexpr const char* kSpace = R"(schema: dovetail.network_space/1
name: seen
input: {height: 8, width: 8, channels: 1}
defaults: act=relu
decisions:
  - {name: b, choices: [none, narrow, wide]}
  - {name: k, choices: [3, 5]}
  - {name: c, choices: [8, 12]}
blocks:
  - conv k=3 s=2 c=8 name=stem
  - mb k=3 e=2 c=8 se=0.25 when $b == narrow
  - mb k=5 e=4 c=8 se=0.5 when $b == wide
  - mb k=$k e=3 c=$c
  - pool
  - fc c=4
)";

class SupernetTrainerTest : public testing::Test {
 protected:
  SupernetTrainerTest() {
    use_one_thread();
    test::write_made_images(folder_.path() / "images");
    job_.recipe.epochs = 20;
    job_.recipe.warmup_epochs = 1;
    job_.recipe.batch = 20;
    job_.recipe.lr = 0.1;
    job_.recipe.validation = 40;
    job_.recipe.augment = false;
    job_.recalibration = 200;
    data_ = load_image_data(folder_.path() / "images", 4, 40);
  }
  SupernetTrainer trainer() const { return {plan_, job_, data_, at::kCPU}; }

  TemporaryFolder folder_;
  SupernetJob job_;
  ImageData data_;
  SupernetPlan plan_{std::make_shared<NetworkSpace>(NetworkSpace::parse(kSpace, "seen.yaml"))};
  std::vector<Choices> networks_{{0, 0, 0}, {2, 1, 1}, {1, 0, 1}, {2, 0, 0}};
};

/// The first channels and the centre of the kernel, number by number.
std::vector<float> cut_out(const at::Tensor& whole, const std::vector<std::int64_t>& dims) {
  std::vector<float> part;
  const at::Tensor numbers = whole.detach().contiguous();
  std::vector<std::int64_t> at(dims.size(), 0);
  for (bool more = true; more;) {
    std::int64_t position = 0;
    for (std::size_t d = 0; d < dims.size(); ++d) {
      const std::int64_t shift =
          d < 2 ? 0 : (numbers.size(static_cast<std::int64_t>(d)) - dims[d]) / 2;
      position = position * numbers.size(static_cast<std::int64_t>(d)) + at[d] + shift;
    }
    part.push_back(numbers.data_ptr<float>()[position]);
    more = false;
    for (std::size_t d = dims.size(); d-- > 0 && !more;) {
      more = ++at[d] < dims[d];
      if (!more) at[d] = 0;
    }
  }
  return part;
}

TEST_F(SupernetTrainerTest, ANetworkIsWhatItIsAloneWithItsPartOfTheWeights) {
  const SharedWeights shared(plan_, 5, at::kCPU);
  const ImageTensors images(data_.training, data_.statistics, at::kCPU);
  const std::vector<std::uint32_t> positions{0, 1, 2, 3, 4, 5, 6, 7};
  const LabelledImages batch = images.batch(positions, nullptr);
  for (const Choices& choices : networks_) {
    const SubNetwork network = plan_.sub_network(choices);
    NetworkWeights weights;
    for (const ParameterSpec& spec : network_parameters(network.network)) {
      weights[spec.name].assign(spec.elements(), spec.kind == ParameterKind::kVariance ? 1 : 0);
    }
    std::int64_t next = 0;
    std::vector<at::Tensor> wholes;
    for (const ParameterSpec& spec : plan_.tensors()) {
      const auto count = static_cast<std::int64_t>(spec.elements());
      wholes.push_back(shared.parameters().narrow(0, next, count).view(spec.dims));
      next += count;
    }
    for (const SubNetwork::Part& part : network.parts) {
      weights[part.spec.name] = cut_out(wholes[part.tensor], part.spec.dims);
    }
    TrainableNetwork alone(network.network, at::kCPU);
    alone.set_weights(weights);
    const at::Tensor expected = alone.forward(batch.images, true);
    const at::Tensor found = network_forward(network.network, shared.layers_of(network),
                                             batch.images, {.by_batch = true});
    EXPECT_LT((expected - found).abs().max().item<double>(), 1e-5);
  }
}

TEST_F(SupernetTrainerTest, AStepMovesWhatTheNetworkHasAndNothingElse) {
  job_.recipe.weight_decay = 0;
  job_.recipe.momentum = 0;
  SupernetTrainer training = trainer();
  const std::vector<float> before = training.state().tensors.at("parameters").values;
  const Choices small{0, 0, 0};
  training.train(std::span(&small, 1));
  const std::vector<float> after = training.state().tensors.at("parameters").values;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) moved += before[i] != after[i];
  const auto numbers = static_cast<std::size_t>(plan_.sub_network(small).network.parameters());
  EXPECT_LE(moved, numbers);
  EXPECT_GT(moved, numbers * 8 / 10);  // some have no gradient: of a ReLU that is 0
  EXPECT_LT(numbers, before.size() / 2);
}

TEST_F(SupernetTrainerTest, EveryNetworkLearnsWithSharedWeights) {
  SupernetTrainer training = trainer();
  Rng rng(3);
  while (!training.progress().finished()) {
    const Choices one = networks_[rng.index(networks_.size())];
    const Choices two = networks_[rng.index(networks_.size())];
    const std::vector<Choices> both{one, two};
    const SupernetStep step = training.train(both);
    ASSERT_EQ(step.percents.size(), 2U);
  }
  for (const Choices& choices : networks_) {
    EXPECT_GT(training.measure(choices), 90);
    EXPECT_EQ(training.measure(choices), training.measure(choices));
    EXPECT_GT(training.score(choices, 2), 80);
  }
  EXPECT_THAT(message_of<InputError>([&] { training.train(networks_); }),
              HasSubstr("has been trained to its end"));
}

/// How a step of these networks moves the weights, by the learning rate, when `step` steps are
/// done.
std::vector<double> movement(SupernetTrainer training, const TrainingRecipe& recipe,
                             std::size_t step, std::span<const Choices> networks) {
  TensorFile state = training.state();
  const std::vector<float> before = state.tensors.at("parameters").values;
  state.metadata["steps"] = std::to_string(step);
  training.restore(state);
  training.train(networks);
  const std::vector<float> after = training.state().tensors.at("parameters").values;
  const double rate = learning_rate(recipe, step, training.progress().steps_per_epoch);
  std::vector<double> moved;
  for (std::size_t i = 0; i < before.size(); ++i) {
    moved.push_back((static_cast<double>(after[i]) - static_cast<double>(before[i])) / rate);
  }
  return moved;
}

TEST_F(SupernetTrainerTest, AStepOfSeveralNetworksIsTheMeanOfTheirSteps) {
  job_.recipe.weight_decay = 0;
  job_.recipe.momentum = 0;
  job_.recipe.warmup_epochs = 0;
  const std::vector<Choices> both{networks_[1], networks_[2]};
  const std::vector<double> together = movement(trainer(), job_.recipe, 0, both);
  EXPECT_THAT(message_of<InputError>([&] { trainer().train(std::vector<Choices>(11, both[0])); }),
              HasSubstr("a batch of 20 images is too small for 11 networks"));
  job_.recipe.batch = 10;  // the same images, one half after the other
  const std::vector<double> one = movement(trainer(), job_.recipe, 0, std::span(both).first(1)),
                            two = movement(trainer(), job_.recipe, 1, std::span(both).last(1));
  double largest = 0;
  for (std::size_t i = 0; i < together.size(); ++i) {
    EXPECT_NEAR(together[i], (one[i] + two[i]) / 2, 1e-4) << i;
    largest = std::max(largest, std::abs(together[i]));
  }
  EXPECT_GT(largest, 0.01);
}

TEST_F(SupernetTrainerTest, AStateGoesOnToTheSameBytesFromAnyStep) {
  SupernetTrainer whole = trainer(), first = trainer(), second = trainer();
  const auto steps = [&](SupernetTrainer& training, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      training.train(std::span(&networks_[i % 4], 1));
      training.score(networks_[(i + 1) % 4], 1);
    }
  };
  steps(whole, 0, 17);
  steps(first, 0, 7);
  first.state().save(folder_.path() / "state");
  second.restore(TensorFile::load(folder_.path() / "state"));
  steps(second, 7, 17);
  EXPECT_TRUE(second.state().to_bytes() == whole.state().to_bytes());
  job_.recipe.seed = 1;
  SupernetTrainer other = trainer();
  steps(other, 0, 17);
  EXPECT_FALSE(other.state().to_bytes() == whole.state().to_bytes());
}

TEST_F(SupernetTrainerTest, DivergenceIsTold) {
  job_.recipe.lr = 100;
  SupernetTrainer training = trainer();
  EXPECT_THAT(message_of<RunError>([&] {
                while (true) training.train(std::span(&networks_[1], 1));
              }),
              HasSubstr("diverged: the loss of the supernet is no finite number in step"));
}

}  // namespace
}  // namespace dovetail
