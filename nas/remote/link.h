#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// Which servers, and who asks them.
struct LinkOptions {
  std::vector<std::string> addresses;  // HOST:PORT; the next one after one that fails
  std::string client;                  // a name that all streams of one client share
  double timeout_s = 60;
  std::string token_file;  // may be empty
};

/// Answers the messages at `descriptor` as a worker does, with what a server answers. If all are
/// gone they are waited for, with growing pauses; then the task is answered with a GoneError.
void serve_link(int descriptor, const LinkOptions& options);

/// What the first server says of itself, as lines of text. Throws RunError if it cannot be reached.
std::string describe_server(const LinkOptions& options);

}  // namespace dovetail
