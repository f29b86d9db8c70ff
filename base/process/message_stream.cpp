#include "base/process/message_stream.h"

#include <fmt/core.h>
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

bool send_all(int descriptor, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const char* rest = bytes.data() + sent;
    ssize_t count = ::send(descriptor, rest, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == ENOTSOCK) count = ::write(descriptor, rest, bytes.size() - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

bool receive_all(int descriptor, char* at, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(descriptor, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

bool send_message(int descriptor, const WorkMessage& message) {
  const std::string bytes = to_bytes(message);
  return send_all(descriptor, fmt::format("{:0{}x}", bytes.size(), kLengthDigits) + bytes);
}

std::optional<WorkMessage> receive_message(int descriptor) {
  char digits[kLengthDigits];
  if (!receive_all(descriptor, digits, sizeof digits)) return std::nullopt;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits, digits + sizeof digits, size, 16);
  if (error != std::errc() || end != digits + sizeof digits || size > kMostBytes) {
    throw RunError("found bytes that are no message of a worker");
  }
  std::string bytes(size, '\0');
  if (!receive_all(descriptor, bytes.data(), bytes.size())) return std::nullopt;
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
