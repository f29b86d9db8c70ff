#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hw_space/hardware_side.h"
#include "models/network/space/network_side.h"
#include "nas/space/side_candidates.h"
#include "nas/strategy/strategy.h"

namespace dovetail {

/// Which sides a search decides; the other side is fixed.
enum class Scope { kJoint, kNetwork, kHardware };
std::string to_string(Scope scope);

/// A point of a search space, taken apart.
struct Candidate {
  Choices network;   // in the network space, canonical; empty if there is none
  Choices hardware;  // in the design space; empty if the accelerator is not a point of one
  AcceleratorConfig accelerator;
};

/// What a strategy decides about: the decisions of the network space (named "net.X") and of the
/// design space ("hw.X"), of the sides that `scope` searches.
class SearchSpace : public SearchDomain {
 public:
  /// Throws InputError if `scope` searches a side that has no space or fixes one that has no
  /// fixed point, and for limits that candidates_within() refuses; those on decisions that the
  /// scope does not search are ignored.
  SearchSpace(NetworkSide network, HardwareSide hardware, Scope scope,
              std::vector<DecisionLimit> limits = {});
  /// What a phase of a search here decides, within the same limits. A side that it does not search
  /// is that of `fixed` or, without it, as it is here.
  SearchSpace phase(Scope scope, const std::optional<Candidate>& fixed) const;

  const DecisionSpace& decisions() const override { return decisions_; }
  std::vector<bool> active(const Choices& choices) const override;
  /// Where only some points may be asked for (NetworkSide::points, limits): the nearest of each
  /// side.
  Choices candidate(const Choices& choices) const override;
  std::optional<std::uint64_t> count() const override;
  Choices point(std::uint64_t index) const override;
  double cardinality() const override;
  Choices sample(Rng& rng) const override;
  std::vector<Choices> neighbours(const Choices& choices) const override;
  /// Throws InputError if one of its sides is not to be asked for. `choices` are a point of this
  /// space.
  void require_candidate(const Choices& choices) const;

  Candidate decode(const Choices& choices) const;
  /// The point of this space, canonical, that has the candidate's choices on the sides searched.
  Choices encode(const Candidate& candidate) const;
  Network build_network(const Choices& choices) const;

  Scope scope() const { return scope_; }
  const NetworkSide& network() const { return network_; }
  const HardwareSide& hardware() const { return hardware_; }

 private:
  bool searches_network() const { return scope_ != Scope::kHardware; }
  bool searches_hardware() const { return scope_ != Scope::kNetwork; }
  std::size_t network_decisions() const;
  /// Of a point of this space; empty if there is no network space.
  Choices network_part(const Choices& choices) const;
  Choices hardware_part(const Choices& choices) const;

  NetworkSide network_;
  HardwareSide hardware_;
  Scope scope_;
  std::vector<DecisionLimit> limits_;
  DecisionSpace decisions_;
  std::shared_ptr<const SideCandidates> networks_, accelerators_;  // null: not searched
};

}  // namespace dovetail
