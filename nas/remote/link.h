#pragma once

#include <string>

namespace dovetail {

/// Which server, and who asks it.
struct LinkOptions {
  std::string address;  // HOST:PORT
  std::string client;   // a name that all streams of one client share
  double timeout_s = 60;
  std::string token_file;  // may be empty
};

/// Answers the messages at `descriptor` as a worker does, with what the server answers. A server
/// that is gone is waited for, with growing pauses; then the task is answered with a RunError.
void serve_link(int descriptor, const LinkOptions& options);

/// What the server says of itself, as lines of text. Throws RunError if it cannot be reached.
std::string describe_server(const LinkOptions& options);

}  // namespace dovetail
