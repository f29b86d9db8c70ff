#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace dovetail {

/// Gives memory at multiples of 64 bytes, a cache line and the widest vector register.
///
/// Vectorised arithmetic treats what lies before the first such address one by one, with other
/// rounding (square roots), and sums in another order. So the last digits of a result would depend
/// on where the heap happened to put a vector.
template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <typename U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kAlignment); }

  template <typename U>
  bool operator==(const CacheLineAllocator<U>&) const {
    return true;
  }
};

template <typename T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace dovetail
