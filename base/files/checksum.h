#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dovetail {

/// FNV-1a, 64 bits (Fowler, Noll, Vo), over any number of pieces. Every change of a single byte
/// changes it; it guards against accidents, not against forgers.
class Checksum {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      hash_ ^= static_cast<unsigned char>(c);
      hash_ *= 1099511628211ULL;
    }
  }
  /// 16 hexadecimal digits.
  std::string text() const;
  static std::string of(std::string_view bytes) {
    Checksum checksum;
    checksum.add(bytes);
    return checksum.text();
  }

 private:
  std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace dovetail
