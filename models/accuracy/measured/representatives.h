#pragma once

#include <vector>

#include "base/numbers/decision_space.h"

namespace dovetail {

class NetworkSpace;

/// One point of a space for each network, so that points that build the same network are not taken
/// for different ones: the first such point, in the order of the space.
///
/// Found by building the keys of all points, so only of spaces of at most kMostPoints (a few
/// microseconds a point). In larger ones points count as the same network if they differ only in
/// decisions without effect.
class Representatives {
 public:
  static constexpr std::uint64_t kMostPoints = 20'000;

  explicit Representatives(const NetworkSpace& space);
  /// Of a point whose decisions without effect are at their first choice. Throws InputError unless
  /// it is a point of the space.
  const Choices& of(const Choices& network) const;

 private:
  const DecisionSpace* decisions_;
  std::vector<Choices> first_;  // by index of the point; empty if the space is too large
};

}  // namespace dovetail
