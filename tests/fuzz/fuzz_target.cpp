// One fuzzer: DOVETAIL_CHECK is what it tries, DOVETAIL_CHECK_HEADER where that is.

#include <cstddef>
#include <cstdint>

#include DOVETAIL_CHECK_HEADER

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dovetail::DOVETAIL_CHECK({reinterpret_cast<const char*>(data), size});
  return 0;
}
