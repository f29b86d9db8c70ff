#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process/tasks.h"

namespace dovetail {

/// Where simulation is a service (docs/howto_service.md), and how it is asked.
struct ServiceSettings {
  std::vector<std::string> addresses;  // HOST:PORT each; streams are spread over them
  double timeout_s = 60;               // for a server that cannot be reached
  std::filesystem::path token_file;    // holds the token that the servers want; may be empty
};

bool is_service(const std::string& text);
/// HOST:PORT, where port 0 stands for any that is free.
bool is_listen_address(const std::string& text);
/// What to say of a text that is none.
std::string service_refusal(const std::string& text);
/// Reads "HOST:PORT" or several of them, separated by commas. The token file is that of
/// $DOVETAIL_SERVICE_TOKEN_FILE and the timeout that of $DOVETAIL_SERVICE_TIMEOUT_S, if they are
/// set. Throws InputError.
ServiceSettings read_service(const std::string& text);

/// The token in a file, without the end of its line. Throws InputError if there is none.
std::string read_token(const std::string& file);

/// A TaskRunner whose tasks are done at the service, `streams` at a time: by processes
/// `dovetail_service link` that pass them on, so that this one never loads the network's library.
/// If the servers are gone for too long it ends early, with request_stop(), where tasks may end
/// early, and throws GoneError where they have no `keep_going`. Throws InputError if this build has
/// no such program.
TaskRunner run_at_service(const ServiceSettings& settings, int streams);

/// The program that serves and passes on: beside this one, else that of the build.
std::filesystem::path service_program();

}  // namespace dovetail
