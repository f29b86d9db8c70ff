#pragma once

#include <string>
#include <vector>

#include "nas/experiments/explore/choice.h"

namespace dovetail {

/// What a command line says of one accelerator for all networks.
struct ChoiceWords {
  std::vector<std::string> limits;   // "latency_ms@resnet18=5"
  std::vector<std::string> weights;  // "resnet18=2"
  std::vector<std::string> front;    // keys of figures; empty: the worst latency ratio, and area
  std::string choose;                // key of a figure; empty: nothing is chosen

  bool empty() const { return limits.empty() && weights.empty() && choose.empty(); }
};

/// One of the networks explored, as it was asked for and as it is called.
struct ExploredNetwork {
  std::string asked, name;
  double base_ms = Costs::kUnknown;  // its latency on what the space starts from, if it runs there
};

/// Throws InputError that names the option and what is allowed. Networks are compared with the
/// limits on their latency or, without, with what they take on what the space starts from.
ChoiceQuery read_choice(const ChoiceWords& words, const std::vector<ExploredNetwork>& networks);

/// The upper bound on the area that limits say, if they do: what is above need not be simulated.
std::optional<double> area_limit(const ChoiceQuery& query);

}  // namespace dovetail
