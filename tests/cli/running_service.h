#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/command_runner.h"

namespace dovetail::test {

/// A `dovetail serve` of this machine, for as long as the object lives.
class RunningService {
 public:
  explicit RunningService(std::vector<std::string> options = {},
                          const std::string& address = "127.0.0.1:0")
      : options_(std::move(options)) {
    start(address);
  }
  ~RunningService() { stop(SIGKILL); }
  RunningService(const RunningService&) = delete;
  RunningService& operator=(const RunningService&) = delete;

  const std::string& address() const { return address_; }

  /// How it ended and what it printed.
  CommandResult stop(int signal) {
    if (pid_ < 0) return {};
    ::kill(pid_, signal);
    const CommandResult result = command_.finish(pid_);
    pid_ = -1;
    return result;
  }
  void start_again() { start(address_); }
  pid_t pid() const { return pid_; }

 private:
  void start(const std::string& address) {
    std::vector<std::string> words{"serve", "--listen", address};
    words.insert(words.end(), options_.begin(), options_.end());
    const std::string start = "listening at ";
    pid_ = command_.start(words);
    std::string printed;
    while (printed.find('\n') == std::string::npos && command_.running(pid_)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      printed = command_.printed();
    }
    ASSERT_TRUE(printed.starts_with(start)) << printed;
    address_ = printed.substr(start.size(), printed.find('\n') - start.size());
  }

  CommandRunner command_;
  std::vector<std::string> options_;
  std::string address_;
  pid_t pid_ = -1;
};

}  // namespace dovetail::test
