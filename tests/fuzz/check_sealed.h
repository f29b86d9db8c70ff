#pragma once

#include <string_view>

namespace dovetail {

/// As in check_input.h, of an HDF5 file of the schema that its seal names (data set, surrogate,
/// checkpoint or cost table), with the seal made right: what is read can be used, and written as
/// the same bytes. May leave files where temporary ones go, and nothing else.
void check_sealed(std::string_view content);

}  // namespace dovetail
