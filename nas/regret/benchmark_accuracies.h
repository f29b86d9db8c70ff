#pragma once

#include <filesystem>
#include <vector>

#include "base/decision_space.h"

namespace dovetail {

/// Measured top-1 in percent of every point of `space`, by index, from a file as NAS-Bench-Macro
/// publishes it: a JSON object whose keys are one digit a decision (the number of the choice) and
/// whose values have `mean_acc`. Throws InputError naming the key that is missing or wrong.
std::vector<double> read_benchmark_accuracies(const std::filesystem::path& file,
                                              const DecisionSpace& space);

}  // namespace dovetail
