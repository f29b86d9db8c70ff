// Steps a second of training the surrogate: 3 x 256 units, batch 128, one thread. Built with
// -DDOVETAIL_BENCH_TORCH=ON also those of libtorch on the same network, rows and batch, in turns in
// the same run. Figures to read; nothing passes or fails. usage: training_bench [STEPS]

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <numeric>
#include <optional>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "base/text/version.h"
#include "bench/training_task.h"
#include "cost/surrogate/training/network_training.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

constexpr std::size_t kRows = 20000;
constexpr int kRounds = 9;

/// Of this process: both sides run on one thread.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Random pairs with invented labels, which take as long to learn from as real ones.
Dataset invented_data() {
  DatasetHeader header;
  header.network = describe(NetworkSpace::load(resolve_config("spaces", "ofa_mbv3")));
  header.hardware = describe(DesignSpace::load(resolve_config("spaces", "nahas_edge")));
  Dataset data(std::move(header));
  for (std::size_t i = 0; i < kRows; ++i) {
    Rng rng(1, i);
    const Choices network = data.header().network.decisions.sample(rng);
    const Choices hardware = data.header().hardware.decisions.sample(rng);
    Costs label;
    if (rng.uniform() < 0.06) label.reason = InfeasibleReason::kWeightsDoNotFit;
    if (label.feasible()) {
      label.latency_ms = std::exp(0.1 * (network[0] + hardware[0]) + 0.3 * rng.normal());
      label.energy_mj = std::exp(0.1 * (network[1] + hardware[1]) + 0.3 * rng.normal());
    }
    data.append(network, hardware, label);
  }
  return data;
}

class OwnTraining {
 public:
  OwnTraining(const Dataset& data, const TrainingOptions& options)
      : impl_(data.header().network, data.header().hardware, options.hidden, 1), rows_(kRows) {
    std::iota(rows_.begin(), rows_.end(), std::size_t{0});
    impl_.knows_feasibility = true;
    training_.emplace(impl_, 0, data, rows_, options);
  }
  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      if (training_->at_end_of_epoch()) training_->end_epoch(1);
      training_->step();
    }
  }
  const Surrogate::Impl& model() const { return impl_; }

 private:
  Surrogate::Impl impl_;
  std::vector<std::size_t> rows_;
  std::optional<NetworkTraining> training_;
};

#ifdef DOVETAIL_HAVE_TORCH
TrainingTask same_task(const Surrogate::Impl& model, const Dataset& data,
                       const TrainingOptions& options) {
  TrainingTask task;
  task.rows = data.rows();
  task.inputs = model.encoder.width();
  task.batch = options.batch;
  task.hidden = options.hidden;
  task.features.resize(task.rows * task.inputs);
  for (std::size_t r = 0; r < task.rows; ++r) {
    model.encoder.encode(data.network(r), data.hardware(r), &task.features[r * task.inputs]);
    const Costs& label = data.label(r);
    task.targets.push_back(label.feasible() ? std::log(static_cast<float>(label.latency_ms)) : 0);
    task.targets.push_back(label.feasible() ? std::log(static_cast<float>(label.energy_mj)) : 0);
    task.feasible.push_back(label.feasible() ? 1.0F : 0.0F);
  }
  task.latency_weight = options.latency_weight;
  task.energy_weight = options.energy_weight;
  task.learning_rate = options.learning_rate;
  task.weight_decay = options.weight_decay;
  return task;
}
#endif

template <typename Training>
double steps_a_second(Training& training, std::size_t steps) {
  const double begin = cpu_seconds();
  training.run(steps);
  return static_cast<double>(steps) / (cpu_seconds() - begin);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run(std::size_t steps) {
  const Dataset data = invented_data();
  TrainingOptions options;
  options.epochs = 1'000'000;  // never the last
  OwnTraining own(data, options);
  fmt::print(
      "{}\n{} inputs, 3 x 256 units, batch {}, one thread, medians of {} rounds of {} steps\n",
      build_description(), own.model().encoder.width(), options.batch, kRounds, steps);
#ifdef DOVETAIL_HAVE_TORCH
  const TrainingTask task = same_task(own.model(), data, options);
  TorchTraining torch(task);
  fmt::print("{}\n", torch_description());
  torch.run(20);
#endif
  own.run(20);
  std::vector<double> ours, theirs, ratios;
  for (int round = 0; round < kRounds; ++round) {
    ours.push_back(steps_a_second(own, steps));
#ifdef DOVETAIL_HAVE_TORCH
    theirs.push_back(steps_a_second(torch, steps));
    ratios.push_back(ours.back() / theirs.back());
#endif
  }
  fmt::print("\nown training: {:8.0f} steps a second\n", median(ours));
  if (theirs.empty()) return;
  fmt::print("libtorch:     {:8.0f} steps a second\nratio:        {:8.2f}\n", median(theirs),
             median(ratios));
}

}  // namespace
}  // namespace dovetail

int main(int argc, char** argv) {
  dovetail::run(argc > 1 ? static_cast<std::size_t>(std::max(1, std::atoi(argv[1]))) : 300);
}
