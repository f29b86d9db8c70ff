#pragma once

namespace dovetail {

/// To be called where the SystemC kernel has returned. Kernels of SystemC 2.3.4 tell
/// AddressSanitizer which stack a process runs on, and of the stack of whoever called the kernel
/// that it has no bounds: exceptions thrown later would leave marks of frames that are gone,
/// reported as overflows of others. This says what the bounds are. Without AddressSanitizer it does
/// nothing.
void tell_sanitizer_of_callers_stack();

}  // namespace dovetail
