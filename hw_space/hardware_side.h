#pragma once

#include <memory>
#include <optional>

#include "hw_space/design_space.h"

namespace dovetail {

/// The accelerators of a study: a space of them, and the one that stands where hardware is fixed.
struct HardwareSide {
  std::shared_ptr<const DesignSpace> space;  // null if only `baseline` is used
  AcceleratorConfig baseline;
  /// `baseline` as a point of `space`, if it is one.
  std::optional<Choices> baseline_choices;
};

}  // namespace dovetail
