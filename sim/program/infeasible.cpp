#include "sim/program/infeasible.h"

namespace dovetail {

std::string to_string(InfeasibleReason reason) {
  switch (reason) {
    case InfeasibleReason::kNone:
      return "none";
    case InfeasibleReason::kRegisterFileTooSmall:
      return "register_file_too_small";
    case InfeasibleReason::kLocalMemoryTooSmall:
      return "local_memory_too_small";
    case InfeasibleReason::kWeightsDoNotFit:
      return "weights_do_not_fit";
  }
  return "";
}

std::vector<InfeasibleReason> all_infeasible_reasons() {
  return {InfeasibleReason::kNone, InfeasibleReason::kRegisterFileTooSmall,
          InfeasibleReason::kLocalMemoryTooSmall, InfeasibleReason::kWeightsDoNotFit};
}

}  // namespace dovetail
