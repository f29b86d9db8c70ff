#include "sim/program/infeasible.h"

#include <algorithm>
#include <array>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

const std::array<InfeasibleReasonInfo, 7> kReasons{{
    {InfeasibleReason::kNone, "none", "the network can run", ReasonSource::kMapper},
    {InfeasibleReason::kRegisterFileTooSmall, "register_file_too_small",
     "a unit's bank cannot hold a tap window of weights and an accumulator", ReasonSource::kMapper},
    {InfeasibleReason::kLocalMemoryTooSmall, "local_memory_too_small",
     "the smallest tile does not fit beside what must stay on chip", ReasonSource::kMapper},
    {InfeasibleReason::kWeightsDoNotFit, "weights_do_not_fit",
     "weights: cached was asked for and they do not fit", ReasonSource::kMapper},
    {InfeasibleReason::kOverMaxArea, "over_max_area",
     "the accelerator is larger than the limit, so that nothing was simulated",
     ReasonSource::kAreaLimit},
    {InfeasibleReason::kPredicted, "predicted to be infeasible",
     "a surrogate takes it for more likely than not", ReasonSource::kSurrogate},
    {InfeasibleReason::kTabled, "infeasible in a table", "a table says that it cannot run",
     ReasonSource::kTable},
}};

}  // namespace

std::span<const InfeasibleReasonInfo> infeasible_reasons() {
  return kReasons;
}

std::vector<InfeasibleReason> reasons_said_by(std::initializer_list<ReasonSource> sources) {
  std::vector<InfeasibleReason> reasons;
  for (const InfeasibleReasonInfo& row : kReasons) {
    const bool wanted = std::find(sources.begin(), sources.end(), row.said_by) != sources.end();
    if (wanted) reasons.push_back(row.reason);
  }
  return reasons;
}

std::string to_string(InfeasibleReason reason) {
  return kReasons.at(static_cast<std::size_t>(reason)).name;
}

InfeasibleReason infeasible_reason(const std::string& name) {
  std::vector<std::string> known;
  for (const InfeasibleReasonInfo& row : kReasons) {
    if (row.name == name) return row.reason;
    known.push_back(row.name);
  }
  throw InputError(unknown_name("reason", name, known));
}

}  // namespace dovetail
