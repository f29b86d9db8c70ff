#include "cost/surrogate/rivals/roofline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text/error.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

double bytes_of_tensor(const TensorShape& shape, const Layer& layer) {
  return static_cast<double>(bytes_of(shape.elements(), layer.bits.activation));
}

double activation_bytes(const Network& network, const Layer& layer) {
  double bytes = bytes_of_tensor(layer.output, layer);
  for (const int input : layer.inputs) bytes += bytes_of_tensor(network.shape_of(input), layer);
  return bytes;
}

}  // namespace

double roofline_ms(const Network& network, const AcceleratorConfig& accelerator) {
  const double memory = accelerator.local_memory_bytes() * accelerator.pes();
  double largest = 0;
  for (const Layer& layer : network.layers()) {
    largest = std::max(largest, activation_bytes(network, layer));
  }
  const bool cached = accelerator.weights != WeightPolicy::kStreamed &&
                      static_cast<double>(network.weight_bytes()) + largest <= memory;
  double cycles = 0;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    double bytes = cached ? 0 : static_cast<double>(layer.weight_bytes());
    if (activation_bytes(network, layer) > memory) {
      bytes += activation_bytes(network, layer);
    } else {
      const bool first = std::count(layer.inputs.begin(), layer.inputs.end(), kNetworkInput) > 0;
      if (first) bytes += bytes_of_tensor(network.input(), layer);
      if (i + 1 == network.layers().size()) bytes += bytes_of_tensor(layer.output, layer);
    }
    cycles += std::max(static_cast<double>(layer.macs()) / accelerator.peak_macs_per_cycle(),
                       bytes / accelerator.io_bytes_per_cycle());
  }
  return cycles / (accelerator.clock_ghz * 1e6);
}

double RooflineRival::bound_ms(const Choices& network, const Choices& hardware) const {
  return roofline_ms(networks_.build(network), accelerators_.decode(hardware));
}

void RooflineRival::fit(const Dataset& labels) {
  double sum = 0;
  std::size_t rows = 0;
  for (std::size_t r = 0; r < labels.rows(); ++r) {
    if (!labels.label(r).feasible()) continue;
    sum += std::log(labels.label(r).latency_ms / bound_ms(labels.network(r), labels.hardware(r)));
    ++rows;
  }
  if (rows == 0) throw InputError("no feasible row to fit the roofline to");
  factor_ = std::exp(sum / static_cast<double>(rows));
}

std::vector<CostPrediction> RooflineRival::predict(std::span<const Choices> network,
                                                   std::span<const Choices> hardware) const {
  std::vector<CostPrediction> predictions(network.size());
  for (std::size_t i = 0; i < network.size(); ++i) {
    predictions[i].costs.latency_ms = factor_ * bound_ms(network[i], hardware[i]);
  }
  return predictions;
}

}  // namespace dovetail
