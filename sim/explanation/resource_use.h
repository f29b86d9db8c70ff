#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/program/trace.h"
#include "sim/simulator.h"

namespace dovetail {

/// From when to when, in cycles since the run began; `end` is not part of it.
struct CycleWindow {
  std::int64_t begin = 0, end = 0;

  std::int64_t cycles() const { return end - begin; }
};

/// What one resource of the accelerator did in a window of time, whomever it served: of a layer's
/// window, what was fetched for later layers counts, and what was fetched earlier does not.
struct ResourceUse {
  std::string resource;          // "IO port"
  std::string unit;              // "B", "MACs", ...: of the amount
  std::string doing;             // behind the amount in a sentence: "of weights", "of inputs"
  double amount = 0;             // that it carried or did
  double most_per_cycle = 0;     // that it can; 0: has no limit of its own
  std::int64_t busy_cycles = 0;  // in which it worked

  /// What it did in the cycles that it worked.
  double per_cycle() const {
    return busy_cycles == 0 ? 0 : amount / static_cast<double>(busy_cycles);
  }
};

/// The window of layer `index`; the layers' windows follow each other without gaps.
CycleWindow window_of_layer(std::span<const TraceEvent> trace, std::size_t index);

/// What worked in a window, busiest first. `layers` are those whose window it is, all of the
/// network's or one; `attainable` is what lanes attain at most, in MACs a cycle.
std::vector<ResourceUse> resource_uses(std::span<const TraceEvent> trace, const CycleWindow& window,
                                       std::span<const LayerResult> layers,
                                       const AcceleratorConfig& accelerator, double attainable);

/// What bounds the window, in one sentence with its arithmetic: "bound by the IO port: 1.28 MB of
/// weights at 25 B a cycle: 51,200 of 52,040 cycles". Where the busiest resource works for less
/// than half of the cycles, it says that nothing is.
std::string bound_sentence(const ResourceUse& busiest, const CycleWindow& window);

/// "1.28 MB of weights at 25 B a cycle".
std::string amount_text(const ResourceUse& use);

}  // namespace dovetail
