#include "models/training/job/early_end.h"

namespace dovetail {

bool ended_early(const std::string& reason) {
  return reason.starts_with(kDiverged) || reason.starts_with(kBehindTheBest) ||
         reason.starts_with(kNotPromoted);
}

}  // namespace dovetail
