#include "base/numbers/random.h"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace dovetail {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, odd

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit moves every output bit.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Fills the whole state of an engine from (seed, stream), as the standard's seed sequences do but
// without their loss of entropy.
class SeedSequence {
 public:
  using result_type = std::uint32_t;
  SeedSequence(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  template <typename Iterator>
  void generate(Iterator begin, Iterator end) {
    std::uint64_t counter = 0;
    std::uint64_t word = 0;
    for (bool low = true; begin != end; ++begin, low = !low) {
      if (low) word = mix(mix(seed_ + ++counter * kGolden) + stream_ * kGolden + kGolden);
      *begin = static_cast<result_type>(low ? word : word >> 32);
    }
  }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

std::mt19937_64 make_engine(std::uint64_t seed, std::uint64_t stream) {
  SeedSequence sequence(seed, stream);
  return std::mt19937_64(sequence);
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t stream) : engine_(make_engine(seed, stream)) {}

std::size_t Rng::index(std::size_t n) {
  return boost::random::uniform_int_distribution<std::size_t>(0, n - 1)(engine_);
}

double Rng::uniform() {
  return boost::random::uniform_01<double>()(engine_);
}

double Rng::normal() {
  return boost::random::normal_distribution<double>()(engine_);
}

}  // namespace dovetail
