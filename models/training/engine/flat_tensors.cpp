#include "models/training/engine/flat_tensors.h"

#include "base/text/error.h"

namespace dovetail {

at::Tensor flat_of(const TensorFile& state, const std::string& name, const at::Tensor& like) {
  const auto found = state.tensors.find(name);
  if (found == state.tensors.end() ||
      found->second.values.size() != static_cast<std::size_t>(like.numel())) {
    throw InputError("the checkpoint has other tensors: " + name);
  }
  return at::from_blob(const_cast<float*>(found->second.values.data()), {like.numel()},
                       at::TensorOptions(at::kFloat))
      .clone();
}

TensorFile::Tensor flat_tensor(const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* first = values.data_ptr<float>();
  return {{values.numel()}, {first, first + values.numel()}};
}

}  // namespace dovetail
