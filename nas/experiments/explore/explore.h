#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/process/tasks.h"
#include "cost/figures/figures.h"
#include "hw_space/design_space.h"
#include "models/network/layers/network.h"

namespace dovetail {

// Each configuration has a reason and pair_figures(): columns of the files, and what a front may
// minimise. All are better when smaller.

/// One of pair_figures(); throws InputError naming the nearest known key.
const Figure& find_pair_figure(const std::string& key);

/// What may become of a configuration: what the mapper says, and that its area is above the limit.
std::vector<InfeasibleReason> explored_reasons();

struct ExploreOptions {
  std::string technology = "16nm";     // of the areas: name or file
  std::optional<double> max_area_mm2;  // configurations above it are not simulated
  int workers = 1;
  TaskRunner run = {};  // who simulates; if empty, `workers` processes of this machine
};

/// Told how many configurations are done, after each few and several times a second; false stops.
using ExploreProgress = std::function<bool(const std::vector<Costs>& points)>;

/// Continues `points` with the next configurations of the space (point i is that of index i), in
/// `workers` processes, until all are there or `progress` says stop. The result does not depend on
/// the number of workers, nor on those that die and are replaced. Throws InputError if the space
/// has more points than can be enumerated.
void explore(std::vector<Costs>& points, const Network& network, const DesignSpace& space,
             const ExploreOptions& options, const ExploreProgress& progress);

struct ExploreFileOptions {
  ExploreOptions explore;
  bool resume = false;
  double checkpoint_seconds = 30;
};

/// explore() into FOLDER/NETWORK.csv (exploration_file.h), written when all is done. What there is
/// when it stops or fails, and every `checkpoint_seconds`, is in NETWORK.csv.part; `resume` goes on
/// from there, or keeps a finished file, after simulating the last configuration again. Throws
/// InputError if those files are of another network, space, technology, limit or build. Without
/// `resume` they are replaced.
std::vector<Costs> explore_file(const std::filesystem::path& folder, const Network& network,
                                const DesignSpace& space, const ExploreFileOptions& options,
                                const ExploreProgress& progress);

}  // namespace dovetail
