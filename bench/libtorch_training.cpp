// The training of the surrogate in libtorch, as its users write it: the other side of
// training_bench. Built only with -DDOVETAIL_BENCH_TORCH=ON, as C++17: the headers of libtorch 1.13
// are not meant for C++20.

#include <dlfcn.h>
#include <torch/torch.h>

#include <sstream>
#include <string>

#include "bench/training_task.h"

namespace dovetail {
namespace {

torch::Tensor tensor(const std::vector<float>& values, std::size_t rows, std::size_t columns) {
  const auto shape = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)};
  return torch::from_blob(const_cast<float*>(values.data()), shape).clone();
}

torch::nn::Sequential network(const TrainingTask& task) {
  torch::nn::Sequential layers;
  std::size_t from = task.inputs;
  for (const std::size_t to : task.hidden) {
    layers->push_back(
        torch::nn::Linear(static_cast<std::int64_t>(from), static_cast<std::int64_t>(to)));
    layers->push_back(torch::nn::ReLU(torch::nn::ReLUOptions().inplace(true)));
    from = to;
  }
  layers->push_back(torch::nn::Linear(static_cast<std::int64_t>(from), 3));
  return layers;
}

}  // namespace

struct TorchTraining::Impl {
  explicit Impl(const TrainingTask& t)
      : task(t),
        features(tensor(t.features, t.rows, t.inputs)),
        targets(tensor(t.targets, t.rows, 2)),
        feasible(tensor(t.feasible, t.rows, 1)),
        weights(torch::tensor({t.latency_weight, t.energy_weight}).to(torch::kFloat)),
        model(network(t)),
        optimizer(model->parameters(),
                  torch::optim::AdamWOptions(t.learning_rate).weight_decay(t.weight_decay)) {}

  void step() {
    const auto batch = static_cast<std::int64_t>(task.batch);
    const auto rows = static_cast<std::int64_t>(task.rows);
    if (next + batch > rows || !order.defined()) {
      order = torch::randperm(rows);
      next = 0;
    }
    const torch::Tensor at = order.slice(0, next, next + batch);
    next += batch;
    const torch::Tensor there = feasible.index_select(0, at);
    optimizer.zero_grad();
    const torch::Tensor outputs = model->forward(features.index_select(0, at));
    const torch::Tensor errors = outputs.slice(1, 0, 2) - targets.index_select(0, at);
    const torch::Tensor costs = (errors * errors * weights * there).sum() / batch;
    const torch::Tensor logit = torch::binary_cross_entropy_with_logits(
        outputs.slice(1, 2, 3), there, {}, {}, at::Reduction::Mean);
    const torch::Tensor sum = costs + logit;
    sum.backward();
    optimizer.step();
    loss = sum.item<double>();
  }

  const TrainingTask& task;
  torch::Tensor features, targets, feasible, weights, order;
  std::int64_t next = 0;
  torch::nn::Sequential model;
  torch::optim::AdamW optimizer;
  double loss = 0;
};

TorchTraining::TorchTraining(const TrainingTask& task) {
  torch::manual_seed(0);
  torch::set_num_threads(1);
  at::globalContext().setFlushDenormal(
      true);  // as ours; without it both get slower as units fall silent
  impl_ = new Impl(task);
}
TorchTraining::~TorchTraining() {
  delete impl_;
}

void TorchTraining::run(std::size_t steps) {
  for (std::size_t i = 0; i < steps; ++i) impl_->step();
}

double TorchTraining::last_loss() const {
  return impl_->loss;
}

const char* torch_description() {
  static const std::string text = [] {
    std::ostringstream out;
    out << "libtorch " << TORCH_VERSION << ", threads: " << torch::get_num_threads() << ", BLAS: ";
    using Name = char* (*)();
    const auto config = reinterpret_cast<Name>(::dlsym(RTLD_DEFAULT, "openblas_get_config"));
    const auto core = reinterpret_cast<Name>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
    if (config && core) {
      out << config() << " (kernels: " << core() << ")";
    } else {
      Dl_info info{};
      void* const sgemm = ::dlsym(RTLD_DEFAULT, "sgemm_");
      const bool known = sgemm && ::dladdr(sgemm, &info) != 0;
      out << (known ? info.dli_fname : "unknown") << " (not OpenBLAS)";
    }
    return out.str();
  }();
  return text.c_str();
}

}  // namespace dovetail
