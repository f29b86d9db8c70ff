#pragma once

#include <ATen/ATen.h>

#include <string>

#include "models/training/weights/tensor_file.h"

namespace dovetail {

/// A tensor as a checkpoint has it: flat.
TensorFile::Tensor flat_tensor(const at::Tensor& tensor);
/// And back. Throws InputError unless the checkpoint has one of this name as large as `like`.
at::Tensor flat_of(const TensorFile& state, const std::string& name, const at::Tensor& like);

}  // namespace dovetail
