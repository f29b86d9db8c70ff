#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// Why a network cannot run on an accelerator. Codes are stable names for files and datasets.
enum class InfeasibleReason {
  kNone,
  kRegisterFileTooSmall,  // a unit's bank cannot hold a tap window of weights and an accumulator
  kLocalMemoryTooSmall,   // the smallest tile does not fit beside what must stay on chip
  kWeightsDoNotFit,       // weights: cached was asked for and they do not fit
};
std::string to_string(InfeasibleReason reason);
std::vector<InfeasibleReason> all_infeasible_reasons();

/// A result, not an error: the design cannot run, and why.
struct Infeasible {
  InfeasibleReason reason = InfeasibleReason::kNone;
  std::string text;  // what is needed and what there is
};

}  // namespace dovetail
