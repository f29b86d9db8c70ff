#include "cost/model/pair_domain.h"

#include "base/text/error.h"

namespace dovetail {
namespace {

/// A pointer to what somebody else keeps.
template <typename T>
std::shared_ptr<const T> borrowed(const T& thing) {
  return {std::shared_ptr<const T>(), &thing};
}

HardwareSide hardware_side(const DesignSpace& accelerators) {
  return {borrowed(accelerators), accelerators.base(), std::nullopt};
}

}  // namespace

std::shared_ptr<const Network> PairDomain::network_of(const Pair& pair) const {
  if (network.space && !pair.network.empty()) {
    return std::make_shared<const Network>(network.space->build(pair.network));
  }
  if (network.network && pair.network.empty()) return network.network;
  throw InputError(pair.network.empty() ? "pair: no choices of a network, and there is a space"
                                        : "pair: choices of a network, and there is no space");
}

AcceleratorConfig PairDomain::accelerator_of(const Pair& pair) const {
  if (pair.hardware.empty()) return hardware.baseline;
  if (!hardware.space) throw InputError("pair: choices of an accelerator, and there is no space");
  hardware.space->decisions().validate(pair.hardware);
  return hardware.space->decode(pair.hardware);
}

PairDomain pair_domain(const NetworkSpace& networks, const DesignSpace& accelerators) {
  return {{borrowed(networks), std::nullopt, nullptr}, hardware_side(accelerators)};
}

PairDomain pair_domain(const Network& network, const DesignSpace& accelerators) {
  return {{nullptr, std::nullopt, borrowed(network)}, hardware_side(accelerators)};
}

}  // namespace dovetail
