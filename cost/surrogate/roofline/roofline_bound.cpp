#include "cost/surrogate/roofline/roofline_bound.h"

#include <algorithm>

#include "sim/silicon/energy_model.h"

namespace dovetail {
namespace {

constexpr double kMjPerPj = 1e-9;

double bytes_of_tensor(const TensorShape& shape, const Layer& layer) {
  return static_cast<double>(bytes_of(shape.elements(), layer.bits.activation));
}

LayerWork work_of(const Network& network, const Layer& layer) {
  LayerWork work;
  work.macs = static_cast<double>(layer.macs());
  work.weight_bytes = static_cast<double>(layer.weight_bytes());
  work.output_bytes = bytes_of_tensor(layer.output, layer);
  work.activation_bytes = work.output_bytes;
  for (const int input : layer.inputs) {
    work.activation_bytes += bytes_of_tensor(network.shape_of(input), layer);
    if (input == kNetworkInput) work.network_input_bytes = bytes_of_tensor(network.input(), layer);
  }
  return work;
}

}  // namespace

LayerGroup::LayerGroup(const Network& network) {
  layers.reserve(network.layers().size());
  for (const Layer& layer : network.layers()) {
    const LayerWork& work = layers.emplace_back(work_of(network, layer));
    weight_bytes += work.weight_bytes;
    largest_activation_bytes = std::max(largest_activation_bytes, work.activation_bytes);
  }
}

RooflineRates::RooflineRates(const AcceleratorConfig& accelerator)
    : local_memory_bytes(accelerator.local_memory_bytes() * accelerator.pes()),
      keeps_weights(accelerator.weights != WeightPolicy::kStreamed),
      macs_per_cycle(accelerator.peak_macs_per_cycle()),
      io_bytes_per_cycle(accelerator.io_bytes_per_cycle()),
      cycles_per_ms(accelerator.clock_ghz * 1e6) {}

RooflineBound roofline_bound(std::span<const LayerGroup* const> network,
                             const RooflineRates& rates) {
  double weights = 0, largest = 0;
  const LayerWork* last = nullptr;
  for (const LayerGroup* group : network) {
    weights += group->weight_bytes;
    largest = std::max(largest, group->largest_activation_bytes);
    if (!group->layers.empty()) last = &group->layers.back();
  }
  const double memory = rates.local_memory_bytes;
  const bool cached = rates.keeps_weights && weights + largest <= memory;
  RooflineBound bound;
  for (const LayerGroup* group : network) {
    const bool first = group == network.front();
    for (const LayerWork& layer : group->layers) {
      double bytes = cached ? 0 : layer.weight_bytes;
      if (layer.activation_bytes > memory) {
        bytes += layer.activation_bytes;
      } else {
        if (first) bytes += layer.network_input_bytes;
        if (&layer == last) bytes += layer.output_bytes;
      }
      bound.cycles += std::max(layer.macs / rates.macs_per_cycle, bytes / rates.io_bytes_per_cycle);
      bound.macs += layer.macs;
      bound.io_bytes += bytes;
    }
  }
  return bound;
}

double roofline_ms(const Network& network, const AcceleratorConfig& accelerator) {
  const LayerGroup group(network);
  const LayerGroup* const all = &group;
  const RooflineRates rates(accelerator);
  return roofline_bound({&all, 1}, rates).cycles / rates.cycles_per_ms;
}

RooflineEnergy::RooflineEnergy(const AcceleratorConfig& accelerator, const Technology& technology) {
  const EnergyModel model(accelerator, technology);
  pj_per_mac = model.pj(Event::kMac);
  pj_per_io_byte = model.pj(Event::kIoByte) + model.pj(Event::kDramByte);
  pj_per_cycle = model.pj(Event::kCycle) +
                 (model.leakage_mw() + model.dram_background_mw()) / accelerator.clock_ghz;
}

double RooflineEnergy::mj(const RooflineBound& bound) const {
  return kMjPerPj *
         (bound.macs * pj_per_mac + bound.io_bytes * pj_per_io_byte + bound.cycles * pj_per_cycle);
}

}  // namespace dovetail
