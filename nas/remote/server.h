#pragma once

#include <functional>
#include <string>

#include "nas/remote/service_options.h"

namespace dovetail {

/// Serves until `stopped` says so. `listening` is told the address once clients can come. Throws
/// InputError if there is no such address to listen at.
void serve_clients(const ServeOptions& options,
                   const std::function<void(const std::string& address)>& listening,
                   const std::function<bool()>& stopped);

}  // namespace dovetail
