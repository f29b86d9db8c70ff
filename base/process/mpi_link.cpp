#include "base/process/mpi_link.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <filesystem>

#include "base/text/error.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "dovetail_mpi.so";

/// Initialises MPI, once in a process. Defined in mpi_module.cpp.
using ConnectMpi = RankLink*();

ConnectMpi* load_module() {
  std::error_code error;
  const fs::path module = fs::read_symlink("/proc/self/exe", error).parent_path() / kModule;
  if (!fs::exists(module, error)) {
    throw InputError(fmt::format(
        "MPI: this build has none ({} is missing); install libboost-mpi-dev, libopenmpi-dev and "
        "openmpi-bin, then configure and build again (with DOVETAIL_MPI not OFF)",
        module.string()));
  }
  // Global: MPI loads plugins that look for its symbols. It is never unloaded.
  void* library = ::dlopen(module.c_str(), RTLD_NOW | RTLD_GLOBAL);
  void* connect = library != nullptr ? ::dlsym(library, "dovetail_connect_mpi") : nullptr;
  if (connect == nullptr) throw RunError(fmt::format("MPI: {}", ::dlerror()));
  return reinterpret_cast<ConnectMpi*>(connect);
}

}  // namespace

std::unique_ptr<RankLink> connect_mpi(const MpiLaunch& launch) {
  std::unique_ptr<RankLink> link(load_module()());
  if (link->size() == launch.processes) return link;
  throw InputError(fmt::format(
      "MPI: {} processes were started ({}) but MPI connects {} of them: under Slurm start them "
      "with srun --mpi=pmix ('srun --mpi=list' shows what there is), or with mpirun",
      launch.processes, launch.variable, link->size()));
}

}  // namespace dovetail
