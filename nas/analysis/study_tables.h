#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/text/csv.h"
#include "base/text/table.h"
#include "hw_space/design_space.h"
#include "nas/objective/objective.h"

namespace dovetail {

/// The figures that every table of trials shows: top-1, latency, energy, area; and those of a set
/// that the objective is about.
std::vector<const Figure*> table_figures(const Objective& objective);

/// Those of a trial, as written there.
std::vector<std::string> figure_cells(const Evaluation& evaluation, const Objective& objective);

/// Columns of a table with `first`, those figures, and `last`.
std::vector<Table::Column> figure_columns(const Objective& objective,
                                          std::vector<Table::Column> first,
                                          const std::vector<Table::Column>& last = {});

/// What the study is after, as notes of a CSV file: which metrics its front maximises and
/// minimises, each constraint, each target of the reward. Pictures take their axes and limits from
/// there.
void note_objective(CsvWriter& csv, const Objective& objective);

/// `count` positions of `size`, evenly spread and with both ends; all if there are no more.
std::vector<std::size_t> evenly_spread(std::size_t size, std::size_t count);

/// "4x4 PEs, 4 lanes x 64 SIMD, 32 KiB RF, 2 MiB, 20 GB/s", and what else `space` (null: nothing)
/// decides: ", weights streamed".
std::string accelerator_summary(const AcceleratorConfig& accelerator, const DesignSpace* space);

}  // namespace dovetail
