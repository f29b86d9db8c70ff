// Images a second of training and of evaluation, beside a plain libtorch loop over the same
// network:
//   network_training_bench SPACE [ROUNDS]
// The largest network of the space, batches of 128, one thread, processor time. Both take turns in
// one process, so that whatever else the machine does falls on both.
#include <ATen/Parallel.h>
#include <fmt/core.h>
#include <malloc.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "models/network/space/network_space.h"
#include "models/training/engine/device.h"
#include "models/training/engine/network_trainer.h"

namespace dovetail {
namespace {

constexpr std::int64_t kBatch = 128;
constexpr int kSteps = 16;  // of a turn
constexpr std::size_t kScored = 4000;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Network largest_network(const NetworkSpace& space) {
  Choices largest;
  for (const Decision& decision : space.decisions().decisions()) {
    largest.push_back(static_cast<Choices::value_type>(decision.choices.size() - 1));
  }
  return space.build(largest);
}

ImageSet noise(const Network& network, std::size_t count) {
  ImageSet set;
  set.height = network.input().height;
  set.width = network.input().width;
  set.channels = network.input().channels;
  Rng rng(1);
  set.labels.resize(count);
  set.pixels.resize(count * set.image_elements());
  for (auto& label : set.labels) label = static_cast<std::uint8_t>(rng.index(10));
  for (auto& pixel : set.pixels) pixel = static_cast<std::uint8_t>(rng.index(256));
  return set;
}

/// As its users write it: modules, an optimizer, channels last.
class PlainLoop {
 public:
  explicit PlainLoop(const Network& network) : network_(network) {
    for (const Layer& layer : network.layers()) {
      modules_.emplace_back();
      Modules& modules = modules_.back();
      if (layer.op == OpType::kConv2d) {
        modules.convolution = torch::nn::Conv2d(
            torch::nn::Conv2dOptions(layer.input.channels, layer.output.channels, layer.kernel_h)
                .stride(layer.stride_h)
                .padding(layer.pad_bottom)  // as libtorch pads: the same size, other places
                .groups(layer.groups)
                .bias(layer.has_bias));
        keep(modules.convolution);
      }
      if (layer.op == OpType::kFullyConnected) {
        modules.linear = torch::nn::Linear(layer.input.channels, layer.output.channels);
        keep(modules.linear);
      }
      if (layer.has_batch_norm) {
        modules.normalisation = torch::nn::BatchNorm2d(layer.output.channels);
        keep(modules.normalisation);
      }
    }
    optimizer_ = std::make_unique<torch::optim::SGD>(
        parameters_, torch::optim::SGDOptions(0.1).momentum(0.9).nesterov(true).weight_decay(4e-5));
  }

  torch::Tensor forward(const torch::Tensor& images) {
    std::vector<torch::Tensor> outputs;
    for (std::size_t i = 0; i < modules_.size(); ++i) {
      const Layer& layer = network_.layers()[i];
      const auto input = [&](std::size_t k) {
        const int from = layer.inputs[k];
        return from == kNetworkInput ? images : outputs[static_cast<std::size_t>(from)];
      };
      torch::Tensor out;
      if (layer.op == OpType::kConv2d) out = modules_[i].convolution->forward(input(0));
      if (layer.op == OpType::kFullyConnected)
        out = modules_[i].linear->forward(input(0).flatten(1));
      if (layer.op == OpType::kAdd) out = input(0) + input(1);
      if (layer.op == OpType::kGlobalAveragePool)
        out = torch::adaptive_avg_pool2d(input(0), {1, 1});
      if (layer.has_batch_norm) out = modules_[i].normalisation->forward(out);
      if (layer.activation == Activation::kRelu) out = torch::relu(out);
      outputs.push_back(out);
    }
    return outputs.back();
  }
  void train_step(const torch::Tensor& images, const torch::Tensor& labels) {
    optimizer_->zero_grad();
    torch::nn::functional::cross_entropy(forward(images), labels).backward();
    optimizer_->step();
  }
  void set_training(bool training) {
    for (Modules& modules : modules_) {
      if (modules.normalisation) modules.normalisation->train(training);
    }
  }

 private:
  struct Modules {
    torch::nn::Conv2d convolution{nullptr};
    torch::nn::Linear linear{nullptr};
    torch::nn::BatchNorm2d normalisation{nullptr};
  };
  template <typename Module>
  void keep(Module& module) {
    for (const torch::Tensor& parameter : module->parameters()) parameters_.push_back(parameter);
  }

  const Network& network_;
  std::vector<Modules> modules_;
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<torch::optim::SGD> optimizer_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Rates {
  std::vector<double> ours, plain;  // images a second, a turn each
  void print(const char* what) const {
    fmt::print("{:<10} {:8.0f} images/s   plain loop {:8.0f}   ratio {:.3f}\n", what, median(ours),
               median(plain), median(ours) / median(plain));
  }
};

void measure(const std::string& space_name, int rounds) {
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", space_name));
  const Network network = largest_network(space);
  fmt::print("{}: {:.2f} M multiply-accumulates, {} parameters\n", network.name(),
             static_cast<double>(network.macs()) / 1e6, network.parameters());
  ImageData data;
  data.classes = 10;
  data.statistics = {PixelStatistics{0.5, 0.29}};
  data.training = noise(network, static_cast<std::size_t>(kSteps * kBatch));
  data.validation = noise(network, 2);
  const ImageSet scored = noise(network, kScored);
  TrainingRecipe recipe;
  recipe.epochs = rounds + 1;
  NetworkTrainer trainer(network, recipe, data, at::kCPU);
  PlainLoop plain(network);
  const TensorShape& in = network.input();
  // Of one channel, contiguous(ChannelsLast) would leave the strides as they are, and all that
  // follows in the slower layout.
  const torch::Tensor images =
      torch::randn({kBatch, in.height, in.width, in.channels}).permute({0, 3, 1, 2});
  const torch::Tensor labels = torch::randint(10, {kBatch}, torch::kLong);
  Rates training, evaluation;
  for (int round = 0; round <= rounds; ++round) {
    const bool counts = round > 0;  // the first turn warms up
    double start = processor_seconds(), end = 0;
    trainer.train_epoch([&](std::size_t, std::size_t) { end = processor_seconds(); });
    if (counts) training.ours.push_back(kSteps * kBatch / (end - start));
    plain.set_training(true);
    start = processor_seconds();
    for (int step = 0; step < kSteps; ++step) plain.train_step(images, labels);
    if (counts) training.plain.push_back(kSteps * kBatch / (processor_seconds() - start));

    start = processor_seconds();
    trainer.score(scored);
    if (counts) evaluation.ours.push_back(kScored / (processor_seconds() - start));
    plain.set_training(false);
    const torch::NoGradGuard no_gradients;
    start = processor_seconds();
    for (std::size_t done = 0; done < kScored; done += kBatch) plain.forward(images);
    const double images_done = static_cast<double>((kScored + kBatch - 1) / kBatch * kBatch);
    if (counts) evaluation.plain.push_back(images_done / (processor_seconds() - start));
  }
  training.print("training");
  evaluation.print("evaluation");
}

}  // namespace
}  // namespace dovetail

int main(int count, char** words) {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  dovetail::use_one_thread();
  dovetail::measure(count > 1 ? words[1] : "fashion_tiny", count > 2 ? std::atoi(words[2]) : 9);
  return 0;
}
