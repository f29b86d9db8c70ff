#pragma once

#include <ATen/ATen.h>

#include <string>

namespace dovetail {

/// One thread, algorithms that always give the same numbers, and denormals taken for 0.
void use_one_thread();
/// "libtorch 1.13.1, cpu".
std::string engine_description(at::Device device);
/// Throws InputError if there is no such device here.
at::Device device_called(const std::string& name);

}  // namespace dovetail
