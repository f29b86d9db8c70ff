#pragma once

#include <string>

namespace dovetail {

// How the reasons of trainings begin that were ended before their last epoch on purpose, since more
// epochs would not have paid. What went wrong begins otherwise.

/// The loss is no finite number, or is_hopeless() says that it does no better than guessing.
inline constexpr const char* kDiverged = "diverged: ";
/// It is not expected to come to the best so far (curve_stop.h).
inline constexpr const char* kBehindTheBest = "learning curve: ";
/// It is not among the best that came so far (halving_rungs.h).
inline constexpr const char* kNotPromoted = "successive halving: ";

/// Whether the reason of a training that did not reach its last epoch is one of these.
bool ended_early(const std::string& reason);

}  // namespace dovetail
