#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "nas/strategy/acquisition.h"

namespace dovetail {

/// Expected hypervolume improvement (Emmerich, Giannakoglou & Naujoks 2006), exact for independent
/// objectives: what a front does not dominate is cut into boxes, and the expected part of each that
/// a candidate takes is a product of differences of expected shortfalls. A front of more than
/// `kMostFrontPoints` is thinned by crowding distance, which bounds the cost.
std::unique_ptr<Acquisition> hypervolume_improvement(std::vector<std::vector<double>> front,
                                                     std::vector<double> reference);
inline constexpr std::size_t kMostFrontPoints = 64;

/// A box [low, high) of objectives; low may be -infinity.
struct Box {
  std::vector<double> low, high;
};
/// What lies below `reference` and is not dominated by `front`, as disjoint boxes. The front's
/// points need not be better than the reference.
std::vector<Box> non_dominated_boxes(const std::vector<std::vector<double>>& front,
                                     const std::vector<double>& reference);

}  // namespace dovetail
