#include "base/process/mpi_launch.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace dovetail {
namespace {

/// The first that is set counts: mpirun under Slurm sets its own beside those of the allocation.
/// (SLURM_NTASKS is also set in a batch script, which is one process.)
constexpr const char* kVariables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};

}  // namespace

std::optional<MpiLaunch> mpi_launch() {
  for (const char* variable : kVariables) {
    const char* value = std::getenv(variable);
    if (value == nullptr) continue;
    const std::string_view text(value);
    int processes = 0;
    std::from_chars(text.data(), text.data() + text.size(), processes);
    if (processes > 1) return MpiLaunch{variable, processes};
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace dovetail
