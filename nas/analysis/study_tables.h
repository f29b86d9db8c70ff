#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/text/table.h"
#include "hw_space/design_space.h"
#include "nas/objective/evaluation.h"

namespace dovetail {

/// The figures that every table of trials shows: top-1, latency, energy, area.
std::span<const Figure* const> table_figures();

/// Those of a trial, as written there.
std::vector<std::string> figure_cells(const Evaluation& evaluation);

/// Columns of a table with `first`, those figures, and `last`.
std::vector<Table::Column> figure_columns(std::vector<Table::Column> first,
                                          const std::vector<Table::Column>& last = {});

/// `count` positions of `size`, evenly spread and with both ends; all if there are no more.
std::vector<std::size_t> evenly_spread(std::size_t size, std::size_t count);

/// "4x4 PEs, 4 lanes x 64 SIMD, 32 KiB RF, 2 MiB, 20 GB/s", and what else `space` (null: nothing)
/// decides: ", weights streamed".
std::string accelerator_summary(const AcceleratorConfig& accelerator, const DesignSpace* space);

}  // namespace dovetail
