#pragma once

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace dovetail {

/// While it lives, results and operands too small for a normal number count as 0.
///
/// The moments of a unit that has gone silent shrink by a factor in each step until they are
/// denormal, and then each operation on them takes a hundred times as long.
class FlushDenormals {
 public:
#ifdef __SSE2__
  FlushDenormals() : before_(_mm_getcsr()) {
    _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushDenormals() {
    _mm_setcsr(before_);
  }
#else
  FlushDenormals() {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

#ifdef __SSE2__
 private:
  static constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  unsigned before_;
#endif
};

}  // namespace dovetail
