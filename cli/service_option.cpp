#include "cli/service_option.h"

#include <CLI/CLI.hpp>

#include "base/process/service_link.h"

namespace dovetail {

void add_service_option(CLI::App& command, std::string& service) {
  command.add_option("--service", service,
                     "Simulate at 'dovetail serve' under HOST:PORT, or several separated by "
                     "commas, --workers tasks at a time; changes no byte");
}

TaskRunner service_runner(const std::string& service, int workers) {
  return service.empty() ? TaskRunner() : run_at_service(read_service(service), workers);
}

}  // namespace dovetail
