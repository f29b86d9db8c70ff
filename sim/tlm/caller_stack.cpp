#include "sim/tlm/caller_stack.h"

#if defined(__SANITIZE_ADDRESS__)
#define DOVETAIL_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DOVETAIL_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef DOVETAIL_ADDRESS_SANITIZER
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>

#include <cstddef>
#endif

namespace dovetail {

#ifdef DOVETAIL_ADDRESS_SANITIZER

namespace {

struct StackBounds {
  void* bottom = nullptr;
  std::size_t size_bytes = 0;

  StackBounds() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
    pthread_attr_getstack(&attributes, &bottom, &size_bytes);
    pthread_attr_destroy(&attributes);
  }
};

}  // namespace

void tell_sanitizer_of_callers_stack() {
  static thread_local const StackBounds stack;
  void* frames = nullptr;
  __sanitizer_start_switch_fiber(&frames, stack.bottom, stack.size_bytes);
  __sanitizer_finish_switch_fiber(frames, nullptr, nullptr);
}

#else

void tell_sanitizer_of_callers_stack() {}

#endif

}  // namespace dovetail
