#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cost/figures/set_figures.h"

namespace dovetail {

/// One of the networks or of the accelerators that a study is about at once.
struct StudySetItem {
  std::string name;
  std::string what;  // name or file; empty: the one that a candidate has
  double weight = 1;
  std::optional<double> latency_ms;  // a limit, and what latencies are compared with
};

/// `networks` and `targets` of a study: a candidate is every one of these networks on every one of
/// these accelerators. Of an empty list there is the candidate's own.
struct StudySet {
  std::vector<StudySetItem> networks, targets;

  bool empty() const { return networks.empty() && targets.empty(); }
  std::vector<const StudySetItem*> networks_or_own() const;
  std::vector<const StudySetItem*> targets_or_own() const;
  /// Of the member at a position of members_of().
  std::optional<double> limit_of(std::size_t member) const;
};

/// The pairs of a set, named NETWORK, TARGET or NETWORK@TARGET: the first network on every target,
/// then the second, ... Reference latencies are the limits; where a network is fixed and has none,
/// 1 until it has been simulated. None of an empty set.
std::vector<SetMember> members_of(const StudySet& set);

}  // namespace dovetail
