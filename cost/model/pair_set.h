#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cost/figures/set_figures.h"
#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// Pairs that a candidate stands for at once: every network of a list on every accelerator of
/// another. What is not fixed is the candidate's own.
struct PairSet {
  std::vector<std::shared_ptr<const Network>> networks;        // null: that of the candidate
  std::vector<std::optional<AcceleratorConfig>> accelerators;  // nothing: that of the candidate
  /// The first network on every accelerator, then the second, ...
  std::vector<SetMember> members;
  std::vector<SetFigure> figures;  // that are said of the set

  bool empty() const { return members.empty(); }
};

}  // namespace dovetail
