#pragma once

#include <cstddef>
#include <string>

namespace dovetail {

/// What `dovetail serve` tells the program that serves.
struct ServeOptions {
  std::string listen = "127.0.0.1:50051";  // HOST:PORT; port 0: any that is free
  std::string token_file;                  // holds what clients must know; empty: they need not
  int workers = 1;
  int most_streams = 1024;  // at a time; a client has one a worker of its own
  int most_message_mib = 64;
  double task_seconds = 600;
  std::size_t cache_mib = 256;
};

/// One word of a command line.
std::string to_text(const ServeOptions& options);
/// Throws InputError for a text that to_text() does not give.
ServeOptions serve_options(const std::string& text);

}  // namespace dovetail
