#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/process/worker_pool.h"
#include "cost/simulation/loose_pairs.h"

namespace dovetail {

/// Simulates loose pairs, in other processes of this machine where there are several. What is found
/// does not depend on their number.
class LooseSimulation {
 public:
  /// Throws InputError for fewer than one worker. 1: this process alone. `run`: who simulates
  /// instead, so many tasks at a time, if not empty.
  explicit LooseSimulation(int workers, TaskRunner run = {});

  /// One for each pair, in their order; of the first few only if `keep_going` said no. `networks`
  /// are those that pairs name by their position: asked again with the same, workers need not be
  /// told them again.
  std::vector<LooseCosts> costs(std::span<const NetworkSide> networks,
                                std::span<const LoosePair> pairs, const KeepGoing& keep_going = {});
  double area_mm2(const AcceleratorConfig& accelerator, const std::string& technology) {
    return simulator_.area_mm2(accelerator, technology);
  }

 private:
  std::vector<LooseCosts> costs_here(std::span<const NetworkSide> networks,
                                     std::span<const LoosePair> pairs, const KeepGoing& keep_going);

  LooseSimulator simulator_;  // of this process
  std::vector<NetworkSide> told_;
  std::string job_;  // that tells them
  int workers_;
  TaskRunner run_;
  std::optional<WorkerPool> pool_;
};

}  // namespace dovetail
