#pragma once

#include <string>

#include "base/process/tasks.h"

namespace CLI {
class App;
}

namespace dovetail {

/// --service HOST:PORT[,...]
void add_service_option(CLI::App& command, std::string& service);
/// Who simulates there, `workers` tasks at a time; empty if `service` is.
TaskRunner service_runner(const std::string& service, int workers);

}  // namespace dovetail
