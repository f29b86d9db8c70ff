#pragma once

#include <vector>

#include "models/network/layers/layer.h"
#include "sim/kernels/quantized_network.h"

namespace dovetail {

/// Fixed-point factors for these scales: the largest takes 31 bits.
void set_multipliers(const std::vector<double>& scales, QuantizedLayer& q);

/// Throws InputError for a layer whose sums could overflow int32 accumulators: of more than 65,000
/// products.
void require_sums_fit(const Layer& layer);

}  // namespace dovetail
