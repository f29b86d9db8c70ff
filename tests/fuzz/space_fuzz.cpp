#include <cstddef>
#include <cstdint>

#include "tests/fuzz/check_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dovetail::check_space_yaml({reinterpret_cast<const char*>(data), size});
  return 0;
}
