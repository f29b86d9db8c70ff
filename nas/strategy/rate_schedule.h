#pragma once

#include <cstddef>

namespace dovetail {

/// Learning rate of a policy over a search, as TuNAS has it (Bender et al., CVPR 2020): 0 at first,
/// then growing exponentially to the end.
struct RateSchedule {
  double first = 0;   // after the delay; 0: one for the number of steps
  double delay = 0;   // share of the steps
  double growth = 1;  // from then to the end

  /// At a step of so many; from the last on it stays. Of a search without an end, 0 steps, it is
  /// the first throughout.
  double at(std::size_t step, std::size_t steps) const;
};

}  // namespace dovetail
