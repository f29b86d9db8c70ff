#pragma once

#include <span>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/silicon/technology.h"

namespace dovetail {

/// What the roofline looks at of a layer.
struct LayerWork {
  double macs = 0;
  double weight_bytes = 0;
  double activation_bytes = 0;     // inputs and output
  double network_input_bytes = 0;  // of the network's own input, if the layer reads it
  double output_bytes = 0;
};

/// Layers one after another: a network, or a part of one.
struct LayerGroup {
  explicit LayerGroup(const Network& network);

  std::vector<LayerWork> layers;
  double weight_bytes = 0;              // of all of them
  double largest_activation_bytes = 0;  // of one of them
};

/// What it looks at of an accelerator.
struct RooflineRates {
  explicit RooflineRates(const AcceleratorConfig& accelerator);

  double local_memory_bytes = 0;  // of all PEs
  bool keeps_weights = false;     // where they fit
  double macs_per_cycle = 0, io_bytes_per_cycle = 0;
  double cycles_per_ms = 0;
};

/// What a network takes at least by the model below.
struct RooflineBound {
  double cycles = 0, macs = 0, io_bytes = 0;
};

/// After Williams et al., "Roofline", CACM 52 (2009), layer by layer: a layer takes as long as its
/// multiply-accumulates at the peak rate or its bytes at the bandwidth of the IO port, whichever is
/// longer. Bytes: weights, unless all of the network's weights and its largest activations (input
/// and output of a layer) fit in local memory together and the accelerator may keep them; input and
/// output of a layer that do not fit; the network's own input and output.
/// `network` are its groups in turn, of which the first reads the network's input.
RooflineBound roofline_bound(std::span<const LayerGroup* const> network,
                             const RooflineRates& rates);

/// The cycles of that bound in ms.
double roofline_ms(const Network& network, const AcceleratorConfig& accelerator);

/// Energy of a bound, as in Choi et al., "A roofline model of energy", IPDPS 2013: so much a
/// multiply-accumulate, so much a byte and so much as long as it takes, with the coefficients of
/// EnergyModel. What moves inside of the chip is left out, as it depends on the mapping.
struct RooflineEnergy {
  RooflineEnergy(const AcceleratorConfig& accelerator, const Technology& technology);

  double mj(const RooflineBound& bound) const;

  double pj_per_mac = 0;
  double pj_per_io_byte = 0;  // port and memory outside
  double pj_per_cycle = 0;    // clock, leakage, background power of the memory outside
};

}  // namespace dovetail
