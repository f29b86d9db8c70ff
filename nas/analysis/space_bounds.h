#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "hw_space/design_space.h"

namespace dovetail {

/// A parameter of which some accelerators all have the smallest, or all the largest of its choices.
struct ParameterAtBound {
  std::size_t decision = 0;     // of the design space
  bool largest = false;         // else the smallest
  bool nothing_beyond = false;  // no hardware has less (or more), so no larger space has

  bool operator==(const ParameterAtBound&) const = default;
};

/// In the order of the space's decisions. A choice among names has no bounds, and of a parameter
/// with one choice nothing is said; of no accelerators neither.
std::vector<ParameterAtBound> parameters_at_bound(const DesignSpace& space,
                                                  std::span<const Choices> accelerators);

/// For the terminal, a line each: "all 14 designs of the front have the smallest register_file_kib
/// (8 KiB per lane): the space ends where the optimum may not". `best` are the accelerators of
/// designs, one a design; `whose` is "the front".
std::string bounds_text(const DesignSpace& space, std::span<const Choices> best,
                        const std::string& whose);

}  // namespace dovetail
