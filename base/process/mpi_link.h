#pragma once

#include <memory>

#include "base/process/mpi_launch.h"
#include "base/process/rank_pool.h"

namespace dovetail {

/// Loads and initialises MPI and links the processes of the launch; the end of the object finalises
/// it. Once in a process, which must not fork from then on. Throws InputError if this build has no
/// MPI (and says how to get it), or if MPI knows of another number of processes than the launcher.
std::unique_ptr<RankLink> connect_mpi(const MpiLaunch& launch);

}  // namespace dovetail
