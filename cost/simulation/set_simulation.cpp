#include "cost/simulation/set_simulation.h"

#include <algorithm>
#include <set>

namespace dovetail {
namespace {

/// Candidates that are asked about together: enough work for all workers, and few enough that
/// stopping loses little.
constexpr std::uint64_t kCandidatesTogether = 256;

}  // namespace

SetSimulation::SetSimulation(PairDomain domain, PairSet set, const SimulationOptions& options)
    : domain_(std::move(domain)),
      set_(std::move(set)),
      technology_(options.technology),
      simulation_(options.workers, options.run) {
  for (const std::shared_ptr<const Network>& network : set_.networks) {
    networks_.push_back(network ? NetworkSide{nullptr, {}, network} : domain_.network);
  }
  simulation_.area_mm2(domain_.hardware.baseline, technology_);  // throws for an unknown one
}

std::vector<SetSimulation::Key> SetSimulation::keys_of(const Pair& pair) const {
  std::vector<Key> keys;
  for (std::size_t n = 0; n < set_.networks.size(); ++n) {
    for (std::size_t a = 0; a < set_.accelerators.size(); ++a) {
      keys.emplace_back(n, set_.networks[n] ? Choices() : pair.network, a,
                        set_.accelerators[a] ? Choices() : pair.hardware);
    }
  }
  return keys;
}

LoosePair SetSimulation::loose_pair(const Key& key, const Pair& pair) const {
  const auto& [n, network, a, hardware] = key;
  LoosePair loose;
  loose.network = n;
  if (networks_[n].space) loose.choices = network;
  loose.accelerator = set_.accelerators[a] ? *set_.accelerators[a] : domain_.accelerator_of(pair);
  loose.technology = technology_;
  return loose;
}

void SetSimulation::ask(const std::vector<Pair>& pairs, const KeepGoing& keep_going) {
  std::vector<Key> missing;
  std::vector<LoosePair> loose;
  std::set<Key> asked;
  for (const Pair& pair : pairs) {
    for (const Key& key : keys_of(pair)) {
      if (known_.contains(key) || !asked.insert(key).second) continue;
      missing.push_back(key);
      loose.push_back(loose_pair(key, pair));
    }
  }
  const std::vector<LooseCosts> found = simulation_.costs(networks_, loose, keep_going);
  for (std::size_t i = 0; i < found.size(); ++i) known_.emplace(missing[i], found[i].found);
}

PairCosts SetSimulation::costs_of_keys(const std::vector<Key>& keys) {
  PairCosts set;
  std::vector<const Costs*> costs;
  for (const Key& key : keys) {
    PairCosts& found = known_.at(key);
    set.seconds += found.seconds;
    found.seconds = 0;  // from now on it is known
    if (found.failure) set.failure = found.failure;
    costs.push_back(&found.costs);
  }
  if (!set.failure) set.costs = costs_of_set(set_.members, set_.figures, costs);
  return set;
}

std::uint64_t SetSimulation::stream(const PairStream& pairs) {
  for (std::uint64_t first = 0; first < pairs.count; first += kCandidatesTogether) {
    std::vector<Pair> some;
    for (std::uint64_t i = first; i < std::min(pairs.count, first + kCandidatesTogether); ++i) {
      some.push_back(pairs.pair(i));
    }
    ask(some, pairs.keep_going);
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::vector<Key> keys = keys_of(some[i]);
      const bool all = std::ranges::all_of(keys, [&](const Key& k) { return known_.contains(k); });
      if (!all) return first + i;
      pairs.deliver(first + i, some[i], costs_of_keys(keys));
    }
    if (pairs.keep_going && !pairs.keep_going()) return first + some.size();
  }
  return pairs.count;
}

}  // namespace dovetail
