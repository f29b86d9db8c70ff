#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace dovetail {

/// Lets a file grow to so many bytes only, in this process and those it starts: what a full disk
/// looks like to the one who writes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// Root may write everywhere; for the time of this object it is somebody else.
class Unprivileged {
 public:
  Unprivileged() : user_(::geteuid()) {
    if (user_ == 0) done_ = ::seteuid(65534) == 0;
  }
  ~Unprivileged() {
    if (user_ == 0 && done_) done_ = ::seteuid(0) == 0;
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  bool done() const { return done_; }

 private:
  uid_t user_;
  bool done_ = true;
};

}  // namespace dovetail
