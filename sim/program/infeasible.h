#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace dovetail {

/// Why a network cannot run on an accelerator, or why nobody tried. One coding from the mapper to
/// the files: the names are stable, and a row a pair holds the number of its code.
enum class InfeasibleReason {
  kNone,
  kRegisterFileTooSmall,
  kLocalMemoryTooSmall,
  kWeightsDoNotFit,
  kOverMaxArea,
  kPredicted,
  kTabled,
};

/// Who gives a reason.
enum class ReasonSource {
  kMapper,     // it looked for a way to run the network
  kAreaLimit,  // an exploration leaves the accelerator out
  kSurrogate,  // a prediction; the mapper was not asked
  kTable,      // which has no reasons
};

/// One row of the table of reasons.
struct InfeasibleReasonInfo {
  InfeasibleReason reason;
  std::string name;  // "local_memory_too_small"
  std::string meaning;
  ReasonSource said_by;
};
/// In the order of the codes.
std::span<const InfeasibleReasonInfo> infeasible_reasons();
/// The codes that these may give, in order; kNone is the mapper's.
std::vector<InfeasibleReason> reasons_said_by(std::initializer_list<ReasonSource> sources);

std::string to_string(InfeasibleReason reason);
/// Throws InputError for a name that to_string() does not give.
InfeasibleReason infeasible_reason(const std::string& name);

/// A result, not an error: the design cannot run, and why.
struct Infeasible {
  InfeasibleReason reason = InfeasibleReason::kNone;
  std::string text;  // what is needed and what there is
};

}  // namespace dovetail
