#include "models/training/engine/device.h"

#include <ATen/Parallel.h>
#include <fmt/core.h>
#include <torch/version.h>

#include "base/text/error.h"

namespace dovetail {

void use_one_thread() {
  at::set_num_threads(1);
  at::globalContext().setFlushDenormal(true);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
}

std::string engine_description(at::Device device) {
  return fmt::format("libtorch {}, {}", TORCH_VERSION, device.is_cpu() ? "cpu" : "cuda");
}

at::Device device_called(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name != "cuda") {
    throw InputError(fmt::format("device: found '{}', allowed cpu, cuda", name));
  }
  if (!at::globalContext().hasCUDA()) {
    throw InputError(fmt::format("device cuda: libtorch {} finds none here", TORCH_VERSION));
  }
  return at::Device(at::kCUDA, 0);
}

}  // namespace dovetail
