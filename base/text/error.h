#pragma once

#include <stdexcept>
#include <string>

namespace dovetail {

/// A place in a file that the user wrote. Lines and columns count from 1; 0 means unknown.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  /// "file:line:column", leaving out what is unknown; empty if there is no file.
  std::string str() const;
};

/// What the user gave cannot be used: a bad file, key, value, argument or name. The message is
/// complete (where, what was found, what is allowed, the nearest known name). The CLI exits with 2.
class InputError : public std::runtime_error {
 public:
  explicit InputError(const std::string& message) : std::runtime_error(message) {}
  InputError(const Location& where, const std::string& message);
};

/// The input was good but the run failed: disk full, a worker lost for good, a library refused.
/// The CLI exits with 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace dovetail
