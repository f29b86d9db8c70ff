#include "base/files/descriptor.h"

#include <unistd.h>

namespace dovetail {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  close();
  fd_ = other.release();
  return *this;
}

int Descriptor::close() {
  return fd_ < 0 ? 0 : ::close(std::exchange(fd_, -1));
}

}  // namespace dovetail
