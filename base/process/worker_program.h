#pragma once

#include <functional>

#include "base/process/tasks.h"

namespace dovetail {

/// Makes a process that answers messages at its end of a socket, and returns its id. Throws
/// RunError if there can be none.
using StartWorker = std::function<int(int socket)>;

/// Workers are the program `dovetail` itself, started anew as `dovetail worker`: they share nothing
/// with this process, which may have threads and any memory, and cost a few hundredths of a second
/// to start. The program is this one if use_this_program_for_workers() was called, else what the
/// environment variable DOVETAIL_PROGRAM names, else that of this build.
int start_worker_program(int socket);

/// The same; it takes no paths, only names (allow_names_only()).
int start_names_only_worker(int socket);

/// To be called by the main() of a program that serves at standard input when its first argument is
/// "worker" (serve_stream()).
void use_this_program_for_workers();

/// Workers are copies of this process with the work in their memory. Must be called from a
/// single-threaded process.
StartWorker fork_worker(Work work);

}  // namespace dovetail
