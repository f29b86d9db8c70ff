#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/process/tasks.h"

namespace dovetail {

/// Runs `tasks` pieces of work in `workers` forked processes (the SystemC kernel is global, so
/// parallelism is processes) and hands the answers over in the order of the tasks.
///
/// `work(i)` runs in a worker and returns the bytes of answer i; it must depend on i alone.
/// `deliver(i, bytes)` runs in this process, for i = 0, 1, 2, ... whatever worker was faster, so
/// the output does not depend on the number of workers. A worker that dies is replaced and its
/// task tried again; a task on which three workers died throws RunError, which calls it
/// `name_of(i)` ("rows 250 to 499"), else "task i". An exception in a worker arrives here as an
/// exception of the same kind (InputError or RunError).
/// `keep_going()`, if given, is asked between answers, and while waiting for one several times a
/// second; on false the pool ends its workers and returns.
/// Returns the number of tasks delivered. With workers = 1 nothing is forked.
/// Must be called from a single-threaded process.
std::uint64_t run_in_workers(std::uint64_t tasks, int workers,
                             const std::function<std::string(std::uint64_t)>& work,
                             const std::function<void(std::uint64_t, const std::string&)>& deliver,
                             const std::function<bool()>& keep_going = {},
                             const std::function<std::string(std::uint64_t)>& name_of = {});

/// The same for a TaskRunner.
std::uint64_t run_in_workers(const Tasks& tasks, int workers);

/// Processors this process may use.
int available_processors();

}  // namespace dovetail
