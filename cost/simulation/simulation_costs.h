#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/process/worker_pool.h"
#include "cost/model/cost_model.h"
#include "cost/simulation/pair_simulator.h"

namespace dovetail {

struct SimulationOptions {
  std::string technology = "16nm";  // of areas and energies: name or file in configs/technology
  int workers = 1;                  // processes of this machine; 1: this one
  TaskRunner run;                   // who simulates instead, if not empty
  /// JSON text that goes with the job, for processes that know what the job is a part of.
  std::string purpose;
};

/// Simulates every pair. The processes that do it are started with the first pairs and stay for
/// those that follow; what is found does not depend on their number.
class SimulationCosts : public CostModel {
 public:
  /// Throws InputError for an unknown technology or fewer than one worker.
  SimulationCosts(PairDomain domain, SimulationOptions options);
  ~SimulationCosts() override;

  std::uint64_t stream(const PairStream& pairs) override;
  double area_mm2(const AcceleratorConfig& accelerator) const;

 private:
  std::uint64_t stream_here(const PairStream& pairs);
  std::uint64_t stream_elsewhere(const PairStream& pairs);

  SimulationOptions options_;
  PairSimulator simulator_;  // of this process
  std::string job_;          // for the others
  std::optional<WorkerPool> pool_;
};

}  // namespace dovetail
