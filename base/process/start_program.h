#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// Starts a program whose standard input is `socket`, which it may write to as well; returns its
/// process. Ctrl-C reaches it only once it asks for that. Throws RunError if it cannot be started.
int start_program(const std::string& program, std::vector<std::string> words, int socket);

}  // namespace dovetail
