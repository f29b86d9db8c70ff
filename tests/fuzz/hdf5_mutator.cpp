// Changes of a sealed file that keep its length: offsets and lengths in it stay, so that more than
// the first of them is looked at. The seal is made right by whoever reads it (check_sealed.cpp).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max);

namespace {

constexpr std::size_t kSealBytes = 512;  // base/files/hdf5_file.h
constexpr std::array<std::uint64_t, 10> kNumbers = {
    0, 1, 2, 8, 255, 512, 65536, 1U << 31, ~std::uint64_t{0}, std::uint64_t{1} << 63};

/// A number of 1, 2, 4 or 8 bytes at a multiple of its size, where the format has them.
void change_number(std::uint8_t* data, std::size_t size, std::minstd_rand& random) {
  const std::size_t bytes = std::size_t{1} << random() % 4;
  const std::size_t at = kSealBytes + random() % ((size - kSealBytes) / bytes) * bytes;
  std::uint64_t number = 0;
  std::memcpy(&number, data + at, bytes);
  const unsigned how = random() % 4;
  if (how == 0) number = kNumbers[random() % kNumbers.size()];
  if (how == 1) number += random() % 2 == 0 ? 1 : ~std::uint64_t{0};
  if (how == 2) number ^= std::uint64_t{1} << random() % (8 * bytes);
  if (how == 3) std::memcpy(&number, data + kSealBytes + random() % (size - kSealBytes - 8), 8);
  std::memcpy(data + at, &number, bytes);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max, unsigned seed) {
  if (size < kSealBytes + 64) return LLVMFuzzerMutate(data, size, max);
  std::minstd_rand random(seed);
  if (random() % 8 == 0) {  // anything, behind the seal
    return kSealBytes + LLVMFuzzerMutate(data + kSealBytes, size - kSealBytes, max - kSealBytes);
  }
  for (unsigned i = 0; i <= random() % 4; ++i) change_number(data, size, random);
  return size;
}
