#pragma once

#include "base/text/table.h"

namespace dovetail {

/// accelerator_parameters() for readers, a row a parameter: what `dovetail list parameters` prints
/// and docs/parameters.md has.
Table parameter_table();

}  // namespace dovetail
