#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// A program that answers each line it is sent by one line, and keeps what it has come to from one
/// to the next. It reads and writes at its standard input, which is a socket, and ends when that
/// closes.
class LineProgram {
 public:
  /// Throws RunError if it cannot be started.
  LineProgram(const std::string& program, std::vector<std::string> words);
  ~LineProgram();
  LineProgram(const LineProgram&) = delete;
  LineProgram& operator=(const LineProgram&) = delete;

  /// Throws RunError, with how it ended, if there comes no answer.
  std::string ask(const std::string& line);

 private:
  std::string program_;
  int socket_ = -1;
  int process_ = -1;
  std::string received_;
};

// The program's side.

/// Reads a line at standard input; false if there are no more.
bool read_request_line(std::string& line);
/// False if nobody reads.
bool write_answer_line(const std::string& line);

}  // namespace dovetail
