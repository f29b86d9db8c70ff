#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace dovetail {

/// Random numbers that are the same on every machine and standard library: std::mt19937_64 is
/// specified bit for bit, and the distributions here are Boost.Random's, not the library's own.
///
/// `stream` names an independent sequence of the same seed (row number, worker task, ...), so that
/// what is drawn for row i does not depend on who computes it.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  /// Uniform integer in [0, n); n >= 1.
  std::size_t index(std::size_t n);
  /// Uniform real in [0, 1).
  double uniform();
  /// Standard normal.
  double normal();
  /// Puts the values into a random order, each order being equally likely (Fisher and Yates).
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[index(i)]);
  }
  /// 64 random bits.
  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace dovetail
