#include "nas/experiments/regret/benchmark_accuracies.h"

#include <fmt/core.h>

#include <optional>

#include "base/text/error.h"
#include "models/accuracy/measured/measurement_file.h"

namespace dovetail {

std::vector<double> read_benchmark_accuracies(const std::filesystem::path& file,
                                              const NetworkSpace& space) {
  const DecisionSpace& decisions = space.decisions();
  const auto count = decisions.count();
  if (!count || *count > 1'000'000) {
    throw InputError("a benchmark of all networks takes at most a million points");
  }
  std::vector<std::optional<double>> measured(*count);
  for (const Measurement& row : read_measurements(file, space).rows) {
    std::optional<double>& top1 = measured[decisions.index_of(row.choices)];
    if (top1 && *top1 != row.top1_percent) {
      throw InputError(row.where, "network " + decisions.describe(row.choices) +
                                      " is there twice, with another accuracy");
    }
    top1 = row.top1_percent;
  }
  std::vector<double> all;
  for (std::uint64_t point = 0; point < *count; ++point) {
    const Choices choices = space.canonical(decisions.from_index(point));
    const std::optional<double>& top1 = measured[decisions.index_of(choices)];
    if (!top1) {
      throw InputError(Location{file.string()},
                       "network " + decisions.describe(choices) + " is missing");
    }
    all.push_back(*top1);
  }
  return all;
}

}  // namespace dovetail
