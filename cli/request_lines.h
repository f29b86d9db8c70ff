#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dovetail {

/// Lines of standard input or a file, as many as have come: who asks one and waits has its answer,
/// who asks thousands has them answered many at a time.
class RequestLines {
 public:
  /// Of standard input, if `file` is empty. Throws InputError if it cannot be opened.
  explicit RequestLines(std::string file);
  ~RequestLines();
  RequestLines(const RequestLines&) = delete;
  RequestLines& operator=(const RequestLines&) = delete;

  /// At least one line, if there is one; nothing at the end or when the process is to stop. A last
  /// line need not have an end. Throws InputError if they cannot be read.
  std::vector<std::string> next();

 private:
  void read_more();
  void take(std::string_view bytes);
  void take_line();

  std::string name_;
  int descriptor_;
  std::vector<std::string> lines_;
  std::string rest_;  // of a line that has not ended
  bool ended_ = false;
};

bool is_blank(const std::string& line);

}  // namespace dovetail
