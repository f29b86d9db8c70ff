#include "base/process/message_stream.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::size_t kLengthDigits = 16;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;  // a length beyond it is no length

constexpr int kPollMilliseconds = 200;

/// Waits until something can be moved; false if that is no longer wanted. What is wrong with the
/// stream is found out when something is moved.
bool wait_for(int descriptor, short what, const KeepGoing& keep_going) {
  pollfd polled{descriptor, what, 0};
  while (polled.revents == 0) {
    if (::poll(&polled, 1, kPollMilliseconds) < 0 && errno != EINTR) return true;
    if (polled.revents == 0 && !keep_going()) return false;
  }
  return true;
}

bool send_all(int descriptor, const std::string& bytes, const KeepGoing& keep_going) {
  const int flags = MSG_NOSIGNAL | (keep_going ? MSG_DONTWAIT : 0);
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const char* rest = bytes.data() + sent;
    ssize_t count = ::send(descriptor, rest, bytes.size() - sent, flags);
    if (count < 0 && errno == ENOTSOCK) count = ::write(descriptor, rest, bytes.size() - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN && keep_going) {
      if (!wait_for(descriptor, POLLOUT, keep_going)) return false;
      continue;
    }
    if (count < 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

bool receive_all(int descriptor, char* at, std::size_t size, const KeepGoing& keep_going) {
  while (size > 0) {
    if (keep_going && !wait_for(descriptor, POLLIN, keep_going)) return false;
    const ssize_t got = ::read(descriptor, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

bool send_message(int descriptor, const WorkMessage& message, const KeepGoing& keep_going) {
  const std::string bytes = to_bytes(message);
  return send_all(descriptor, fmt::format("{:0{}x}", bytes.size(), kLengthDigits) + bytes,
                  keep_going);
}

std::optional<WorkMessage> receive_message(int descriptor, const KeepGoing& keep_going) {
  char digits[kLengthDigits];
  if (!receive_all(descriptor, digits, sizeof digits, keep_going)) return std::nullopt;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits, digits + sizeof digits, size, 16);
  if (error != std::errc() || end != digits + sizeof digits || size > kMostBytes) {
    throw RunError("found bytes that are no message of a worker");
  }
  std::string bytes(size, '\0');
  if (!receive_all(descriptor, bytes.data(), bytes.size(), keep_going)) return std::nullopt;
  return work_message(bytes);
}

void serve_stream(int in, int out, const WorkOfJob& work_of_job) {
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);  // an answer that nobody reads is the end, not a signal
  sigset_t interrupt;
  ::sigemptyset(&interrupt);
  ::sigaddset(&interrupt, SIGINT);
  ::sigprocmask(SIG_UNBLOCK, &interrupt, nullptr);  // blocked until it could be ignored
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  WorkServer server("", work_of_job);
  while (!server.ended()) {
    const auto message = receive_message(in);
    if (!message) return;  // also if the parent has died before the line that asks to die with it
    const auto answer = server.handle(*message);
    std::fflush(stdout);
    std::cout.flush();
    if (answer && !send_message(out, *answer)) return;
  }
}

}  // namespace dovetail
