#pragma once

#include <optional>
#include <string>

namespace dovetail {

/// How mpirun or srun started this process together with others.
struct MpiLaunch {
  std::string variable;  // of the environment, that says so
  int processes = 0;     // at least 2
};

/// What the environment says, without touching MPI; nothing if this process was started alone.
std::optional<MpiLaunch> mpi_launch();

}  // namespace dovetail
