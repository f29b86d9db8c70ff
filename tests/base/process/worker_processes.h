#pragma once

#include <sys/types.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <string>

namespace dovetail::test {

/// Children of a process that still run.
inline std::set<pid_t> running_children(pid_t parent) {
  std::set<pid_t> children;
  std::error_code gone;  // processes come and go while we look
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid == 0) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string line;
    if (!std::getline(stat, line)) continue;
    // "PID (NAME) STATE PARENT ...", and the name may have blanks
    const std::size_t after_name = line.rfind(')');
    if (after_name == std::string::npos || after_name + 4 >= line.size()) continue;
    const char state = line[after_name + 2];
    if (state == 'Z' || state == 'X') continue;
    if (std::atoi(line.c_str() + after_name + 4) == parent) children.insert(pid);
  }
  return children;
}

}  // namespace dovetail::test
