#pragma once

#include <filesystem>
#include <string_view>

namespace dovetail {

/// A text file that only grows, by whole lines. What was added survives the end of the process.
class LineLog {
 public:
  /// Creates the file if it is missing. A last line without its end, left by a process that was
  /// killed while it wrote, is cut off. Throws InputError or RunError as write_file_atomically().
  explicit LineLog(const std::filesystem::path& file);
  ~LineLog();
  LineLog(const LineLog&) = delete;
  LineLog& operator=(const LineLog&) = delete;

  bool empty() const;
  /// Adds `lines`, each with its end: all or, with a RunError (disk full), none.
  void append(std::string_view lines);

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace dovetail
