#pragma once

#include <compare>
#include <memory>

#include "hw_space/hardware_side.h"
#include "models/network/space/network_side.h"

namespace dovetail {

/// A network and an accelerator, each as a point of its space; empty where the side has one fixed
/// thing instead.
struct Pair {
  Choices network, hardware;

  auto operator<=>(const Pair&) const = default;
};

/// What the choices of pairs stand for.
struct PairDomain {
  NetworkSide network;
  HardwareSide hardware;

  /// Both throw InputError for choices that are no point of the space. One fixed network is not
  /// copied.
  std::shared_ptr<const Network> network_of(const Pair& pair) const;
  AcceleratorConfig accelerator_of(const Pair& pair) const;
};

/// Of two spaces, or a network and a space, that outlive the domain.
PairDomain pair_domain(const NetworkSpace& networks, const DesignSpace& accelerators);
PairDomain pair_domain(const Network& network, const DesignSpace& accelerators);

}  // namespace dovetail
