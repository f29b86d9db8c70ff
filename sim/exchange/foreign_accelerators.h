#pragma once

#include <string>

#include "hw_space/accelerator_config.h"
#include "sim/silicon/technology.h"

namespace dovetail {

// An accelerator in the words of other tools, as near as their formats allow. What they cannot say
// stands in a comment at the head of each text: both tools see a hierarchy of memories above an
// array of multipliers, and nothing that a layer costs beside what passes through these.

/// For ZigZag (Mei et al., IEEE Transactions on Computers 2021; the format of its version 3.8,
/// whose memories have named ports): energies and areas are those of the technology.
std::string zigzag_yaml(const AcceleratorConfig& accelerator, const Technology& technology);

/// For Timeloop (Parashar et al., ISPASS 2019; format 0.4) with Accelergy, which finds energies and
/// areas itself.
std::string timeloop_yaml(const AcceleratorConfig& accelerator, const Technology& technology);

}  // namespace dovetail
