#pragma once

#include <memory>
#include <optional>

#include "models/network/layers/network.h"
#include "models/network/space/network_points.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// The networks of a study: a space of them, or one network from outside any space.
struct NetworkSide {
  std::shared_ptr<const NetworkSpace> space;  // null if `network` stands alone
  std::optional<Choices> fixed;               // a point of `space`, for scopes that fix this side
  std::shared_ptr<const Network> network;     // the only network, if there is no space
  /// The points of `space` that a search may ask for; null: all.
  std::shared_ptr<const NetworkPoints> points = nullptr;
};

}  // namespace dovetail
