#pragma once

#include "cost/figures/figures.h"

namespace dovetail {

/// Throws InputError, with the figure's key, for a value that no pair can have: what is not finite,
/// less than nothing, or more than all (of a share in percent). For figures that come from a file.
void require_in_range(const Figure& figure, double value);

}  // namespace dovetail
