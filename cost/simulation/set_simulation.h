#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "cost/model/cost_model.h"
#include "cost/model/pair_set.h"
#include "cost/simulation/loose_simulation.h"
#include "cost/simulation/simulation_costs.h"

namespace dovetail {

/// Simulates all pairs that a candidate stands for, each once, however many candidates share it.
class SetSimulation : public CostModel {
 public:
  /// Throws InputError for an unknown technology or fewer than one worker.
  SetSimulation(PairDomain domain, PairSet set, const SimulationOptions& options);

  std::uint64_t stream(const PairStream& pairs) override;

 private:
  /// Network, its choices, accelerator, its choices; choices are empty where there are none.
  using Key = std::tuple<std::size_t, Choices, std::size_t, Choices>;

  std::vector<Key> keys_of(const Pair& pair) const;
  void ask(const std::vector<Pair>& pairs, const KeepGoing& keep_going);
  LoosePair loose_pair(const Key& key, const Pair& pair) const;
  /// Of pairs that are all known.
  PairCosts costs_of_keys(const std::vector<Key>& keys);

  PairDomain domain_;
  PairSet set_;
  std::string technology_;
  std::vector<NetworkSide> networks_;
  LooseSimulation simulation_;
  std::map<Key, PairCosts> known_;
};

}  // namespace dovetail
