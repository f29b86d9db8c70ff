#pragma once

namespace dovetail {

/// How much the mapper tries. Each effort tries all that the one below tries, and more, so that a
/// layer is never predicted slower.
///   1: tile counts 1, 2, 4, ...; each axis of the PE tile divides one dimension
///   2: also every tile count up to 16, and 3 * 2^n
///   3: also axes of the PE tile that divide two dimensions
inline constexpr int kMostMapperEffort = 3;

}  // namespace dovetail
