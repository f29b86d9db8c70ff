#include "sim/mapping/residency.h"

#include <algorithm>
#include <array>

#include "sim/mapping/layer_geometry.h"

namespace dovetail {
namespace {

/// Parts of the memory beside the activations that `auto` tries to fill.
constexpr std::array<double, 2> kBudgets{1.0, 0.75};

/// Memory of one PE that the tensors alive take at the widest moment, if they are spread evenly.
std::int64_t peak_activation_bytes(const Network& network, int pes) {
  const std::vector<Layer>& layers = network.layers();
  std::int64_t peak = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    std::int64_t alive = bytes_of(layers[i].output.elements(), layers[i].bits.activation);
    for (std::size_t j = 0; j < i; ++j) {
      if (network.last_reader()[j] < static_cast<int>(i)) continue;
      alive += bytes_of(layers[j].output.elements(), layers[j].bits.activation);
    }
    peak = std::max(peak, alive);
  }
  return ceil_div(peak, pes);
}

/// The layers with weights, those first that gain most from keeping them.
std::vector<std::size_t> by_macs_per_byte(const Network& network) {
  const std::vector<Layer>& layers = network.layers();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].weight_bytes() > 0) order.push_back(i);
  }
  const auto macs_per_byte = [&](std::size_t i) {
    return static_cast<double>(layers[i].macs()) / static_cast<double>(layers[i].weight_bytes());
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return macs_per_byte(a) < macs_per_byte(b);
  });
  return order;
}

std::size_t kept_layers(const Residency& residency) {
  return static_cast<std::size_t>(std::count(residency.begin(), residency.end(), 1));
}

}  // namespace

std::int64_t kept_bytes_per_pe(const Network& network, const Residency& residency, int pes) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < residency.size(); ++i) {
    if (residency[i]) bytes += network.layers()[i].weight_bytes();
  }
  return ceil_div(bytes, pes);
}

std::vector<Residency> residencies(const Network& network, const AcceleratorConfig& accelerator) {
  const std::size_t layers = network.layers().size();
  const Residency none(layers, 0), all(layers, 1);
  if (accelerator.weights == WeightPolicy::kCached) return {all};
  if (accelerator.weights == WeightPolicy::kStreamed) return {none};

  const auto memory = static_cast<std::int64_t>(accelerator.local_memory_bytes());
  const std::int64_t room =
      (memory - peak_activation_bytes(network, accelerator.pes())) * accelerator.pes();
  const std::vector<std::size_t> order = by_macs_per_byte(network);
  std::vector<Residency> choices;
  for (const double budget : kBudgets) {
    auto left =
        static_cast<std::int64_t>(budget * static_cast<double>(std::max<std::int64_t>(0, room)));
    Residency kept = none;
    for (const std::size_t i : order) {
      const std::int64_t bytes = network.layers()[i].weight_bytes();
      if (bytes > left) continue;
      kept[i] = 1;
      left -= bytes;
    }
    if (choices.empty() || choices.back() != kept) choices.push_back(std::move(kept));
  }
  // Weights that all fit into the smallest budget leave the tiles enough.
  const bool all_kept = choices.size() == 1 && kept_layers(choices.front()) == order.size();
  if (!all_kept && choices.back() != none) choices.push_back(none);
  return choices;
}

}  // namespace dovetail
