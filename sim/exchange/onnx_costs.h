#pragma once

#include <string>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "models/network/onnx/onnx_metadata.h"
#include "sim/simulator.h"

namespace dovetail {

/// What a simulation says of the network and of each layer, as texts for an ONNX file: of each
/// layer MACs, cycles, latency, energy, utilisation and what bounds it; of the model their sums,
/// area, accelerator, technology and build. Needs a feasible result with layers.
OnnxMetadata onnx_costs(const Network& network, const AcceleratorConfig& accelerator,
                        const SimulationResult& result);

/// The same of a simulation of its own. Throws InputError if the network cannot run on the
/// accelerator, with the reason, and for a technology that is none.
OnnxMetadata simulated_costs(const Network& network, const AcceleratorConfig& accelerator,
                             const std::string& technology);

}  // namespace dovetail
